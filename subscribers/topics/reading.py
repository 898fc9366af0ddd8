"""A paper read once, so that it may be asked for any number of topics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from subscribers.topics.acronyms import NO_ACRONYMS, Acronyms
from subscribers.topics.strength import NO_STATISTICS, Lengths, Statistics, lengths
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.words import Words, read_words


@dataclass(frozen=True)
class Text:
    """What of one paper is searched."""

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    organization: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A paper read once, as far as it is asked for; and what was learned from others."""

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
        return lengths(len(self.title.stems), len(self.abstract.stems))

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
    def places(self) -> dict[str, list[int]]:
        """Where each stem stands in the abstract."""
        places: dict[str, list[int]] = {}
        for i, stem in enumerate(self.abstract.stems):
            places.setdefault(stem, []).append(i)
        return places

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


def read(
    text: Text, acronyms: Acronyms = NO_ACRONYMS, statistics: Statistics = NO_STATISTICS
) -> Reading:
    """Read a paper once, for any number of topics."""
    return Reading(text, acronyms, statistics)
