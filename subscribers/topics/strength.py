"""How strongly a paper speaks of a topic: title before abstract, repetition, rare words.

Okapi's BM25 over two fields (Robertson, Zaragoza and Taylor, 2004): what is said twice counts less
than twice, and what is said in a short text counts more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log

TITLE_WEIGHT = 4.0
TITLE_SHARE_WEIGHT = 3.0  # for a title that is the topic and nothing else
# A mention that is part of a longer name: "variational autoencoder", "autoencoder training".
AFTER_A_WORD, BEFORE_A_WORD = 0.5, 0.8
OTHER_ENDING = 0.25  # of a single word: robust for robustness
# Spelled as it was typed, and not in another number, ending or spelling.
AS_TYPED_WEIGHT = 0.5
# All words of a phrase within so many words of an abstract, in any order: "segments images".
TOGETHER_WEIGHT, TOGETHER_WITHIN = 0.3, 12
_SATURATION = 1.2
MOST = _SATURATION + 1  # what `saturate` comes near to
_USUAL_TITLE, _USUAL_ABSTRACT = 10.0, 170.0  # words


@dataclass(frozen=True)
class Statistics:
    """How many papers hold each stem; without papers every word is equally rare."""

    papers: int = 0
    papers_with: dict[str, int] = field(default_factory=dict)
    _rarities: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def measure_rarity(self, stem: str) -> float:
        """BM25's inverse document frequency, above 0; 1 for every word without any papers."""
        if not self.papers:
            return 1.0
        rarity = self._rarities.get(stem)
        if rarity is None:
            holders = min(self.papers_with.get(stem, 0), self.papers)
            rarity = log(1 + (self.papers - holders + 0.5) / (holders + 0.5))
            self._rarities[stem] = rarity
        return rarity

    def measure_share(self, stems: Iterable[str]) -> float:
        """The share of papers that hold the rarest of these; above 0, 1 without papers."""
        if not self.papers:
            return 1.0
        fewest = min((self.papers_with.get(stem, 0) for stem in stems), default=self.papers)
        return max(fewest, 1) / self.papers

    def measure_rareness(self, stems: Iterable[str]) -> float:
        """How rare the rarest of these is among all words: 0.5 to 1, so topics can be compared."""
        if not self.papers:
            return 1.0
        rarest = max(map(self.measure_rarity, stems), default=0.0)
        return 0.5 + 0.5 * rarest / self.measure_rarity("")  # "" is in no paper


NO_STATISTICS = Statistics()


def count_stems(normal_forms: Iterable[str]) -> Statistics:
    """Return in how many of the papers each stem is; one normal form a paper."""
    papers, papers_with = 0, Counter[str]()
    for form in normal_forms:
        papers += 1
        papers_with.update(set(form.split()))
    return Statistics(papers, dict(papers_with))


@dataclass(frozen=True)
class Lengths:
    """How long a paper's title and abstract are against the usual; both above 0."""

    title: float
    abstract: float


def compare_lengths(title_words: int, abstract_words: int) -> Lengths:
    """Return BM25's length factors, 1 for a usual paper: a quarter of each is the same for all."""
    return Lengths(
        0.25 + 0.75 * title_words / _USUAL_TITLE, 0.25 + 0.75 * abstract_words / _USUAL_ABSTRACT
    )


def saturate(in_title: float, in_abstract: float, size: Lengths) -> float:
    """Return how much mentions count together: 0 for none, towards 2.2 for very many.

    `in_title` and `in_abstract` are numbers of mentions, or sums of their weights.
    """
    often = TITLE_WEIGHT * in_title / size.title + in_abstract / size.abstract
    return often * MOST / (often + _SATURATION)
