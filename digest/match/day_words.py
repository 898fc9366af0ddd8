"""The words of one day's papers, so that those near a topic are found without reading any of them.

By stem the papers that hold it and how much each says it: a topic's weights (subscribers/topics/
sense.py) are summed over its dozen stems, some ten microseconds for a day of a hundred papers.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from heapq import nlargest

from subscribers.topics import measure_some_words, measure_words
from subscribers.topics.kinds import is_mark, list_kinds

LEAST_NEARNESS = 0.35  # of a topic's words and those beside it, of 0 to some 4
# Of one word alone: so much is only that of a topic which has no other, said more than once. Who
# writes of a dense map says nothing of dense retrieval.
LEAST_OF_ONE_WORD = 0.6
# What names the topic, too weakly to be on it, is nearer by so much: two signals agree then. Of
# papers whose authors chose the topic there are as many among mentions of 0.6 as elsewhere of 0.9.
OF_A_MENTION = 0.2
MOST_RANKED = 12  # papers of one topic and day


class DayWords:
    """Papers by their words."""

    def __init__(
        self, forms: Iterable[tuple[int, str]], stems: frozenset[str] | None = None
    ) -> None:
        """`forms` are ids of papers, each with its normal form.

        `stems` are the only ones that will be asked for, all where it is None.
        """
        self._stems = stems
        self._papers_with: dict[str, tuple[array[int], array[float]]] = {}
        self._titles: dict[int, str] = {}
        for paper_id, form in forms:
            self._titles[paper_id] = f"{form.partition(' | ')[0].rstrip()} "
            words = measure_words(form) if stems is None else measure_some_words(form, stems)
            for stem, said in words.items():
                if stem not in self._papers_with:
                    self._papers_with[stem] = (array("q"), array("f"))
                ids, amounts = self._papers_with[stem]
                ids.append(paper_id)
                amounts.append(said)

    def has_words(self, weights: Iterable[str]) -> bool:
        """Whether the papers with all these stems are known."""
        return self._stems is None or self._stems.issuperset(weights)

    def rank_papers(
        self,
        weights: Mapping[str, float],
        mentions: AbstractSet[int] = frozenset(),
        is_offered: Callable[[int], bool] = lambda _: True,
    ) -> list[tuple[float, int]]:
        """The papers nearest to a topic of these weights: how near each is and its id.

        `mentions` are the ids of papers that name the topic; what is not offered is left out.
        """
        nearness, words = dict[int, float](), dict[int, int]()
        for stem, weight in weights.items():
            if stem in self._papers_with:
                for paper_id, said in zip(*self._papers_with[stem], strict=True):
                    nearness[paper_id] = nearness.get(paper_id, 0.0) + weight * said
                    words[paper_id] = words.get(paper_id, 0) + 1
        for paper_id in mentions & nearness.keys():
            nearness[paper_id] += OF_A_MENTION
        for mark in filter(is_mark, weights):
            for paper_id in self._find_kinds(mark):
                if nearness.get(paper_id, 0.0) >= LEAST_NEARNESS:
                    nearness[paper_id] += weights[mark]
                    words[paper_id] += 1
        near = (
            (value, -pk)
            for pk, value in nearness.items()
            if value >= (LEAST_NEARNESS if words[pk] > 1 else LEAST_OF_ONE_WORD) and is_offered(pk)
        )
        return [(value, -negative) for value, negative in nlargest(MOST_RANKED, near)]

    def _find_kinds(self, mark: str) -> set[int]:
        """The papers whose titles hold a kind of the topic that the mark is of."""
        titled, titles = self._titled, self._titles
        return {
            paper_id
            for kind in list_kinds(mark)
            if kind.first in titled
            for paper_id in titled[kind.first]
            if f" {kind.phrase} " in titles[paper_id]
        }

    @cached_property
    def _titled(self) -> dict[str, list[int]]:
        """The papers by the stems of their titles."""
        titled: dict[str, list[int]] = {}
        for paper_id, title in self._titles.items():
            for stem in set(title.split()):
                titled.setdefault(stem, []).append(paper_id)
        return titled
