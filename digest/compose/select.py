"""Which papers a subscriber gets, or the reason why there are none.

The same choice makes a daily digest, a first digest and a preview: they differ in the profile and
in where the candidates come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.compose.breakouts import Breakouts
from digest.compose.leanings import compute_factor
from digest.compose.outside_topics import OutsideTopics
from digest.compose.profiles import LONGEST_GAP, Profile
from digest.compose.sent_papers import read_papers_sent
from digest.compose.shortlist import CandidateSource, Choice
from digest.compose.topic_news import Order, TopicNews, bend_order
from digest.models import Delivery, Section, TopicReason

Quiet = Delivery.Quiet
# A first digest takes the last day that had papers, and reaches back further only to be full.
FIRST_REACHES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
REACH = max(*LONGEST_GAP.values(), *FIRST_REACHES)
NEARLY = 5  # just below the cut: remembered, for the day on which one of them breaks out

Found = Mapping[int, TopicNews]  # by the ids of the topics that are followed


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
        self._source.load_topics(find_reaches(profiles.values(), self._source.newest_at))
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


def find_reaches(profiles: Iterable[Profile], newest_at: datetime) -> dict[int, datetime]:
    """By the id of each topic followed or muted: since when any of the profiles can use its papers.

    `newest_at` is when the newest paper became available.
    """
    reaches: dict[int, datetime] = {}
    for profile in profiles:
        if profile.is_paused or not profile.follows:
            continue
        since = _find_reach(profile, newest_at)
        for pk in (*profile.follows, *profile.mutes):
            reaches[pk] = min(since, reaches.get(pk, since))
    return reaches


def _find_reach(profile: Profile, newest_at: datetime) -> datetime:
    return newest_at - FIRST_REACHES[-1] if profile.since is None else profile.since


def select_since(
    source: CandidateSource, profile: Profile, since: datetime, sent: AbstractSet[int]
) -> tuple[str, list[Choice]]:
    """The profile's best papers available after `since`, NEARLY more than fit; or why none."""
    if not source.count_since(since):
        return Quiet.NOTHING_NEW, []
    is_first = profile.since is None
    found = {pk: source.find_since(pk, since, is_first=is_first) for pk in profile.follows}
    if not any(news.count for news in found.values()):
        return Quiet.NO_MATCH, []
    hidden = (source.find_since(pk, since, is_first=is_first).paper_ids for pk in profile.mutes)
    muted = frozenset[int]().union(*hidden)
    choices = _join_topics(source, profile, found, muted | sent)
    if choices:
        return "", choices
    is_muted = all(news.paper_ids <= muted for news in found.values())
    return Quiet.MUTED if is_muted else Quiet.SENT_BEFORE, []


def find_earliest_suspect(source: CandidateSource, profile: Profile) -> datetime | None:
    """When the oldest paper that the subscriber might already have was first seen; None: none.

    A paper first seen after the subscriber's last digest was in no digest before.
    """
    if profile.is_paused or not profile.follows:
        return None
    since, is_first = _find_reach(profile, source.newest_at), profile.since is None
    found = (source.find_since(pk, since, is_first=is_first) for pk in profile.follows)
    return min((news.earliest_at for news in found if news.earliest_at), default=None)


def _join_topics(
    source: CandidateSource, profile: Profile, found: Found, excluded: AbstractSet[int]
) -> list[Choice]:
    """The best papers of all followed topics, each once, NEARLY more than fit.

    A paper counts as strong as in the topic that it is strongest in. Among the best of all it is
    among as many best of that topic too, so no more is looked at of any.
    """
    wanted = profile.max_papers + NEARLY
    if profile.leanings:
        chosen = _choose_bent(source, profile, found, excluded)[:wanted]
    else:
        best: dict[int, Order] = {}
        for news in found.values():
            for order in news.list_best(excluded, wanted):
                if order[3] not in best or order < best[order[3]]:
                    best[order[3]] = order
        chosen = sorted(best.values())[:wanted]
    words = [(pk, news.map_found_words(excluded, wanted)) for pk, news in found.items()]
    return [_make_choice(order, words, profile.follows) for order in chosen]


def _choose_bent(
    source: CandidateSource, profile: Profile, found: Found, excluded: AbstractSet[int]
) -> list[Order]:
    """All papers looked at, in the order of one who asked for more, or less, like some papers."""
    wanted, leanings = profile.max_papers + NEARLY, profile.leanings
    topics = {int(pk): steps for (kind, pk), steps in leanings.items() if kind == "topic"}
    best: dict[int, Order] = {}
    steps: dict[int, int] = {}  # by paper, of the topics that found it
    for topic_id, news in found.items():
        for order in news.list_looked_at(excluded, wanted):
            pk = order[3]
            best[pk] = min(order, best.get(pk, order))
            steps[pk] = steps.get(pk, 0) + topics.get(topic_id, 0)

    def bend(order: Order) -> Order:
        traits = source.list_traits(order[3])
        return bend_order(order, compute_factor(leanings, traits, steps[order[3]]))

    return sorted(best.values(), key=bend)


def _make_choice(
    order: Order, words: Iterable[tuple[int, Mapping[int, str]]], queries: Mapping[int, str]
) -> Choice:
    """`words` has for each followed topic the found words by paper."""
    trend, paper_id = -order[0], order[3]
    reasons = tuple(
        [TopicReason(pk, queries[pk], where[paper_id]) for pk, where in words if paper_id in where]
    )
    section = Section.TRENDING if trend > 0 else Section.NEW
    return Choice(paper_id, trend, reasons, section)
