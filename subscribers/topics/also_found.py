"""What a topic finds besides what was typed, for pages that say it and offer to switch it off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from subscribers.topics.acronyms import Acronyms
from subscribers.topics.terms import ParsedTopic, Term, TopicWord
from subscribers.topics.variants import Kind, Stems, Variant, Variants
from subscribers.topics.words import HYPHENS


class AlsoFound(NamedTuple):
    """What a topic finds besides what was typed, and on what evidence."""

    typed: str  # LLM
    other: str  # large language model
    papers: int  # that spell it out, or write it so
    only: str  # what to type instead, to find only the words typed
    instead: str  # the whole topic with that in it
    is_variant: bool = False  # of spelling, and no acronym or long form

    @property
    def how(self) -> str:
        """What those papers do with it."""
        return "written so" if self.is_variant else "spelled out"


class _Other(NamedTuple):
    typed: str
    other: str
    papers: int
    is_variant: bool = False


def list_also_found(topic: ParsedTopic, acronyms: Acronyms) -> list[AlsoFound]:
    """Return what papers taught that adds to a topic; [] where nothing does, as within quotes."""
    also = [
        AlsoFound(*other[:3], only, _replace_term(topic, term, only), other.is_variant)
        for term in (*topic.wanted, *topic.unwanted)
        if not term.is_exact and term.field in ("", "title")
        for only in [f'{term.field}{":" if term.field else ""}"{term.plain}"']
        for other in _find_others(term, acronyms)
    ]
    return list(dict.fromkeys(also))


def _replace_term(topic: ParsedTopic, old: Term, only: str) -> str:
    """The topic as one types it, with one of its terms put in other words."""
    wanted = [only if term is old else term.typed for term in topic.wanted]
    unwanted = [f"-{only if term is old else term.typed}" for term in topic.unwanted]
    return " ".join([" + ".join(wanted), *unwanted])


def _find_others(term: Term, acronyms: Acronyms) -> Iterator[_Other]:
    """Acronyms, long forms and variants of what is in the term, with the papers behind each."""
    for word in term.words:
        if evidence := acronyms.evidence.get(word.capitals):
            yield _Other(word.capitals, evidence.spelled, evidence.papers)
    for first in range(len(term.stems)):
        for end in range(first + 2, len(term.stems) + 1):
            if short := acronyms.short_forms.get(term.stems[first:end]):
                typed = _spell_words(term.words[first:end])
                yield _Other(typed, short, acronyms.evidence[short].papers)
    yield from _find_variants(term, acronyms.variants)


def _find_variants(term: Term, variants: Variants) -> Iterator[_Other]:
    for row in variants.learned:
        if row.kind == Kind.ENDING:
            if term.is_single and term.words[0].singular == row.form:
                yield _Other(term.plain, row.other_spelled, row.other_papers, is_variant=True)
        elif row.kind == Kind.NAME:
            if row.form in term.capitals:
                yield _Other(row.form, row.other_spelled, row.other_papers, is_variant=True)
        elif found := _find_stems(term, tuple(row.form.split()), row):
            typed = _spell_words(found)
            yield _Other(typed, row.other_spelled, row.other_papers, is_variant=True)
        elif found := _find_stems(term, tuple(row.other.split()), row):
            yield _Other(_spell_words(found), row.spelled, row.papers, is_variant=True)


def _find_stems(term: Term, stems: Stems, row: Variant) -> tuple[TopicWord, ...]:
    """The term's words with these stems where the variant holds for them; () where it does not."""
    size = len(stems)
    for first in range(len(term.stems) - size + 1):
        words = term.words[first : first + size]
        if term.stems[first : first + size] != stems:
            continue
        if row.kind == Kind.ORDER and size != len(term.words):
            continue
        if row.kind == Kind.HYPHEN and size == 2 and words[1].gap not in HYPHENS:
            continue
        return words
    return ()


def _spell_words(words: tuple[TopicWord, ...]) -> str:
    return "".join(f"{word.gap}{word.typed}" for word in words).strip(" -")
