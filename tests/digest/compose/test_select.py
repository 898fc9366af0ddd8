"""One choice of papers makes a digest, a first digest and a preview."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from digest.compose import compose_due
from digest.compose.features import TraitKeys
from digest.compose.near_papers import NearPaper
from digest.compose.profiles import NOBODY, make_unsaved_profile
from digest.compose.select import NEARLY, Selector
from digest.compose.topic_news import Candidate, TopicNews, sum_up_candidates
from digest.match import match_papers
from digest.models import Delivery, DigestItem, TopicReason
from digest.suggest.preview import preview_digest
from subscribers.models import Interest, Topic
from tests.factories import NOW, make_paper, make_subscriber

DAY = timedelta(days=1)


class ListedCandidates:
    """A source of candidates in memory: for each topic its papers, by their trend."""

    newest_at = NOW
    near: Sequence[NearPaper] = ()

    def __init__(self, *topics: list[Candidate]) -> None:
        self._topics = topics

    def load_topics(self, reaches: Mapping[int, datetime]) -> None: ...

    def count_since(self, since: datetime) -> int:
        return len({c.paper_id for topic in self._topics for c in topic if c.available_at > since})

    def find_since(self, topic_id: int, since: datetime, *, is_first: bool) -> TopicNews:
        news = [c for c in self._topics[topic_id] if c.available_at > since]
        return sum_up_candidates(news, None if is_first else since)

    def list_near(
        self,
        topic_id: int,
        since: datetime,  # noqa: ARG002 (as the shortlist has them)
        *,
        is_first: bool,  # noqa: ARG002
    ) -> Sequence[NearPaper]:
        return [one for one in self.near if one.topic_id == topic_id]

    def spell_near(self, pairs: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], str]:
        return {pair: f"beside {pair[0]}" for pair in pairs}

    def find_holding(self, paper_ids: Collection[int], phrase: str) -> frozenset[int]:  # noqa: ARG002
        return frozenset()

    def list_traits(self, paper_id: int) -> TraitKeys:  # noqa: ARG002
        return ()


def candidate(paper_id: int, trend: float = 0.0, strength: float = 1.0, days: int = 0) -> Candidate:
    at = NOW - days * DAY
    return Candidate(paper_id, trend, strength, f"words of {paper_id}", at, at)


def test_nobody_need_be_saved_and_each_paper_has_a_reason_for_every_topic() -> None:
    source = ListedCandidates([candidate(1, 5.0), candidate(2)], [candidate(1, 5.0, 9.0)])
    profile = make_unsaved_profile(["robots", "grasping"], 10)
    assert profile.subscriber_id == NOBODY
    first, second = Selector(source).select(profile).choices
    assert first.reasons == (
        TopicReason(0, "robots", "words of 1"),
        TopicReason(1, "grasping", "words of 1"),
    )
    assert (first.section, second.section) == ("trending", "new")


def test_what_was_sent_or_is_chosen_already_is_not_near_as_well() -> None:
    source = ListedCandidates([candidate(1)], [])
    source.near = [NearPaper(pk, 1, 0, 5.0) for pk in (1, 2, 3)]
    selection = Selector(source).select(make_unsaved_profile(["robots", "arms"], 5), sent={2})
    assert [choice.paper_id for choice in selection.choices] == [1]
    assert [choice.paper_id for choice in selection.near] == [3]


def test_what_has_no_room_is_nearly_chosen_and_what_was_sent_is_not() -> None:
    source = ListedCandidates([candidate(n, 99.0 - n) for n in range(20)])
    selection = Selector(source).select(make_unsaved_profile(["robots"], 2), sent={0, 3})
    assert [choice.paper_id for choice in selection.choices] == [1, 2]
    assert selection.nearly == [4, 5, 6, 7, 8]
    assert len(selection.nearly) == NEARLY


@pytest.mark.parametrize(
    ("topics", "sent", "reason"),
    [
        ([[]], set(), "nothing_new"),
        ([[], [candidate(1)]], set(), "no_match"),
        ([[candidate(1)]], {1}, "sent_before"),
    ],
)
def test_where_nothing_is_chosen_there_is_a_reason(
    topics: list[list[Candidate]], sent: set[int], reason: str
) -> None:
    profile = make_unsaved_profile(["robots"], 10)
    selection = Selector(ListedCandidates(*topics)).select(profile, sent)
    assert (selection.reason, list(selection.choices)) == (reason, [])


def test_a_first_digest_reaches_back_only_to_be_full() -> None:
    source = ListedCandidates([candidate(1), candidate(2, days=2), candidate(3, days=5)])
    for room, ids in ((1, [1]), (2, [1, 2]), (9, [1, 2, 3])):
        choices = Selector(source).select(make_unsaved_profile(["robots"], room)).choices
        assert [choice.paper_id for choice in choices] == ids
    better = ListedCandidates([candidate(1), candidate(2, trend=9.0, days=2)])
    assert Selector(better).select(make_unsaved_profile(["robots"], 1)).choices[0].paper_id == 1


@pytest.mark.django_db
def test_a_preview_holds_what_the_first_digest_then_does() -> None:
    queries = ["robot grasping", "diffusion policy", "RAG"]
    titles = {
        "A Diffusion Policy for Robot Grasping": (5.0, 0),
        "Robot grasping in the dark": (0.0, 0),
        "Diffusion policies, twice": (1.0, 2),
        "A RAG for robots": (0.0, 5),
        "Reading old letters": (9.0, 0),
    }
    for title, (trend, days) in titles.items():
        make_paper(title=title, trend=trend, news_at=NOW - days * DAY)
    subscriber = make_subscriber(max_papers=10)
    for topic in Topic.objects.get_or_create_topics(queries):
        Interest.objects.create(subscriber=subscriber, topic=topic)
    match_papers(NOW)
    preview = preview_digest(queries, NOW)
    compose_due(NOW)
    items = Delivery.objects.get().digest.papers
    assert len(items) == 4

    def tell(reasons: tuple[TopicReason, ...]) -> list[tuple[str, str]]:
        return [(reason.query, reason.where) for reason in reasons]

    def order(item: DigestItem) -> int:
        return [choice.paper_id for _, choice in preview.papers].index(item.paper_id)

    assert [(c.paper_id, tell(c.reasons)) for _, c in preview.papers] == [
        (item.paper_id, tell(item.reasons)) for item in sorted(items, key=order)
    ]


def test_subscribers_of_one_moment_ask_once_for_a_topic_that_they_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = ListedCandidates([candidate(1)])
    profile = make_unsaved_profile(["robots"], 5)
    since = NOW - DAY
    profiles = {
        pk: replace(profile, subscriber_id=pk, since=moment, wants_near=False)
        for pk, moment in ((1, since), (2, since), (3, NOW - 2 * DAY))
    }
    asked = []
    find_since = source.find_since

    def note(topic_id: int, since: datetime, *, is_first: bool) -> TopicNews:
        asked.append((topic_id, since))
        return find_since(topic_id, since, is_first=is_first)

    monkeypatch.setattr(source, "find_since", note)
    monkeypatch.setattr("digest.compose.select.read_papers_sent", lambda _: {})
    selector = Selector(source)
    for _ in range(2):  # another chunk asks anew: the source may have dropped it
        selections = selector.select_all(profiles, {})
        assert all(len(one.choices) == 1 for one in selections.values())
    assert sorted(asked) == sorted([(0, since), (0, NOW - 2 * DAY)] * 2)
