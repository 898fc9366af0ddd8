"""Which papers in memory hold the words that many hold, so that no text is looked through for them.

Of rare words the database's index tells quickly; of these it would read every row. What is kept is
four bytes for each paper of a word, some 30 MB for 90,000 papers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence

from subscribers.topics import Statistics

# Of all papers hold a frequent word: rarer ones a search asks of the database's index.
LEAST_SHARE = 0.005
_FEW = 20  # times fewer positions than papers of a word: to look at these is quicker


def list_frequent_stems(statistics: Statistics) -> frozenset[str]:
    """The stems that are frequent among the papers of these statistics; no bar of normal forms."""
    least = max(1.0, statistics.papers * LEAST_SHARE)
    held = statistics.papers_with.items()
    return frozenset(stem for stem, papers in held if papers >= least and stem != "|")


class FrequentWords:
    """By stem the positions of the papers that hold it, in their order.

    A paper whose text changed stays under the words that it held before: whoever asks looks again.
    """

    def __init__(self, stems: Iterable[str] = ()) -> None:
        self._holding: Mapping[str, array[int]] = {stem: array("i") for stem in stems}
        self.stems = frozenset(self._holding)
        # Bound once: some hundred are called for each paper.
        self._append = {stem: positions.append for stem, positions in self._holding.items()}

    def add_paper(self, position: int, form: str) -> None:
        """Note the words of a paper behind all others, by its normal form."""
        append = self._append
        for stem in self.stems.intersection(form.split()):
            append[stem](position)

    def add_words(self, position: int, form: str) -> None:
        """Note the words of a paper that was noted before, with another text."""
        for stem in self.stems.intersection(form.split()):
            positions = self._holding[stem]
            at = bisect_left(positions, position)
            if positions[at : at + 1] != array("i", [position]):
                positions.insert(at, position)

    def narrow(self, phrase: str, positions: Sequence[int]) -> Collection[int]:
        """Those of the positions whose papers may hold all words of a phrase.

        All of them where none of its words is known here, or where they are few themselves.
        """
        known = [held for stem in phrase.split() if (held := self._holding.get(stem)) is not None]
        if not known:
            return positions
        fewest, *others = sorted(known, key=len)
        if isinstance(positions, range):
            within = slice(*(bisect_left(fewest, end) for end in (positions.start, positions.stop)))
            return set(fewest[within]).intersection(*others)
        if len(positions) * _FEW < len(fewest):
            return positions
        if len(positions) < len(fewest):
            return set(positions).intersection(fewest, *others)
        return set(fewest).intersection(*others, positions)
