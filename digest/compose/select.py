"""Which papers a subscriber gets, or the reason why there are none.

The same choice makes a daily digest, a first digest and a preview: they differ in the profile and
in where the candidates come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from digest.compose.breakouts import Breakouts
from digest.compose.candidates import CandidateSource, Choice
from digest.compose.leanings import compute_factor, list_senses
from digest.compose.near_choices import choose_near_papers, fill_near_words
from digest.compose.outside_topics import OutsideTopics
from digest.compose.profiles import LONGEST_GAP, Profile
from digest.compose.selection import Selection
from digest.compose.sent_papers import read_papers_sent
from digest.compose.shared_places import share_places
from digest.compose.topic_news import Order, TopicNews, bend_order
from digest.match.first_reach import FIRST_REACH, SHORTEST_REACH
from digest.models import Delivery, Section, TopicReason

Quiet = Delivery.Quiet
# A first digest takes the last day that had papers, and reaches back further only to be full.
FIRST_REACHES = (SHORTEST_REACH, timedelta(days=3), FIRST_REACH)
REACH = max(*LONGEST_GAP.values(), *FIRST_REACHES)
NEARLY = 5  # just below the cut: remembered, for the day on which one of them breaks out

Found = Mapping[int, TopicNews]  # by the ids of the topics that are followed


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
        selections = {pk: self._select(one, sent.get(pk, set())) for pk, one in profiles.items()}
        fill_near_words(self._source, selections)
        for pk in perhaps_seen.keys() & selections.keys():
            selections[pk] = _mark_perhaps_seen(selections[pk], perhaps_seen[pk])
        return selections

    def select(self, profile: Profile, sent: AbstractSet[int] = frozenset()) -> Selection:
        """What one subscriber gets who has had the papers `sent`, by their ids."""
        selections = {0: self._select(profile, sent)}
        fill_near_words(self._source, selections)
        return selections[0]

    def _select(self, profile: Profile, sent: AbstractSet[int]) -> Selection:
        """The same, whose near papers do not say yet which words show that they are near."""
        if profile.is_paused:
            return Selection(Quiet.PAUSED)
        if not profile.follows:
            return Selection(Quiet.NO_TOPICS)
        reason, new, since = self._select_new(profile, sent)
        choices: Sequence[Choice] = new[: profile.max_papers]
        if self._breakouts:
            choices = self._breakouts.add_to(choices, profile)
        if self._outside_topics and choices:
            choices = self._outside_topics.add_to(choices, profile, sent)
        taken = {choice.paper_id for choice in choices}
        nearly = [choice.paper_id for choice in new if choice.paper_id not in taken]
        near = choose_near_papers(self._source, profile, since, sent | taken)
        count = len(new)
        if count > profile.max_papers:
            count = _count_in_topics(self._source, profile, since, sent)
        reason = "" if choices else reason
        return Selection(reason, choices, nearly[:NEARLY], near, count, since)

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

    def _select_new(
        self, profile: Profile, sent: AbstractSet[int]
    ) -> tuple[str, Sequence[Choice], datetime]:
        """The best of what is new to the subscriber, the few just below the cut too; since when."""
        since = profile.since
        if since is not None:
            return *select_since(self._source, profile, since, sent), since
        reason, choices = "", list[Choice]()
        for reach in FIRST_REACHES:
            since = self._source.newest_at - reach
            reason, choices = select_since(self._source, profile, since, sent)
            if len(choices) >= profile.max_papers:
                break
        return reason, choices, since or self._source.newest_at


def _mark_perhaps_seen(selection: Selection, papers: AbstractSet[int]) -> Selection:
    """The same, with these papers marked; a breakout says already that it comes again."""
    choices = [
        choice._replace(perhaps_seen=True)
        if choice.paper_id in papers and choice.section != Section.BREAKOUT
        else choice
        for choice in selection.choices
    ]
    near = [choice for choice in selection.near if choice.paper_id not in papers]
    return replace(selection, choices=choices, near=near)


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
    news_of = ((pk, source.find_since(pk, since, is_first=is_first)) for pk in profile.follows)
    found = {pk: news for pk, news in news_of if news.count}
    if not found:
        return Quiet.NO_MATCH, []
    passing = profile.wants_passing
    if not any(news.count_papers(with_passing=passing) for news in found.values()):
        return Quiet.PASSING, []
    muted = _list_muted(source, profile, since)
    choices = _join_topics(source, profile, found, muted | sent)
    if choices:
        return "", choices
    offered = (one.paper_ids if profile.wants_passing else one.ids_on_it for one in found.values())
    is_muted = all(ids <= muted for ids in offered)
    return Quiet.MUTED if is_muted else Quiet.SENT_BEFORE, []


def _list_muted(source: CandidateSource, profile: Profile, since: datetime) -> frozenset[int]:
    """The ids of the papers in a topic that the profile mutes."""
    is_first = profile.since is None
    hidden = (source.find_since(pk, since, is_first=is_first).paper_ids for pk in profile.mutes)
    return frozenset[int]().union(*hidden)


def _count_in_topics(
    source: CandidateSource, profile: Profile, since: datetime, sent: AbstractSet[int]
) -> int:
    """How many papers the profile could get, had it room for all."""
    is_first, takes_all = profile.since is None, profile.wants_passing
    found = [source.find_since(pk, since, is_first=is_first) for pk in profile.follows]
    ids = set[int]().union(*(one.paper_ids if takes_all else one.ids_on_it for one in found))
    return len(ids - _list_muted(source, profile, since) - sent)


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
    """The papers of all followed topics that have a place, each once, and NEARLY more.

    A paper counts as strong as in the topic that it is strongest in. Among the best of all it is
    among as many best of that topic too, so no more is looked at of any.
    """
    wanted, passing = profile.max_papers + NEARLY, profile.wants_passing
    topics: dict[int, list[int]] = defaultdict(list)
    if profile.leanings:
        ordered = _choose_bent(source, profile, found, excluded, topics)
    else:
        best: dict[int, Order] = {}
        for topic_id, news in found.items():
            for order in news.list_best(excluded, wanted, with_passing=passing):
                is_passing, _, _, paper_id, _ = order
                if paper_id not in best or order < best[paper_id]:
                    best[paper_id] = order
                if not is_passing:
                    topics[paper_id].append(topic_id)
        ordered = sorted(best.values())
    chosen = share_places(ordered, topics, profile.max_papers)[:wanted]
    queries = profile.follows
    words = [
        (pk, queries[pk], news.map_found_words(excluded, wanted)) for pk, news in found.items()
    ]
    return [_make_choice(order, words) for order in chosen]


def _choose_bent(
    source: CandidateSource,
    profile: Profile,
    found: Found,
    excluded: AbstractSet[int],
    on_topics: Mapping[int, list[int]],
) -> list[Order]:
    """All papers looked at, in the order of one who asked for more, or less, like some papers.

    Notes for each the topics it is on.
    """
    wanted, leanings = profile.max_papers + NEARLY, profile.leanings
    topics = {int(pk): steps for (kind, pk), steps in leanings.items() if kind == "topic"}
    best: dict[int, Order] = {}
    steps: dict[int, int] = {}  # by paper, of the topics that found it
    senses = list_senses(leanings)
    for topic_id, news in found.items():
        looked_at = news.list_looked_at(excluded, wanted, with_passing=profile.wants_passing)
        for phrase, moved in senses.get(topic_id, ()):
            for pk in source.find_holding([order[3] for order in looked_at], phrase):
                steps[pk] = steps.get(pk, 0) + moved
        for order in looked_at:
            pk = order[3]
            best[pk] = min(order, best.get(pk, order))
            steps[pk] = steps.get(pk, 0) + topics.get(topic_id, 0)
            if not order[0]:
                on_topics[pk].append(topic_id)

    def bend(order: Order) -> Order:
        traits = source.list_traits(order[3])
        return bend_order(order, compute_factor(leanings, traits, steps[order[3]]))

    return sorted(best.values(), key=bend)


def _make_choice(order: Order, words: Iterable[tuple[int, str, Mapping[int, str]]]) -> Choice:
    """`words` has each followed topic as it was typed, and the found words by paper."""
    is_passing, _, _, paper_id, trend = order
    reasons = tuple(
        [TopicReason(pk, query, of[paper_id]) for pk, query, of in words if paper_id in of]
    )
    section = Section.TRENDING if trend > 0 else Section.NEW
    return Choice(paper_id, trend, reasons, Section.PASSING if is_passing else section)
