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
from digest.compose.candidates import CandidateSource, Choice, NewsSince
from digest.compose.joined_topics import join_topics
from digest.compose.near_choices import choose_kinds, choose_near_papers, fill_near_words
from digest.compose.outside_topics import OutsideTopics
from digest.compose.profiles import LONGEST_GAP, Profile
from digest.compose.selection import Selection
from digest.compose.sent_papers import read_papers_sent
from digest.match.first_reach import FIRST_REACH, SHORTEST_REACH
from digest.models import Delivery, Section

Quiet = Delivery.Quiet
# A first digest takes the last day that had papers, and reaches back further only to be full.
FIRST_REACHES = (SHORTEST_REACH, timedelta(days=3), FIRST_REACH)
REACH = max(*LONGEST_GAP.values(), *FIRST_REACHES)
NEARLY = 5  # just below the cut: remembered, for the day on which one of them breaks out


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
        self._news: dict[tuple[datetime, bool], NewsSince] = {}

    def select_all(
        self, profiles: Mapping[int, Profile], perhaps_seen: Mapping[int, AbstractSet[int]]
    ) -> dict[int, Selection]:
        """What each subscriber gets, by their id; a few queries for all of them.

        `perhaps_seen` has the papers of digests in doubt, read before the profiles were: what is
        settled meanwhile is marked once too often rather than not at all.
        """
        self._source.load_topics(find_reaches(profiles.values(), self._source.newest_at))
        self._news = {}  # of these subscribers alone: the source keeps what it has room for
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
        self._news = {}
        selections = {0: self._select(profile, sent)}
        fill_near_words(self._source, selections)
        return selections[0]

    def _select(self, profile: Profile, sent: AbstractSet[int]) -> Selection:
        """The same, whose near papers do not say yet which words show that they are near."""
        if profile.is_paused:
            return Selection(Quiet.PAUSED)
        if not profile.follows:
            return Selection(Quiet.NO_TOPICS)
        reason, new, news = self._select_new(profile, sent)
        kinds = choose_kinds(news, profile, sent, new)
        choices: Sequence[Choice] = [*new[: profile.max_papers], *kinds]
        if self._breakouts:
            choices = self._breakouts.add_to(choices, profile)
        if self._outside_topics and choices:
            choices = self._outside_topics.add_to(choices, profile, sent)
        taken = {choice.paper_id for choice in choices}
        nearly = [choice.paper_id for choice in new if choice.paper_id not in taken]
        near, worth_a_mail = choose_near_papers(news, profile, sent | taken)
        count, of_kinds = len(new) + len(kinds), frozenset(choice.paper_id for choice in kinds)
        if count > profile.max_papers:
            count = _count_in_topics(news, profile, sent)
        reason = "" if choices else reason
        return Selection(
            reason, choices, nearly[:NEARLY], near, worth_a_mail, count, news.since, of_kinds
        )

    def _list_news(self, since: datetime, *, is_first: bool) -> NewsSince:
        """The same for all whose digests reach back to this moment."""
        key = (since, is_first)
        if key not in self._news:
            self._news[key] = NewsSince(self._source, since, is_first=is_first)
        return self._news[key]

    def _read_sent_before(self, profiles: Mapping[int, Profile]) -> dict[int, set[int]]:
        """The papers sent to those who are offered one that they might already have."""
        earliest = {}
        for pk, profile in profiles.items():
            since = _find_reach(profile, self._source.newest_at)
            news = self._list_news(since, is_first=profile.since is None)
            suspects = [find_earliest_suspect(news, profile)]
            if self._outside_topics:
                suspects.append(self._outside_topics.find_earliest_suspect(profile))
            if moments := [at for at in suspects if at]:
                earliest[pk] = min(moments)
        return read_papers_sent(earliest)

    def _select_new(
        self, profile: Profile, sent: AbstractSet[int]
    ) -> tuple[str, Sequence[Choice], NewsSince]:
        """The best of what is new to them, the few just below the cut too; and all that is new."""
        if profile.since is not None:
            news = self._list_news(profile.since, is_first=False)
            return *select_since(news, profile, sent), news
        for reach in FIRST_REACHES:
            news = self._list_news(self._source.newest_at - reach, is_first=True)
            reason, choices = select_since(news, profile, sent)
            if len(choices) >= profile.max_papers:
                break
        return reason, choices, news


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
    topics: dict[datetime, set[int]] = defaultdict(set)
    for profile in profiles:
        if profile.is_paused or not profile.follows:
            continue
        topics[_find_reach(profile, newest_at)].update(profile.follows, profile.mutes)
    reaches: dict[int, datetime] = {}
    for since in sorted(topics, reverse=True):
        reaches |= dict.fromkeys(topics[since], since)
    return reaches


def _find_reach(profile: Profile, newest_at: datetime) -> datetime:
    return newest_at - FIRST_REACHES[-1] if profile.since is None else profile.since


def select_since(
    news: NewsSince, profile: Profile, sent: AbstractSet[int]
) -> tuple[str, list[Choice]]:
    """The profile's best papers of the news, NEARLY more than fit; or why there are none."""
    if not news.source.count_since(news.since):
        return Quiet.NOTHING_NEW, []
    found = {pk: one for pk in profile.follows if (one := news[pk]).count}
    if not found:
        return Quiet.NO_MATCH, []
    passing = profile.wants_passing
    if not any(one.count_papers(with_passing=passing) for one in found.values()):
        return Quiet.PASSING, []
    muted = _list_muted(news, profile)
    choices = join_topics(news.source, profile, found, muted | sent, NEARLY)
    if choices:
        return "", choices
    offered = (one.paper_ids if profile.wants_passing else one.ids_on_it for one in found.values())
    is_muted = all(ids <= muted for ids in offered)
    return Quiet.MUTED if is_muted else Quiet.SENT_BEFORE, []


def _list_muted(news: NewsSince, profile: Profile) -> frozenset[int]:
    """The ids of the papers in a topic that the profile mutes."""
    return frozenset[int]().union(*[news[pk].paper_ids for pk in profile.mutes])


def _count_in_topics(news: NewsSince, profile: Profile, sent: AbstractSet[int]) -> int:
    """How many papers the profile could get, had it room for all."""
    found, takes_all = [news[pk] for pk in profile.follows], profile.wants_passing
    ids = set[int]().union(*[one.paper_ids if takes_all else one.ids_on_it for one in found])
    return len(ids - _list_muted(news, profile) - sent)


def find_earliest_suspect(news: NewsSince, profile: Profile) -> datetime | None:
    """When the oldest paper that the subscriber might already have was first seen; None: none.

    A paper first seen after the subscriber's last digest was in no digest before. Where that is
    too long ago to count, any may have been, found or near. `news` is as old as the profile can
    use.
    """
    if profile.is_paused or not profile.follows:
        return None
    if profile.since is None:
        return news.since
    moments = [news[pk].earliest_at for pk in profile.follows]
    return min([at for at in moments if at], default=None)
