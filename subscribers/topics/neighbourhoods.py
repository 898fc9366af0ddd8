"""Papers read once, and whether two ways to write a word stand in papers about the same.

What two words mean is seen by what stands beside them: papers with *imagenet* are about what papers
with *ImageNet* are about, those with *minimax* about something else than those with *MiniMax*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from math import log, sqrt

from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.words import Words, read_words

UNKNOWN = 0.5
_SAMPLE = 200  # papers that others are compared with
_FEWEST_IN_SAMPLE = 30
_MOST_OWN, _MOST_OTHERS = 40, 30
_KEPT_VECTORS = 3_000


class ReadPapers:
    """Papers split into words, known by their position in a list."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: list[Words] = [read_words(text) for text in texts]
        self._vectors: dict[int, dict[str, float]] = {}

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def _rarities(self) -> dict[str, float]:
        """How rare each stem is, without small words and those of one paper: these tell nothing."""
        counts = Counter(stem for words in self.words for stem in set(words.stems))
        return {
            stem: log(len(self) / n)
            for stem, n in counts.items()
            if n > 1 and stem not in STOP_WORDS
        }

    @cached_property
    def _sample(self) -> list[int]:
        step = max(1, len(self) // _SAMPLE)
        return list(range(0, len(self), step))[:_SAMPLE]

    @cached_property
    def _usual(self) -> dict[str, float]:
        return self._average_papers(self._sample)

    @cached_property
    def _sample_with(self) -> dict[str, list[tuple[int, float]]]:
        """The papers of the sample with each stem, and its weight in them."""
        having: dict[str, list[tuple[int, float]]] = {}
        for paper in self._sample:
            for stem, weight in self._weigh(paper).items():
                having.setdefault(stem, []).append((paper, weight))
        return having

    @cached_property
    def _usualness(self) -> dict[int, float]:
        """How like the usual paper those of the sample are."""
        return {paper: self._compare_paper(self._usual, paper) for paper in self._sample}

    def _weigh(self, paper: int) -> dict[str, float]:
        """What `_weigh_paper` returns, kept for the papers that were asked about last."""
        if paper not in self._vectors:
            if len(self._vectors) >= _KEPT_VECTORS:
                self._vectors.clear()
            self._vectors[paper] = self._weigh_paper(paper)
        return self._vectors[paper]

    def _weigh_paper(self, paper: int) -> dict[str, float]:
        """A paper as its stems, each as heavy as it is rare and often said, to length 1."""
        rarities = self._rarities
        counts = Counter(self.words[paper].stems)
        weights = {s: (1 + log(n)) * rarities[s] for s, n in counts.items() if s in rarities}
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {stem: weight / length for stem, weight in weights.items()}

    def _average_papers(self, papers: Sequence[int]) -> dict[str, float]:
        sums: dict[str, float] = {}
        for paper in papers:
            for stem, weight in self._weigh(paper).items():
                sums[stem] = sums.get(stem, 0.0) + weight / len(papers)
        return sums

    def rank_likeness(
        self, own: Collection[int], others: Collection[int], but: Collection[str] = ()
    ) -> float:
        """Return which share of usual papers is less like `own` than `others` are, in the mean.

        Near 1 where both are about the same, 0.5 and less where they have nothing to do with it, or
        the papers are too few to tell. The stems in `but` do not count.
        """
        left = [paper for paper in self._sample if paper not in own and paper not in others]
        if len(left) < _FEWEST_IN_SAMPLE:
            return UNKNOWN
        profile = self._average_papers(sorted(own)[:_MOST_OWN])
        for stem in but:
            profile[stem] = self._usual.get(stem, 0.0)  # so that both are equal in it
        sample = self._compare_sample(profile)
        usual = sorted(sample[paper] for paper in left)
        some = sorted(others)[:_MOST_OTHERS]
        scores = (
            self._compare_paper(profile, paper) - self._compare_paper(self._usual, paper)
            for paper in some
        )
        # Whoever is more like the usual paper than like `own` is before none.
        return sum(bisect_left(usual, s) for s in scores if s > 0) / len(some) / len(usual)

    def _compare_sample(self, profile: dict[str, float]) -> dict[int, float]:
        """How much more each paper of the sample is like the profile than like the usual paper."""
        scores = {paper: -usualness for paper, usualness in self._usualness.items()}
        for stem, weight in profile.items():
            for paper, other in self._sample_with.get(stem, ()):
                scores[paper] += weight * other
        return scores

    def _compare_paper(self, profile: dict[str, float], paper: int) -> float:
        return sum(w * profile[s] for s, w in self._weigh(paper).items() if s in profile)
