"""Papers close to a subscriber's topics: in none of them, but like what they find.

A paper whose title names a kind of a topic, and that is near enough by it, is a find of that topic
(digest/match/day_words.py, digest/compose/near_choices.py); it is ranked here with the others. Less
near it has a place that others leave.

Of the others two signals must agree that a paper is near: it is like what a topic finds, and it
names that topic in passing, or is like what another of the subscriber's topics finds too.
What counts is

    nearness to the nearest topic + 0.3 x the sum of its nearness to the others

and it must reach a least that grows with the number of topics: the more of them there are, the
nearer the nearest of a day's papers is by chance. Of each topic and day the first few may stand in
a digest, of all topics together the first PLACES, by their rank within topic and day: often none.
A mail promises what was typed, so one without any find asks more: it is made of near papers alone
where these reach WORTH_A_MAIL, and it says what they are. What is near is found when a digest is
composed and stored nowhere else, since a topic's words change with its papers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Protocol

from digest.match.day_words import FOUND_BY_A_KIND, LEAST_NEARNESS, DayWords
from digest.match.rerank import Ranked
from subscribers.topics import Text, normal_form, read_text
from subscribers.topics.kinds import find_kind
from subscribers.topics.phrases import lower_sentence_capitals
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.words import Words

PLACES = 3
# Chosen with near papers of 66 made-up readers in view, and the most asked anew since the best of
# them are found by a kind (docs/judged.md). Whoever follows one topic has all places for it, and
# takes what is least far.
OF_OTHER_TOPICS = 0.3
_MORE_PER_TOPIC, _MOST_ASKED = 0.55, 1.4
# Asked of each paper of a mail that has near papers alone, however few topics are followed.
WORTH_A_MAIL = 1.45
_SHOWN_WORDS = 3
MOST_EXPECTED = 2_000  # stems, of some hundreds of topics: more are most of what papers say
_SPARE = 3  # ranked beyond the places: some of them are found by other topics, or were sent

ReadForms = Callable[[date], Iterable[tuple[int, str]]]
Reorder = Callable[[int, Ranked], Ranked]


def keep_order(_topic_id: int, ranked: Ranked) -> Ranked:
    """As near as they are by words, where no model could know better."""
    return ranked


class MatchedPapers(Protocol):
    """The papers in which a topic was found."""

    @property
    def ids_on_it(self) -> AbstractSet[int]:
        """The ids of those that are on the topic."""

    @property
    def ids_in_passing(self) -> AbstractSet[int]:
        """The ids of those that only mention it."""


@dataclass(frozen=True)
class FoundPapers:
    """The same by their ids."""

    ids_on_it: AbstractSet[int]
    ids_in_passing: AbstractSet[int] = frozenset()


@dataclass(frozen=True, slots=True)
class NearPaper:
    """One paper near one topic."""

    paper_id: int
    topic_id: int
    rank: int  # within the topic and the day, from 0
    nearness: float
    names_kind: bool = False  # of the topic, in its title
    is_find: bool = False  # of the topic, since it names a kind of it and is near enough by that
    holds_name: bool = True  # all words of the topic's, or it begins with a kind of the topic


class NearPapers:
    """Ranks a day's papers by how near they are to topics; its words are read once, or twice."""

    def __init__(self, read_forms: ReadForms, reorder: Reorder = keep_order) -> None:
        """`read_forms` gives the normal forms of the papers that became available on a day.

        `reorder` is told the topic and its papers, the nearest by words first, and says how near
        they are with what it knows beside, the nearest first.
        """
        self._read_forms, self._reorder = read_forms, reorder
        self._days: dict[date, DayWords] = {}
        self._stems: frozenset[str] | None = None  # that are read of each day; None: all

    def expect(self, weights: Iterable[Iterable[str]]) -> None:
        """Before the first day is ranked: these are the topics that will be asked about.

        Of few topics only their own words are read; another topic is answered too, and takes more.
        """
        if not self._days:
            stems = frozenset[str]().union(*weights)
            self._stems = stems if len(stems) <= MOST_EXPECTED else None

    def rank_day(
        self,
        topic_id: int,
        day: date,
        weights: Mapping[str, float],
        news: MatchedPapers,
        is_offered: Callable[[int], bool],
    ) -> list[NearPaper]:
        """The day's nearest papers but those on the topic, that are offered at all.

        The first few, and those behind them that the topic finds by a kind of it.
        """
        words = self._days.get(day)
        if words is None or not words.has_words(weights):
            if self._stems is not None and not self._stems.issuperset(weights):
                self._stems = None
            words = self._days[day] = DayWords(self._read_forms(day), self._stems)
        on_it = news.ids_on_it
        near = words.rank_papers(
            weights, news.ids_in_passing, lambda pk: pk not in on_it and is_offered(pk)
        )
        named = {pk: value for value, pk in near if words.names_kind(weights, pk, value)}
        finds = {pk for pk, value in named.items() if value >= FOUND_BY_A_KIND}
        by_a_word = {pk for value, pk in near if not words.holds_name(weights, pk, value)}
        return [
            NearPaper(pk, topic_id, rank, value, pk in named, pk in finds, pk not in by_a_word)
            for rank, (value, pk) in enumerate(self._reorder(topic_id, near))
            if value > 0 and (rank < PLACES + _SPARE or pk in finds)
        ]


def find_least_nearness(topics: int) -> float:
    """How near a paper must be to come to whoever follows so many topics."""
    return min(LEAST_NEARNESS + _MORE_PER_TOPIC * (topics - 1), _MOST_ASKED)


def is_worth_a_place(one: NearPaper, topics: int) -> bool:
    """Whether a paper that is near enough may come to whoever follows so many topics.

    To whoever follows several, not by one word of a name: who tracks eyes says nothing of object
    tracking. Where kinds of the topic are listed, what names none must hold all words of its name.
    """
    return one.holds_name or find_least_nearness(topics) < _MOST_ASKED


def choose_near(
    ranked: Iterable[Sequence[NearPaper]], excluded: Callable[[int], bool], topics: int
) -> list[NearPaper]:
    """The first PLACES of all topics' near papers, each once, none of those excluded.

    `ranked` has the near papers of each of the `topics` that has any. What is returned is as near
    as it is to all of them together. Places that are left go to what names a kind of a topic.
    """
    ranked = list(ranked)
    least, summed = find_least_nearness(topics), sum_nearness(ranked)
    near_enough = [
        (one.rank, -nearness, one.paper_id, replace(one, nearness=nearness))
        for nearness, one in summed.values()
        if nearness >= least and is_worth_a_place(one, topics) and not excluded(one.paper_id)
    ]
    chosen = [one for *_, one in sorted(near_enough)[:PLACES]]
    rows = [one for of in ranked for one in of if one.names_kind]
    if not rows or len(chosen) == PLACES:
        return chosen
    named = {
        one.paper_id: (one.rank, -summed[one.paper_id][0], one.paper_id, one)
        for one in sorted(rows, key=_get_nearness)
        if summed[one.paper_id][0] < least and not excluded(one.paper_id)
    }
    return [*chosen, *(one for *_, one in sorted(named.values()))][:PLACES]


def _get_nearness(one: NearPaper) -> float:
    return one.nearness


def sum_nearness(ranked: Iterable[Sequence[NearPaper]]) -> dict[int, tuple[float, NearPaper]]:
    """By paper how near it is to all topics together, and how it stands to the nearest of them."""
    nearest, others = dict[int, NearPaper](), dict[int, float]()
    for rows in ranked:
        for one in rows:
            known = nearest.setdefault(one.paper_id, one)
            if known is not one:
                further, nearer = sorted((known, one), key=_get_nearness)
                nearest[one.paper_id] = nearer
                others[one.paper_id] = others.get(one.paper_id, 0.0) + further.nearness
    return {
        pk: (one.nearness + OF_OTHER_TOPICS * others.get(pk, 0.0), one)
        for pk, one in nearest.items()
    }


def find_day(available: float) -> date:
    """The day in UTC on which a paper became available; `available` in seconds since 1970."""
    return datetime.fromtimestamp(available, UTC).date()


def spell_near_words(weights: Mapping[str, float], title: str, abstract: str) -> list[str]:
    """The words that make a paper near a topic, the weightiest first, as the paper spells them.

    A kind of the topic in the title, or where the abstract opens, comes before them. A topic's
    little words ("robots that learn from video") tell nobody why, so they are left out.
    """
    reading = read_text(Text(title, abstract))
    kind = find_kind(weights, title, abstract)
    of_kind = normal_form(kind).split()
    telling = {s: w for s, w in weights.items() if s not in STOP_WORDS and s not in of_kind}
    heard = {stem: w * reading.measure_mentions(stem) for stem, w in telling.items()}
    stems = sorted((s for s in heard if heard[s]), key=lambda stem: -heard[stem])
    spelled = [_spell_stem(stem, reading.title, reading.abstract) for stem in stems]
    return [*filter(None, [lower_sentence_capitals(kind)]), *spelled][:_SHOWN_WORDS]


def _spell_stem(stem: str, *texts: Words) -> str:
    words = next(words for words in reversed(texts) if stem in words.positions)
    place = words.positions[stem][0]
    return lower_sentence_capitals(words.spell(place, place))
