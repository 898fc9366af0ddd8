"""A paper's words, split and counted once, so that any number of topics can be looked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property

from subscribers.topics.acronyms import NO_ACRONYMS, Acronyms, are_one_sense, spell_out
from subscribers.topics.author_names import list_author_keys
from subscribers.topics.spelled_out import SpelledOut, find_spelled_out
from subscribers.topics.stored_words import StoredWords
from subscribers.topics.strength import (
    NO_STATISTICS,
    Lengths,
    Statistics,
    compare_lengths,
    saturate,
)
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
    stored_form: str = ""  # the normal form of this text, where it is known
    # Of each term that was looked for, by its identity: many topics share their terms.
    found: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    _often: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def title(self) -> Words:
        return read_words(self.text.title)

    @cached_property
    def abstract(self) -> Words:
        title, _bar, abstract = self.stored_form.partition(" | ")
        # A form that another release wrote may differ in what it takes for a word.
        if abstract and title.split() == self.title.stems:
            return StoredWords(self.text.abstract, abstract.split())
        return read_words(self.text.abstract)

    @cached_property
    def spelled_out(self) -> Sequence[SpelledOut]:
        """The acronyms that this paper itself spells out."""
        return [*find_spelled_out(self.text.title), *find_spelled_out(self.text.abstract)]

    @cached_property
    def foreign_acronyms(self) -> frozenset[str]:
        """The acronyms that it spells out as something else than most papers do."""
        own, foreign = set[str](), set[str]()
        for short, stems, _ in self.spelled_out:
            if usual := self.acronyms.long_forms.get(short):
                whole = spell_out(stems, self.acronyms.commonest)
                is_own = any(
                    are_one_sense(spell_out(form, self.acronyms.commonest), whole) for form in usual
                )
                (own if is_own else foreign).add(short)
        return frozenset(foreign - own)

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

    def measure_mentions(self, stem: str) -> float:
        """How much the paper speaks of one word, wherever it stands: 0 to 2.2."""
        often = self._often.get(stem)
        if often is None:
            in_title = len(self.title.find_stem(stem))
            in_abstract = len(self.abstract.find_stem(stem))
            often = self._often[stem] = saturate(in_title, in_abstract, self.lengths)
        return often

    @cached_property
    def author_keys(self) -> frozenset[str]:
        """What a topic for one of the authors is told by."""
        return frozenset(key for name in self.text.authors for key in list_author_keys(name))

    @cached_property
    def organization(self) -> list[Words]:
        return [read_words(self.text.organization)]

    @property
    def normal_form(self) -> str:
        """The title's words, a bar, the abstract's words, padded with blanks; "" without words."""
        title, abstract = " ".join(self.title.stems), " ".join(self.abstract.stems)
        return f" {title} | {abstract} " if abstract else f" {title} " if title else ""


def read_text(
    text: Text,
    acronyms: Acronyms = NO_ACRONYMS,
    statistics: Statistics = NO_STATISTICS,
    stored_form: str = "",
) -> Reading:
    """Return a paper ready to be asked for any number of topics.

    `acronyms` and `statistics` are what other papers taught; without them an acronym finds only
    itself, and every word is equally rare. `stored_form` is the text's normal form where it was
    stored: to look for few topics then costs a third.
    """
    return Reading(text, acronyms, statistics, stored_form)
