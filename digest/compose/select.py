"""Which papers a subscriber gets, or the reason why there are none.

The same choice makes a daily digest, a first digest and a preview: they differ in the profile and
in where the candidates come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from digest.compose.breakouts import Breakouts
from digest.compose.leanings import Leanings, compute_factor
from digest.compose.outside_topics import OutsideTopics
from digest.compose.profiles import LONGEST_GAP, Profile, list_topics
from digest.compose.shortlist import (
    Candidate,
    CandidateSource,
    Choice,
    Order,
    read_papers_sent,
)
from digest.models import Delivery, Section, TopicReason

Quiet = Delivery.Quiet
# A first digest takes the last day that had papers, and reaches back further only to be full.
FIRST_REACHES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
REACH = max(*LONGEST_GAP.values(), *FIRST_REACHES)
NEARLY = 5  # just below the cut: remembered, for the day on which one of them breaks out
CUT = 200  # papers looked at of a topic; more only if so many of them are excluded
LONG_AGO = datetime.min.replace(tzinfo=UTC)

FoundBy = Mapping[int, Sequence[tuple[int, str]]]  # paper id -> topic ids with the found words
_get_order: Callable[[Candidate], Order] = attrgetter("order")


@dataclass(frozen=True)
class Selection:
    """The papers for one profile in their order, or a Delivery.Quiet reason for none."""

    reason: str
    choices: Sequence[Choice] = ()
    nearly: Sequence[int] = ()  # ids of the best papers that had no room


class Selector:
    """Chooses among the candidates of one source, for one profile after the other.

    Breakouts and papers from outside the topics are added where they are given; neither is ever
    added to a first digest.
    """

    def __init__(
        self,
        source: CandidateSource,
        breakouts: Breakouts | None = None,
        outside_topics: OutsideTopics | None = None,
    ) -> None:
        self._source = source
        self._breakouts = breakouts
        self._outside_topics = outside_topics

    def select_all(
        self, profiles: Mapping[int, Profile], perhaps_seen: Mapping[int, AbstractSet[int]]
    ) -> dict[int, Selection]:
        """What each subscriber gets, by their id; a few queries for all of them.

        `perhaps_seen` has the papers of digests in doubt, read before the profiles were: what is
        settled meanwhile is marked once too often rather than not at all.
        """
        self._source.load_topics(list_topics(profiles.values()))
        if self._breakouts:
            self._breakouts.load(profiles.values())
        sent = self._read_sent_before(profiles)
        selections = {pk: self.select(one, sent.get(pk, set())) for pk, one in profiles.items()}
        for pk in perhaps_seen.keys() & selections.keys():
            selections[pk] = _mark_perhaps_seen(selections[pk], perhaps_seen[pk])
        return selections

    def select(self, profile: Profile, sent: AbstractSet[int] = frozenset()) -> Selection:
        """What one subscriber gets who has had the papers `sent`, by their ids."""
        if profile.is_paused:
            return Selection(Quiet.PAUSED)
        if not profile.follows:
            return Selection(Quiet.NO_TOPICS)
        reason, new = self._select_new(profile, sent)
        choices: Sequence[Choice] = new[: profile.max_papers]
        if self._breakouts:
            choices = self._breakouts.add_to(choices, profile)
        if self._outside_topics and choices:
            choices = self._outside_topics.add_to(choices, profile, sent)
        taken = {choice.paper_id for choice in choices}
        nearly = [choice.paper_id for choice in new if choice.paper_id not in taken]
        return Selection("" if choices else reason, choices, nearly[:NEARLY])

    def _read_sent_before(self, profiles: Mapping[int, Profile]) -> dict[int, set[int]]:
        """The papers sent to those who are offered one that they might already have."""
        earliest = {}
        for pk, profile in profiles.items():
            suspects = [find_earliest_suspect(self._source, profile)]
            if self._outside_topics:
                suspects.append(self._outside_topics.find_earliest_suspect(profile))
            if moments := [at for at in suspects if at]:
                earliest[pk] = min(moments)
        return read_papers_sent(earliest)

    def _select_new(self, profile: Profile, sent: AbstractSet[int]) -> tuple[str, Sequence[Choice]]:
        """The best of what is new to the subscriber, the few just below the cut too."""
        if profile.since is not None:
            return select_since(self._source, profile, profile.since, sent)
        reason, choices = "", list[Choice]()
        for reach in FIRST_REACHES:
            since = self._source.newest_at - reach
            reason, choices = select_since(self._source, profile, since, sent)
            if len(choices) >= profile.max_papers:
                break
        return reason, choices


def _mark_perhaps_seen(selection: Selection, papers: AbstractSet[int]) -> Selection:
    """The same, with these papers marked; a breakout says already that it comes again."""
    choices = [
        replace(choice, perhaps_seen=True)
        if choice.paper_id in papers and choice.section != Section.BREAKOUT
        else choice
        for choice in selection.choices
    ]
    return replace(selection, choices=choices)


def select_since(
    source: CandidateSource, profile: Profile, since: datetime, sent: AbstractSet[int]
) -> tuple[str, list[Choice]]:
    """The profile's best papers available after `since`, NEARLY more than fit; or why none."""
    if not source.count_since(since):
        return Quiet.NOTHING_NEW, []
    found = {pk: source.find_since(pk, since) for pk in profile.follows}
    if not any(found.values()):
        return Quiet.NO_MATCH, []
    muted = {c.paper_id for pk in profile.mutes for c in source.find_since(pk, since)}
    choices = _join_topics(source, profile, found, muted | sent)
    if choices:
        return "", choices
    is_muted = all(c.paper_id in muted for topic in found.values() for c in topic)
    return Quiet.MUTED if is_muted else Quiet.SENT_BEFORE, []


def find_earliest_suspect(source: CandidateSource, profile: Profile) -> datetime | None:
    """When the oldest paper that the subscriber might already have was first seen; None: none.

    A paper first seen after the subscriber's last digest was in no digest before.
    """
    suspects = (
        c.first_seen_at
        for pk in profile.follows
        for c in source.find_since(pk, profile.since or LONG_AGO)
        if profile.since is None or c.first_seen_at <= profile.since
    )
    return min(suspects, default=None)


def _join_topics(
    source: CandidateSource,
    profile: Profile,
    found: Mapping[int, Sequence[Candidate]],
    excluded: AbstractSet[int],
) -> list[Choice]:
    """The best papers of all followed topics, each once, NEARLY more than fit."""
    wanted = profile.max_papers + NEARLY
    best: dict[int, Candidate] = {}
    found_by: dict[int, list[tuple[int, str]]] = {}
    for topic_id in profile.follows:
        for c in _list_best(found[topic_id], excluded, wanted):
            found_by.setdefault(c.paper_id, []).append((topic_id, c.where))
            if c.paper_id not in best or c.strength > best[c.paper_id].strength:
                best[c.paper_id] = c
    order = _bend_order(source, profile.leanings, found_by) if profile.leanings else _get_order
    chosen = sorted(best.values(), key=order)[:wanted]
    return [_make_choice(c, found_by[c.paper_id], profile.follows) for c in chosen]


def _list_best(
    candidates: Iterable[Candidate], excluded: AbstractSet[int], wanted: int
) -> Iterator[Candidate]:
    """The topic's first CUT papers, and beyond them only while too few are left of them."""
    count = 0
    for place, candidate in enumerate(candidates):
        if place >= CUT and count >= wanted:
            return
        if candidate.paper_id not in excluded:
            count += 1
            yield candidate


def _bend_order(
    source: CandidateSource, leanings: Leanings, found_by: FoundBy
) -> Callable[[Candidate], Order]:
    """The order for a subscriber who asked for more, or less, like some papers."""
    topics = {int(pk): steps for (kind, pk), steps in leanings.items() if kind == "topic"}

    def order(c: Candidate) -> Order:
        steps = sum(topics.get(pk, 0) for pk, _ in found_by[c.paper_id]) if topics else 0
        return c.order_at(compute_factor(leanings, source.list_traits(c.paper_id), steps))

    return order


def _make_choice(
    candidate: Candidate, found_by: Iterable[tuple[int, str]], queries: Mapping[int, str]
) -> Choice:
    reasons = tuple([TopicReason(pk, queries[pk], where) for pk, where in found_by])
    section = Section.TRENDING if candidate.trend > 0 else Section.NEW
    return Choice(candidate.paper_id, candidate.trend, reasons, section)
