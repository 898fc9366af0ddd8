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
from typing import NamedTuple

from subscribers.topics import measure_some_words, measure_words
from subscribers.topics.kinds import OPENING_WORDS, is_mark, list_kinds, list_name_stems

LEAST_NEARNESS = 0.35  # of a topic's words and those beside it, of 0 to some 4
# Of one word alone: so much is only that of a topic which has no other, said more than once. Who
# writes of a dense map says nothing of dense retrieval.
LEAST_OF_ONE_WORD = 0.7
# What names the topic, too weakly to be on it, is nearer by so much: two signals agree then. Of
# papers whose authors chose the topic there are as many among mentions of 0.6 as elsewhere of 0.9.
OF_A_MENTION = 0.2
# What a title says tells more of what a paper is about than an abstract's saying it often does: a
# word there counts by so much more than by how much the paper says it (0 to 2.2).
OF_A_TITLE = 0.4
# A kind of the topic in an abstract's opening counts half of one in the title, and both are both.
_OF_AN_OPENING = 0.5
_NO_STRAY_WORD = 2  # words: a kind by itself is as good as several
# A topic finds a paper whose title names a kind of it and that is as near as this: the kind makes
# 0.6 of it, or 0.9 where the abstract opens with it too, and other words agree. A kind of one word,
# which has more senses, asks for more, but where no other paper of the day begins with it: what so
# few say is hardly said for something else (docs/judged.md). Below it, the kind is a reason of its
# own to be near: the title names it, and the abstract's opening does too or another word agrees.
FOUND_BY_A_KIND = 1.0
NEAR_BY_A_KIND = 0.75
_BY_ONE_WORD = 1.4
MOST_RANKED = 12  # papers of one topic and day


class _KindsNamed(NamedTuple):
    """The ids of the papers that begin with a kind of the topic that a mark is of."""

    mark: str
    in_titles: AbstractSet[int] = frozenset()
    in_openings: AbstractSet[int] = frozenset()

    def measure(self, paper_id: int) -> float:
        """What it counts: 1 in a title, half in an abstract's opening, or both."""
        return (paper_id in self.in_titles) + _OF_AN_OPENING * (paper_id in self.in_openings)


class DayWords:
    """Papers by their words."""

    def __init__(
        self, forms: Iterable[tuple[int, str]], stems: frozenset[str] | None = None
    ) -> None:
        """`forms` are ids of papers, each with its normal form.

        `stems` are the only ones that will be asked for, all where it is None.
        """
        self._stems = stems
        self._last_kinds = _KindsNamed("")
        self._papers_with: dict[str, tuple[array[int], array[float]]] = {}
        self._beginnings: dict[int, tuple[str, str]] = {}  # of title and abstract
        for paper_id, form in forms:
            title, _, abstract = form.partition(" | ")
            opening = abstract.split(maxsplit=OPENING_WORDS)[:OPENING_WORDS]
            self._beginnings[paper_id] = (f"{title.rstrip()} ", f" {' '.join(opening)} ")
            words = measure_words(form) if stems is None else measure_some_words(form, stems)
            titled = words.keys() & set(title.split())
            for stem, said in words.items():
                if stem not in self._papers_with:
                    self._papers_with[stem] = (array("q"), array("f"))
                ids, amounts = self._papers_with[stem]
                ids.append(paper_id)
                amounts.append(said + OF_A_TITLE * (stem in titled))

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
            kinds = self._find_kinds(mark)
            for paper_id in kinds.in_titles | kinds.in_openings:
                gain = kinds.measure(paper_id) * weights[mark]
                nearness[paper_id] = nearness.get(paper_id, 0.0) + gain
                words[paper_id] = words.get(paper_id, 0) + _NO_STRAY_WORD
        near = (
            (value, -pk)
            for pk, value in nearness.items()
            if value >= (LEAST_NEARNESS if words[pk] > 1 else LEAST_OF_ONE_WORD) and is_offered(pk)
        )
        return [(value, -negative) for value, negative in nlargest(MOST_RANKED, near)]

    def names_kind(self, weights: Mapping[str, float], paper_id: int, nearness: float) -> bool:
        """Whether a paper's title names a kind of a topic of these weights, and it is near."""
        if nearness < NEAR_BY_A_KIND:
            return False
        title = self._beginnings[paper_id][0]
        return any(
            f" {kind.phrase} " in title
            for mark in filter(is_mark, weights)
            if paper_id in self._find_kinds(mark).in_titles
            for kind in list_kinds(mark)
            if " " in kind.phrase
            or nearness >= _BY_ONE_WORD
            or len(self._papers_beginning.get(kind.first, ())) == 1
        )

    def holds_name(self, weights: Mapping[str, float], paper_id: int, nearness: float) -> bool:
        """Whether a paper holds all words of a topic's name, or begins with a kind of it.

        True of a topic whose kinds are not listed, and of one of a single word; and of a paper that
        is so far that several topics must agree on it.
        """
        return nearness < NEAR_BY_A_KIND or all(
            self._find_kinds(mark).measure(paper_id)
            or all(self._holds(stem, paper_id) for stem in list_name_stems(mark))
            for mark in filter(is_mark, weights)
        )

    def _holds(self, stem: str, paper_id: int) -> bool:
        ids, _ = self._papers_with.get(stem, ((), ()))
        return paper_id in ids

    def _find_kinds(self, mark: str) -> _KindsNamed:
        """The papers that begin with a kind of the topic that the mark is of; asked thrice each."""
        if self._last_kinds.mark != mark:
            self._last_kinds = self._look_for_kinds(mark)
        return self._last_kinds

    def _look_for_kinds(self, mark: str) -> _KindsNamed:
        begins, beginnings = self._papers_beginning, self._beginnings
        in_titles, in_openings = set[int](), set[int]()
        for kind in list_kinds(mark):
            phrase = f" {kind.phrase} "
            for paper_id in begins.get(kind.first, ()):
                title, opening = beginnings[paper_id]
                if phrase in title:
                    in_titles.add(paper_id)
                if phrase in opening:
                    in_openings.add(paper_id)
        return _KindsNamed(mark, in_titles, in_openings)

    @cached_property
    def _papers_beginning(self) -> dict[str, list[int]]:
        """The papers by the stems of their titles and of what their abstracts open with."""
        papers: dict[str, list[int]] = {}
        for paper_id, beginning in self._beginnings.items():
            for stem in set("".join(beginning).split()):
                papers.setdefault(stem, []).append(paper_id)
        return papers
