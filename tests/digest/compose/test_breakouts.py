"""A paper of ten days ago that breaks out now comes once more, says why, and never a third time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.compose import compose_due
from digest.compose.breakouts import BREAKOUT_FACTOR, BREAKOUT_VELOCITY, FEWEST_BESIDE, is_breakout
from digest.deliver.audit import audit
from digest.models import Delivery, Edition, Paper, SentBreakout, Snapshot, Source, TrendParts
from digest.score import score_papers
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader, make_source

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SENT_ON = NOW - 10 * DAY  # 12 April


def told(reader: Subscriber, at: Any, *papers: Paper, **fields: Any) -> Delivery:
    """A digest that left at that moment; `nearly` ones had no room in it."""
    nearly = fields.pop("nearly", [])
    items = [{"id": paper.pk, "section": "new", "topics": []} for paper in papers]
    return make_delivery(
        subscriber=reader,
        edition=Edition.objects.get_or_create(date=at.date())[0],
        covers_until=at,
        contents={"papers": items, "nearly": [paper.pk for paper in nearly]},
        **({"status": "sent", "sent_at": at} | fields),
    )


def old_paper(votes: dict[int, int], query: str = "robots", at: Any = SENT_ON) -> Paper:
    """A paper on Hugging Face's list of 12 April; `votes` by days before NOW."""
    hf = make_source(kind="huggingface")
    paper = make_paper(hf, news_at=at, first_seen_at=at, published_at=at, matched_at=at)
    make_match(paper, query)
    for days, count in votes.items():
        Snapshot.objects.create(paper=paper, taken_at=NOW - days * DAY, upvotes=count)
    return paper


def breaking_out(**fields: Any) -> Paper:
    paper = old_paper({10: 3, 2: 23, 1: 25, 0: 183}, **fields)
    score_papers(NOW)
    return paper


def reader_of(paper: Paper | None, **fields: Any) -> Subscriber:
    reader = make_reader("robots", **fields)
    told(reader, SENT_ON, *([paper] if paper else []))
    told(reader, NOW - DAY)
    return reader


def composed(reader: Subscriber, now: Any = NOW) -> Delivery:
    Source.objects.update(last_fetched_at=now)
    compose_due(now)
    delivery = reader.deliveries.get(covers_until=now)
    if delivery.status == "planned":
        Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=now)
    return delivery


def sections(delivery: Delivery) -> list[tuple[int, str]]:
    return [(item["id"], item["section"]) for item in delivery.contents["papers"]]


def test_it_says_how_many_votes_came_since_it_was_sent() -> None:
    paper = breaking_out()
    delivery = composed(reader_of(paper))
    [item] = delivery.contents["papers"]
    assert (item["id"], item["section"]) == (paper.pk, "again")
    assert item["evidence"] == (
        "+180 votes since we sent it on 12 April, 158 of them since yesterday"
    )
    assert item["topics"][0][1:] == ["robots", "robots"]


def test_it_comes_behind_what_is_trending_and_before_what_is_new() -> None:
    paper = breaking_out()
    reader = reader_of(paper)
    first = {"votes": 9, "place": 1, "among": 9}
    new, trending = (
        make_paper(trend=trend, trend_parts=first | {"trend": trend}) for trend in (0, 2.0)
    )
    for other in (new, trending):
        make_match(other, "robots")
    assert sections(composed(reader)) == [
        (trending.pk, "trending"),
        (paper.pk, "again"),
        (new.pk, "new"),
    ]


def test_it_comes_once_more_and_never_a_third_time() -> None:
    week_ago = NOW - 7 * DAY
    paper, reader = breaking_out(at=week_ago), make_reader("robots")
    told(reader, week_ago, paper)
    assert sections(composed(reader)) == [(paper.pk, "again")]
    for days in (1, 2, 6):  # on the last of them the second mail is as old as the first was
        now = NOW + days * DAY
        Snapshot.objects.create(paper=paper, taken_at=now, upvotes=183 + 900 * days)
        score_papers(now)
        assert composed(reader, now).quiet_reason == "nothing_new"
    assert not [finding for finding in audit(NOW) if finding.broken]
    with pytest.raises(IntegrityError), transaction.atomic():
        SentBreakout.objects.create(
            subscriber=reader, paper=paper, delivery=reader.deliveries.latest("pk")
        )


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_where_the_mail_never_left_it_is_tried_once_more(status: str) -> None:
    paper = breaking_out()
    reader = reader_of(paper)
    composed(reader)
    Delivery.objects.filter(covers_until=NOW).update(status=status, sent_at=None)
    later = NOW + timedelta(hours=23)
    assert sections(composed(reader, later)) == [(paper.pk, "again")]
    assert SentBreakout.objects.get().delivery.covers_until == later


def test_what_just_missed_the_digest_comes_too_and_says_so() -> None:
    reader, missed = make_reader("robots"), breaking_out()
    told(reader, SENT_ON, nearly=[missed])
    told(reader, NOW - DAY)
    delivery = composed(reader)
    assert sections(delivery) == [(missed.pk, "again")]
    assert delivery.contents["papers"][0]["evidence"].startswith(
        "+180 votes since it just missed your digest of 12 April"
    )


def test_a_digest_remembers_the_best_papers_that_had_no_room() -> None:
    reader = make_reader("robots", max_papers=2)
    papers = [make_paper() for _ in range(9)]
    for strength, paper in enumerate(reversed(papers), 1):
        make_match(paper, "robots", strength)
    contents = composed(reader).contents
    assert [item["id"] for item in contents["papers"]] == [paper.pk for paper in papers[:2]]
    assert contents["nearly"] == [paper.pk for paper in papers[2:7]]


@pytest.mark.parametrize("votes", [{10: 3, 1: 25, 0: 44}, {10: 3, 9: 300, 1: 300, 0: 330}])
def test_slow_votes_and_those_as_fast_as_ever_are_no_second_wave(votes: dict[int, int]) -> None:
    reader = reader_of(old_paper(votes))
    score_papers(NOW)
    assert composed(reader).quiet_reason == "nothing_new"


def test_it_concerns_only_who_had_it_follows_it_still_and_did_not_mute_it() -> None:
    paper = breaking_out()
    make_match(paper, "surveys")
    never_had, moved_on = reader_of(None), make_reader("rockets")
    told(moved_on, SENT_ON, paper)
    muted = make_reader("robots", mutes=("surveys",))
    told(muted, SENT_ON, paper)
    paused = reader_of(paper, paused_until=NOW + DAY)
    for reader in (never_had, moved_on, muted, paused):
        assert composed(reader).status == "quiet"
    assert not SentBreakout.objects.exists()


def test_what_was_sent_only_days_ago_is_no_second_wave() -> None:
    paper = breaking_out()
    reader = make_reader("robots")
    told(reader, SENT_ON, nearly=[paper])
    told(reader, NOW - 3 * DAY, paper)
    assert composed(reader).quiet_reason == "nothing_new"


def test_a_full_digest_gives_its_last_place_and_a_very_short_one_none() -> None:
    paper = breaking_out()
    full, short = (reader_of(paper, max_papers=n) for n in (FEWEST_BESIDE + 1, FEWEST_BESIDE))
    for strength in range(1, FEWEST_BESIDE + 2):
        make_match(make_paper(), "robots", strength)
    found = [sections(composed(reader)) for reader in (full, short)]
    assert found[0][0] == (paper.pk, "again")
    assert [len(some) for some in found] == [FEWEST_BESIDE + 1, FEWEST_BESIDE]
    assert paper.pk not in dict(found[1])


@pytest.mark.parametrize(
    ("velocity", "pace", "breaks_out"),
    [
        (BREAKOUT_VELOCITY, 0, True),
        (BREAKOUT_VELOCITY - 0.1, 0, False),
        (BREAKOUT_VELOCITY, BREAKOUT_VELOCITY / BREAKOUT_FACTOR, True),
        (BREAKOUT_VELOCITY, BREAKOUT_VELOCITY / BREAKOUT_FACTOR + 0.1, False),
    ],
)
def test_breaking_out_is_fast_and_far_faster_than_before(
    velocity: float, pace: float, breaks_out: bool
) -> None:
    assert is_breakout(TrendParts(velocity=velocity, pace=pace)) is breaks_out
