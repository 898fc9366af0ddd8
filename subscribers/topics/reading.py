"""A paper's words, split and counted once, so that any number of topics can be looked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from subscribers.topics.acronyms import NO_ACRONYMS, Acronyms
from subscribers.topics.strength import NO_STATISTICS, Lengths, Statistics, compare_lengths
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.words import Words, read_words


@dataclass(frozen=True)
class Text:
    """The parts of one paper that topics are looked for in."""

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    organization: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A paper's words and their counts, made when first asked for; and what other papers taught."""

    text: Text
    acronyms: Acronyms = NO_ACRONYMS
    statistics: Statistics = NO_STATISTICS

    @cached_property
    def title(self) -> Words:
        return read_words(self.text.title)

    @cached_property
    def abstract(self) -> Words:
        return read_words(self.text.abstract)

    @cached_property
    def lengths(self) -> Lengths:
        return compare_lengths(len(self.title.stems), len(self.abstract.stems))

    @cached_property
    def title_size(self) -> int:
        """How many words of the title say something; at least 1."""
        return sum(word not in STOP_WORDS for word in self.title.folded) or 1

    @cached_property
    def title_counts(self) -> Counter[str]:
        return Counter(self.title.stems)

    @cached_property
    def abstract_counts(self) -> Counter[str]:
        return Counter(self.abstract.stems)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Where each stem stands in the abstract, counted in words."""
        positions: dict[str, list[int]] = {}
        for i, stem in enumerate(self.abstract.stems):
            positions.setdefault(stem, []).append(i)
        return positions

    @cached_property
    def authors(self) -> list[Words]:
        return [read_words(name) for name in self.text.authors]

    @cached_property
    def organization(self) -> list[Words]:
        return [read_words(self.text.organization)]

    @property
    def normal_form(self) -> str:
        """The title's words, a bar, the abstract's words, padded with blanks; "" without words."""
        title, abstract = " ".join(self.title.stems), " ".join(self.abstract.stems)
        return f" {title} | {abstract} " if abstract else f" {title} " if title else ""


def read_text(
    text: Text, acronyms: Acronyms = NO_ACRONYMS, statistics: Statistics = NO_STATISTICS
) -> Reading:
    """Return a paper ready to be asked for any number of topics.

    `acronyms` and `statistics` are what other papers taught; without them an acronym finds only
    itself, and every word is equally rare.
    """
    return Reading(text, acronyms, statistics)
