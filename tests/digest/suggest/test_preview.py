"""A preview shows what a first digest would hold now, and leaves no trace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client

from digest.compose.shortlist import BACKLOG
from digest.match.recent import RecentPapers
from digest.suggest import preview
from digest.suggest.preview import Preview, preview_digest, render_preview
from subscribers.mail import mail_links
from subscribers.models import MAX_TOPICS
from subscribers.topics import Acronyms, ParsedTopic, TopicError
from tests.factories import NOW, make_paper, make_reader

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def titles(preview: Preview) -> list[str]:
    return [paper.title for paper, _ in preview.papers]


def rows() -> dict[str, list[object]]:
    """Every row of ours, in full."""
    own = [m for m in apps.get_models() if m._meta.app_label in ("digest", "subscribers")]
    return {m._meta.label: list(m.objects.order_by("pk").values()) for m in own}


def test_the_papers_of_the_topics_come_best_first_each_with_its_reasons() -> None:
    make_paper(title="Robot grasping", trend=1.0)
    make_paper(title="A diffusion policy for robot grasping", trend=5.0)
    make_paper(title="Reading old letters")
    preview = preview_digest(["robot grasping", "diffusion policy"], NOW)
    assert titles(preview) == ["A diffusion policy for robot grasping", "Robot grasping"]
    queries = [[reason.query for reason in choice.reasons] for _, choice in preview.papers]
    assert queries == [["robot grasping", "diffusion policy"], ["robot grasping"]]
    assert preview.papers[1][1].reasons[0].where.casefold() == "robot grasping"
    assert (preview.seen, preview.newest_at) == (3, NOW)


def test_no_row_is_written_by_choosing_or_by_setting() -> None:
    make_paper(title="Robot grasping")
    make_paper(title="Robot grasping again", matched_at=NOW, available_at=NOW)
    before = rows()
    assert before["digest.Paper"]
    assert render_preview(preview_digest(["robot grasping"], NOW), NOW) is not None
    assert rows() == before


def test_older_days_are_looked_at_only_to_fill_the_digest() -> None:
    for days in (0, 2, 5, 9):
        at = NOW - days * DAY
        make_paper(title=f"Robots, {days} days old", news_at=at, available_at=at)
    old = [f"Robots, {days} days old" for days in (0, 2, 5)]
    assert titles(preview_digest(["robots"], NOW, max_papers=1)) == old[:1]
    assert titles(preview_digest(["robots"], NOW, max_papers=2)) == old[:2]
    full = preview_digest(["robots"], NOW)
    assert titles(full) == old
    assert full.seen == 3


def test_no_more_papers_are_read_than_can_count(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(preview, "READ_AT_ONCE", 1)
    monkeypatch.setattr(preview, "MOST_READ", 2)
    for trend in (1.0, 9.0, 5.0, 4.0):
        make_paper(title=f"Robots of {trend}", trend=trend)
    assert titles(preview_digest(["robots"], NOW)) == ["Robots of 9.0", "Robots of 5.0"]
    with django_assert_max_num_queries(14):
        assert len(preview_digest(["robots"], NOW, max_papers=1).papers) == 1


def test_the_recent_papers_are_looked_through_once_for_each_topic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_paper(title="Robot grasping")
    make_paper(title="Robot grasping of old", news_at=NOW - 2 * DAY, available_at=NOW - 2 * DAY)
    find, asked = RecentPapers.find_candidates, list[str]()

    def note_topic(recent: RecentPapers, topic: ParsedTopic, acronyms: Acronyms) -> list[int]:
        asked.append(topic.query)
        return find(recent, topic, acronyms)

    monkeypatch.setattr(RecentPapers, "find_candidates", note_topic)
    preview_digest(["robot grasping", "diffusion policy"], NOW)
    assert sorted(asked) == ["diffusion policy", "robot grasping"]


def test_what_becomes_available_only_later_is_not_shown() -> None:
    make_paper(title="Robots tomorrow", news_at=NOW + DAY)
    make_paper(title="Robots soon", available_at=NOW + DAY)
    preview = preview_digest(["robots"], NOW)
    assert (preview.papers, preview.newest_at) == ([], None)


def test_news_not_stamped_yet_counts_as_compose_would_stamp_it() -> None:
    make_paper(title="Robots late", news_at=NOW - BACKLOG + DAY)
    make_paper(title="Robots in a backlog", news_at=NOW - BACKLOG)
    preview = preview_digest(["robots"], NOW, max_papers=1)
    assert (titles(preview), preview.newest_at, preview.seen) == (["Robots late"], NOW, 1)
    assert titles(preview_digest(["robots"], NOW)) == ["Robots late", "Robots in a backlog"]


def test_a_paper_is_shown_for_its_abstract_and_not_where_only_part_of_a_topic_is_in_it() -> None:
    make_paper(title="Held", abstract="A diffusion policy is learned.")
    make_paper(title="Policy without it")
    make_paper(title="Diffusion of gas", abstract="The policy of states.")
    assert titles(preview_digest(["diffusion policy"], NOW)) == ["Held"]


@pytest.mark.parametrize(
    ("queries", "sentence"),
    [
        ([], "Name at least one topic, such as: diffusion policy, LLM agents"),
        (["robot"] * (MAX_TOPICS + 1), f"51 topics are too many: keep the {MAX_TOPICS} you need."),
        (['"unclosed'], "quote"),
        (["robots", "-only"], "only"),
    ],
)
def test_a_topic_that_cannot_be_looked_for_gets_its_sentence(
    queries: list[str], sentence: str
) -> None:
    with pytest.raises(TopicError, match=sentence):
        preview_digest(queries, NOW)


def test_the_mail_is_as_a_reader_would_get_it_and_its_links_are_nobodys() -> None:
    parts = {"trend": 2.0, "votes": 9, "place": 1, "among": 9}
    make_paper(title="Robots talked about", trend=2.0, trend_parts=parts)
    make_paper(title="Robots unheard of")
    message = render_preview(preview_digest(["robots"], NOW), NOW)
    assert message is not None
    assert message.to == ["you@example.org"]
    text = " ".join(str(message.body).split())
    assert "Your first digest" in text
    assert "From the last days: 2 papers in your topics, 1 of them trending." in text
    assert "2 new papers" in text
    trending = text.index("Trending in your topics")
    assert trending < text.index("Robots talked about") < text.index("New in your topics")
    assert text.index("New in your topics") < text.index("Robots unheard of")


def test_the_unsubscribe_link_of_a_preview_unsubscribes_nobody(client: Client) -> None:
    reader = make_reader("robots")
    make_paper(title="Robots")
    message = render_preview(preview_digest(["robots"], NOW), NOW)
    assert message is not None
    before = rows()
    path = urlsplit(message.extra_headers["List-Unsubscribe"].strip("<>")).path
    client.post(path, {"List-Unsubscribe": "One-Click"})
    assert rows() == before
    own = urlsplit(mail_links.unsubscribe_url(reader.pk)).path
    client.post(own, {"List-Unsubscribe": "One-Click"})
    assert rows() != before  # the same request acts where it is somebody's


def test_no_paper_makes_no_mail() -> None:
    assert render_preview(preview_digest(["robots"], NOW), NOW) is None


@pytest.mark.parametrize("name", ["FIND_SECONDS", "LEARN_SECONDS", "READ_SECONDS"])
def test_what_there_was_no_time_for_is_left_out_and_said_so(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make_paper(title="Robots")
    assert preview_digest(["robots"], NOW, is_hurried=True).is_whole
    preview.process_cache.senses.forget()
    monkeypatch.setattr(preview, name, -1.0)
    hurried = preview_digest(["robots"], NOW, is_hurried=True)
    assert not hurried.is_whole
    assert titles(hurried) == ([] if name == "READ_SECONDS" else ["Robots"])
    assert preview_digest(["robots"], NOW).is_whole  # for manage.py preview nobody waits


def test_the_page_says_that_there_was_no_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper(title="Robots")
    said = "There was no time to look at all of this"
    assert said not in client.get("/preview/mail/?t=robots").content.decode()
    for name, holds in (("LEARN_SECONDS", True), ("READ_SECONDS", False)):
        preview.process_cache.senses.forget()
        monkeypatch.setattr(preview, name, -1.0)
        page = client.get(f"/preview/mail/?t=robots&t={name}").content.decode()
        assert said in page
        assert ("Robots" in page) == holds
        assert "Nothing of the last days" not in page
