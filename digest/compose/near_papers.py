"""Papers close to a subscriber's topics: in none of them, but like what they find.

Of each topic and day the first PLACES by nearness may stand in a digest, of all topics together the
first PLACES again: what is surely near (SURELY_NEAR) by its rank within topic and day, then the
rest by nearness, so that a topic whose nearest paper is far takes no place from others. A paper
that only mentions a topic may be near it too, for those who want no passing mentions. No digest is
made of near papers alone: a mail promises what was typed. What is near is found when a digest is
composed and stored nowhere else, since a topic's words change with its papers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice

from digest.match.day_words import DayWords
from digest.match.rerank import Ranked
from subscribers.topics import Text, read_text
from subscribers.topics.phrases import lower_sentence_capitals
from subscribers.topics.words import Words

PLACES = 3
# Of 110 near papers judged by hand two of three as near as this were right, one of five below
# (docs/judged.md).
SURELY_NEAR = 0.7
_SHOWN_WORDS = 3
_SPARE = 3  # ranked beyond the places: some of them are found by other topics, or were sent

ReadForms = Callable[[date], Iterable[tuple[int, str]]]
Reorder = Callable[[int, Ranked], Ranked]


def keep_order(_topic_id: int, ranked: Ranked) -> Ranked:
    """The order by words, where no model could know better."""
    return ranked


@dataclass(frozen=True, slots=True)
class NearPaper:
    """One paper near one topic."""

    paper_id: int
    topic_id: int
    rank: int  # within the topic and the day, from 0
    nearness: float


class NearPapers:
    """Ranks a day's papers by how near they are to topics; the words of each day are read once."""

    def __init__(self, read_forms: ReadForms, reorder: Reorder = keep_order) -> None:
        """`read_forms` gives the normal forms of the papers that became available on a day.

        `reorder` is told the topic and its papers, the nearest by words first.
        """
        self._read_forms, self._reorder = read_forms, reorder
        self._days: dict[date, DayWords] = {}

    def rank_day(
        self,
        topic_id: int,
        day: date,
        weights: Mapping[str, float],
        found: AbstractSet[int],
        is_offered: Callable[[int], bool],
    ) -> list[NearPaper]:
        """The day's nearest papers but those `found`, that are offered at all."""
        if day not in self._days:
            self._days[day] = DayWords(self._read_forms(day))
        ranked = self._days[day].rank_papers(weights)
        near = [(value, pk) for value, pk in ranked if pk not in found and is_offered(pk)]
        # Whatever orders them, a place among the topic's papers is as near as it was by words.
        places = zip(near, self._reorder(topic_id, near), strict=True)
        return [
            NearPaper(pk, topic_id, rank, value)
            for rank, ((value, _), (_, pk)) in enumerate(islice(places, PLACES + _SPARE))
        ]


def choose_near(
    ranked: Iterable[Sequence[NearPaper]], excluded: Callable[[int], bool]
) -> list[NearPaper]:
    """The first PLACES of all topics' near papers, each once, none of those excluded."""
    chosen: dict[int, NearPaper] = {}
    rows = sorted((one for rows in ranked for one in rows), key=_rank_near)
    for one in rows:
        if one.paper_id not in chosen and not excluded(one.paper_id):
            chosen[one.paper_id] = one
            if len(chosen) == PLACES:
                break
    return list(chosen.values())


def _rank_near(one: NearPaper) -> tuple[bool, int, float]:
    """Smallest for what comes first."""
    is_sure = one.nearness >= SURELY_NEAR
    return not is_sure, one.rank if is_sure else 0, -one.nearness


def find_day(available: float) -> date:
    """The day in UTC on which a paper became available; `available` in seconds since 1970."""
    return datetime.fromtimestamp(available, UTC).date()


def spell_near_words(weights: Mapping[str, float], title: str, abstract: str) -> list[str]:
    """The words that make a paper near a topic, the weightiest first, as the paper spells them."""
    reading = read_text(Text(title, abstract))
    heard = {stem: w * reading.measure_mentions(stem) for stem, w in weights.items()}
    stems = sorted((s for s in heard if heard[s]), key=lambda stem: -heard[stem])
    return [_spell_stem(stem, reading.title, reading.abstract) for stem in stems[:_SHOWN_WORDS]]


def _spell_stem(stem: str, *texts: Words) -> str:
    words = next(words for words in reversed(texts) if stem in words.positions)
    place = words.positions[stem][0]
    return lower_sentence_capitals(words.spell(place, place))
