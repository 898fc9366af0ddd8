"""One strong paper from outside the topics: only when it is strong, and only beside others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.compose import compose_due
from digest.compose.outside_topics import FEWEST_BESIDE, STRONG_TREND, STRONG_VOTES
from digest.models import Delivery, Edition, Paper
from digest.render import Typesetter
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def news(query: str = "", at: Any = NOW, strength: float = 1.0, **fields: Any) -> Paper:
    paper = make_paper(news_at=at, first_seen_at=at, published_at=at, matched_at=at, **fields)
    if query:
        make_match(paper, query, strength)
    return paper


def strong(query: str = "", **fields: Any) -> Paper:
    parts = {"votes": STRONG_VOTES, "trend": STRONG_TREND, "days": 1, "place": 1, "among": 9}
    defaults: dict[str, Any] = {"trend": STRONG_TREND, "trend_parts": parts}
    return news(query, **(defaults | fields))


def reader_of(*queries: str, **fields: Any) -> Subscriber:
    """A reader who had a digest the day before."""
    reader = make_reader(*queries, **fields)
    told(reader, 1)
    return reader


def told(reader: Subscriber, days_ago: int, *papers: Paper) -> Delivery:
    at = NOW - days_ago * DAY
    items = [{"id": paper.pk, "section": "new", "topics": []} for paper in papers]
    return make_delivery(
        subscriber=reader,
        edition=Edition.objects.get_or_create(date=at.date())[0],
        covers_until=at,
        status="sent",
        sent_at=at,
        contents={"papers": items},
    )


def sections(reader: Subscriber) -> list[tuple[int, str]]:
    compose_due(NOW)
    delivery = reader.deliveries.latest("covers_until")
    return [(item["id"], item["section"]) for item in delivery.contents["papers"]]


def test_it_comes_last_labelled_and_with_its_evidence() -> None:
    reader, mine, other = reader_of("robots"), news("robots"), strong()
    strong(trend=STRONG_TREND - 0.01)
    assert sections(reader) == [(mine.pk, "new"), (other.pk, "everywhere")]
    delivery = reader.deliveries.latest("covers_until")
    item = delivery.contents["papers"][-1]
    assert (item["topics"], item["evidence"]) == ([], f"{STRONG_VOTES} votes")
    [message] = Typesetter().render_all([delivery])
    assert message
    assert "Trending everywhere" in message.body
    assert other.title in message.body


@pytest.mark.parametrize(
    "fields",
    [
        {"trend": STRONG_TREND - 0.01},
        {"trend_parts": {"votes": STRONG_VOTES - 1}},
        {"at": NOW - 4 * DAY},
    ],
)
def test_what_is_not_really_strong_or_not_of_these_days_does_not_come(
    fields: dict[str, Any],
) -> None:
    reader, mine = reader_of("robots"), news("robots")
    strong(**fields)
    assert sections(reader) == [(mine.pk, "new")]


def test_a_quiet_day_stays_quiet() -> None:
    reader = reader_of("robots")
    strong()
    assert sections(reader) == []
    assert reader.deliveries.latest("covers_until").quiet_reason == "no_match"


def test_who_does_not_want_it_does_not_get_it() -> None:
    reader, mine = reader_of("robots", wants_everywhere=False), news("robots")
    strong()
    assert sections(reader) == [(mine.pk, "new")]


def test_a_first_digest_holds_only_what_was_asked_for() -> None:
    reader, mine = make_reader("robots"), news("robots")
    strong()
    assert sections(reader) == [(mine.pk, "new")]


def test_a_muted_paper_and_one_of_their_own_topics_give_way_to_the_next() -> None:
    reader, mine = reader_of("robots", mutes=("surveys",)), news("robots")
    strong("surveys", trend=9)
    own = strong("robots", trend=8)
    other = strong(trend=7)
    assert sections(reader) == [
        (own.pk, "trending"),
        (mine.pk, "new"),
        (other.pk, "everywhere"),
    ]


def test_what_was_sent_before_does_not_come_from_everywhere() -> None:
    reader, mine = reader_of("robots"), news("robots")
    had = strong(at=NOW - 2 * DAY)
    told(reader, 2, had)  # under a topic that they gave up since
    assert sections(reader) == [(mine.pk, "new")]


def test_what_came_from_everywhere_does_not_come_again_in_a_new_topic() -> None:
    reader, mine, other = reader_of("robots"), news("robots"), strong()
    assert sections(reader)[-1] == (other.pk, "everywhere")
    make_match(other, "robots")
    Paper.objects.filter(pk=other.pk).update(news_at=NOW + DAY)
    compose_due(NOW + DAY)
    last = reader.deliveries.latest("covers_until")
    assert (last.status, last.quiet_reason, mine.pk) == ("quiet", "sent_before", mine.pk)


def test_a_full_digest_gives_its_last_place_but_none_that_is_trending() -> None:
    full = FEWEST_BESIDE + 1
    reader = reader_of("robots", max_papers=full)
    trending = reader_of("rockets", max_papers=full)
    small = reader_of("robots", max_papers=FEWEST_BESIDE)
    papers = [news("robots", strength=9 - n) for n in range(full)]
    rockets = [news("rockets", trend=1.0) for _ in range(full)]
    other = strong()
    found = sections(reader)
    assert found == [*((p.pk, "new") for p in papers[:-1]), (other.pk, "everywhere")]
    assert {pk for pk, _ in sections(trending)} == {paper.pk for paper in rockets}
    assert sections(small) == [(p.pk, "new") for p in papers[:FEWEST_BESIDE]]
