"""How papers use a phrase: whether it is an expression by itself, and whether they are about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod

from digest.match.recent import RecentPapers
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.topics import Acronyms, Statistics
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.words import normal_form

# A phrase that so many papers hold is an expression of the field, and not of one author.
USED_BY = 3
# Of the papers that hold a term this share has it in its title, as most terms go; six papers'
# worth of that is believed before any paper is counted.
IN_TITLES, _BELIEVED = 0.15, 6
_LEAST_IN_TITLES = 0.075
# The same for mentions that end before a small word; below the least it is an adjective.
_CLOSED, _CLOSED_BELIEVED, _LEAST_CLOSED = 0.35, 4, 0.15
_FEWEST_TITLES, _CLOSED_TOPIC = 2, 0.3  # of what is a topic by itself
_INSIDE = 0.85  # of its mentions beside the same word: world robotics
# A phrase stands in so many of the papers that would hold all of its words by chance: learning
# models in every tenth of those that speak of models and of learning, and so it is no expression.
_BOUND = 0.13
_SMALL = frozenset(normal_form(word).strip() for word in STOP_WORDS) | {"", "|"}


@dataclass(frozen=True)
class StoredPapers:
    """The papers that phrases are weighed against, and what they teach."""

    recent: RecentPapers
    statistics: Statistics
    acronyms: Acronyms
    allowance: CpuAllowance | None = None  # for all that is looked up among them

    def is_bound(self, key: str, usage: PhraseUsage) -> bool:
        """Whether the words of a phrase, given by its stems, belong together.

        Of words that are in a great many papers more is asked: they meet without any meaning.
        """
        stems, statistics = key.split(), self.statistics
        if len(stems) < 2 or not statistics.papers:
            return True
        shares = (statistics.papers_with.get(stem, 0) / statistics.papers for stem in stems)
        return usage.stored >= _BOUND * len(self.recent) * prod(shares)


@dataclass
class PhraseUsage:
    """Papers that hold a phrase, and what stands beside it there."""

    stored: int = 0  # papers that we have
    stored_titled: int = 0  # in whose titles it is
    papers: int = 0  # and pasted ones
    titled: int = 0
    mentions: int = 0
    closed: int = 0  # mentions that a small word, or the end, follows
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)

    @property
    def is_of_the_field(self) -> bool:
        return self.stored >= USED_BY

    @property
    def is_topic(self) -> bool:
        """Whether several stored papers are called by it, as a whole expression."""
        is_used = self.is_of_the_field and self.stored_titled >= _FEWEST_TITLES
        is_closed = self.closed >= _CLOSED_TOPIC * self.mentions
        return is_used and is_closed and self.is_subject and self.is_whole

    @property
    def in_titles(self) -> float:
        """The share of its papers that have it in their title."""
        return (self.titled + IN_TITLES * _BELIEVED) / (self.papers + _BELIEVED)

    @property
    def is_subject(self) -> bool:
        """Whether papers are about it; "state of the art" is in many, and in no title."""
        return self.in_titles >= _LEAST_IN_TITLES

    @property
    def is_whole(self) -> bool:
        """Whether it stands by itself, and is neither an adjective nor a piece of something."""
        believed = _CLOSED * _CLOSED_BELIEVED
        closed = (self.closed + believed) / (self.mentions + _CLOSED_BELIEVED)
        return closed >= _LEAST_CLOSED and not self._is_beside_one(self.before, self.after)

    def _is_beside_one(self, *sides: Counter[str]) -> bool:
        """Whether the same word is nearly always beside it, on one of these sides."""
        if self.mentions <= USED_BY:
            return False
        ends = (words.most_common(1)[0] for words in sides)
        return any(n > _INSIDE * self.mentions and word not in _SMALL for word, n in ends)

    def count_phrase(self, forms: Iterable[str], key: str) -> None:
        """Count the phrase, by its stems, in normal forms of papers: title | abstract."""
        for form in forms:
            pieces = form.split(f" {key} ")
            if len(pieces) > 1:
                title, bar, _ = form.partition(" | ")
                self.papers += 1
                self.titled += bool(bar) and f" {key} " in f"{title} "
                for left, right in pairwise(pieces):
                    self._count_mention(left.rpartition(" ")[2], right.partition(" ")[0])

    def _count_mention(self, before: str, after: str) -> None:
        self.mentions += 1
        self.closed += after in _SMALL
        self.before[before] += 1
        self.after[after] += 1


def measure_usage(key: str, pasted: Iterable[str], stored: StoredPapers) -> PhraseUsage:
    """Count how the stored papers, and the pasted ones, use the phrase of these stems.

    `pasted` are normal forms: title | abstract.
    """
    usage = PhraseUsage()
    usage.count_phrase(stored.recent.find_normal_forms(f" {key} "), key)
    usage.stored, usage.stored_titled = usage.papers, usage.titled
    usage.count_phrase(pasted, key)
    return usage
