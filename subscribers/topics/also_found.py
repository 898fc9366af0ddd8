"""What a topic finds besides what was typed, for pages that say it and offer to switch it off."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from subscribers.topics.acronyms import Acronyms
from subscribers.topics.kinds import list_kinds, mark_kinds
from subscribers.topics.terms import ParsedTopic, Term, TopicWord
from subscribers.topics.variants import Kind, Stems, Variant, Variants
from subscribers.topics.words import HYPHENS

SHOWN_KINDS = 4


class Relation(StrEnum):
    """What the other thing is to what was typed."""

    SPELLED_OUT = "spelled out"  # the acronym's long form, or the reverse
    VARIANT = "written so"  # of spelling
    LEFT_OUT = "left out"  # another sense of the acronym: a paper that spells that out is no find
    POSSIBLE = "possible"  # one of several senses, none of which is the usual one
    KIND = "a kind"  # of it, which titles name


class AlsoFound(NamedTuple):
    """What a topic finds or leaves out besides what was typed, and on what evidence."""

    typed: str  # LLM
    other: str  # large language model
    papers: int  # that spell it out, or write it so; of kinds how many more there are
    only: str  # what to type instead: only the words typed, or one sense
    instead: str  # the whole topic with that in it
    relation: Relation = Relation.SPELLED_OUT

    @property
    def is_variant(self) -> bool:
        """Whether it is one of spelling, and no acronym or long form."""
        return self.relation == Relation.VARIANT


class _Other(NamedTuple):
    typed: str
    other: str
    papers: int
    relation: Relation = Relation.SPELLED_OUT


def list_also_found(topic: ParsedTopic, acronyms: Acronyms) -> list[AlsoFound]:
    """Return what papers taught that changes a topic; [] where nothing does, as within quotes."""
    also = [
        AlsoFound(*other[:3], only, _replace_term(topic, term, only), other.relation)
        for term in (*topic.wanted, *topic.unwanted)
        if not term.is_exact and term.field in ("", "title")
        for other in _find_others(term, acronyms)
        for only in [_say_only(term, other)]
    ]
    return list(dict.fromkeys(also))


def find_kinds(topic: ParsedTopic) -> AlsoFound | None:
    """Return the names and kinds by which digests find papers too; None where none are listed."""
    kinds = [kind.spelled for mark in mark_kinds(topic) for kind in list_kinds(mark)]
    if not kinds:
        return None
    [term] = topic.wanted
    only, shown = f'"{term.plain}"', ", ".join(kinds[:SHOWN_KINDS])
    more = max(len(kinds) - SHOWN_KINDS, 0)
    return AlsoFound(term.plain, shown, more, only, only, Relation.KIND)


def _say_only(term: Term, other: _Other) -> str:
    """The term as one types it to have only the words typed, or only the one sense."""
    field = f"{term.field}:" if term.field else ""
    if other.relation != Relation.POSSIBLE:
        return f'{field}"{term.plain}"'
    narrowed = term.plain.replace(other.typed, other.other)
    return f'{field}"{narrowed}"' if field else narrowed


def _replace_term(topic: ParsedTopic, old: Term, only: str) -> str:
    """The topic as one types it, with one of its terms put in other words."""
    wanted = [only if term is old else term.typed for term in topic.wanted]
    unwanted = [f"-{only if term is old else term.typed}" for term in topic.unwanted]
    return " ".join([" + ".join(wanted), *unwanted])


def _find_others(term: Term, acronyms: Acronyms) -> Iterator[_Other]:
    """Acronyms, long forms and variants of what is in the term, with the papers behind each."""
    for word in term.words:
        yield from _find_senses(word.capitals, acronyms)
    for first in range(len(term.stems)):
        for end in range(first + 2, len(term.stems) + 1):
            stems = term.stems[first:end]
            if short := acronyms.short_forms.get(stems):
                typed = _spell_words(term.words[first:end])
                yield _Other(typed, short, acronyms.evidence[short, stems].papers)
                for other in acronyms.list_other_forms(stems):
                    yield _Other(typed, *acronyms.evidence[short, other])
    yield from _find_variants(term, acronyms.variants)


def _find_senses(short: str, acronyms: Acronyms) -> Iterator[_Other]:
    """What papers spell an acronym out as: its usual sense, and the others."""
    usual, others = acronyms.long_forms.get(short, ()), acronyms.other_senses.get(short, ())
    for stems in usual:
        yield _Other(short, *acronyms.evidence[short, stems])
    if usual or len(others) > 1:
        relation = Relation.LEFT_OUT if usual else Relation.POSSIBLE
        for stems in others:
            yield _Other(short, *acronyms.evidence[short, stems], relation)


def _find_variants(term: Term, variants: Variants) -> Iterator[_Other]:
    """Variants of the term; those that no paper has had yet are found and not worth a word."""
    return (other for other in _list_variants(term, variants) if other.papers)


def _list_variants(term: Term, variants: Variants) -> Iterator[_Other]:
    for row in variants.learned:
        if row.kind == Kind.ENDING:
            if term.is_single and term.words[0].singular == row.form:
                yield _Other(term.plain, row.other_spelled, row.other_papers, Relation.VARIANT)
        elif row.kind == Kind.NAME:
            if row.form in term.capitals:
                yield _Other(row.form, row.other_spelled, row.other_papers, Relation.VARIANT)
        elif found := _find_stems(term, tuple(row.form.split()), row):
            typed = _spell_words(found)
            yield _Other(typed, row.other_spelled, row.other_papers, Relation.VARIANT)
        elif found := _find_stems(term, tuple(row.other.split()), row):
            yield _Other(_spell_words(found), row.spelled, row.papers, Relation.VARIANT)


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
