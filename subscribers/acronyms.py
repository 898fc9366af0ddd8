"""What papers teach of how things are written: acronyms, and variants of words.

Written once a day, read for matching and for pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, islice
from operator import attrgetter

from django.db import transaction
from django.db.models import Q

from subscribers.models import Acronym, SpellingVariant
from subscribers.topics import (
    Acronyms,
    AlsoFound,
    ParsedTopic,
    TopicError,
    list_also_found,
    parse_once,
)
from subscribers.topics.acronyms import Evidence
from subscribers.topics.variants import Kind, Variant, Variants

_AT_ONCE = 500
_LONGEST = 250  # characters of a column
# Looked up of topics: runs of so many words, more than eight letters stand for, and so many runs.
# Fifty topics of a hundred letters each have 250,000, and took eleven CPU seconds.
_LONGEST_SPELLED, _MOST_PARTS = 20, 10_000
_IN_BOTH_DIRECTIONS = (Kind.COMPOUND, Kind.HYPHEN, Kind.ORDER)


def write_acronyms(acronyms: Acronyms, day: date) -> None:
    """Store these acronyms and variants for the day in place of all others.

    Safe to run twice and at once.
    """
    rows = [
        Acronym(
            short=short,
            stems=" ".join(stems),
            is_usual=acronyms.short_forms.get(stems) == short,
            learned_on=day,
            **evidence._asdict(),
        )
        for (short, stems), evidence in acronyms.evidence.items()
    ]
    variants = [
        SpellingVariant(**one._asdict(), learned_on=day)
        for one in acronyms.variants.learned
        if max(map(len, (one.form, one.other, one.spelled, one.other_spelled))) <= _LONGEST
    ]
    with transaction.atomic():
        Acronym.objects.all().delete()
        Acronym.objects.bulk_create(rows, _AT_ONCE, ignore_conflicts=True)
        SpellingVariant.objects.all().delete()
        SpellingVariant.objects.bulk_create(variants, _AT_ONCE, ignore_conflicts=True)


def read_acronyms() -> Acronyms:
    """Return the acronyms and variants that were stored last."""
    return _build_acronyms(Acronym.objects.all(), SpellingVariant.objects.all())


def _build_acronyms(rows: Iterable[Acronym], variants: Iterable[SpellingVariant]) -> Acronyms:
    columns = attrgetter(*Variant._fields)
    acronyms = Acronyms(variants=Variants(tuple(Variant(*columns(row)) for row in variants)))
    for row in rows:
        stems = tuple(row.stems.split())
        evidence = Evidence(row.spelled, row.papers)
        acronyms.add_pairing(row.short, stems, evidence, is_usual=row.is_usual)
    return acronyms


def find_also_found(queries: Iterable[str]) -> list[AlsoFound]:
    """Return what these topics find besides what was typed, each once; two queries at most.

    Topics that cannot be parsed are left out. For `subscribers/_also.html`.
    """
    found = chain.from_iterable(group_also_found(queries).values())
    once = {(also.typed, also.other, also.only): also for also in found}
    return list(once.values())


def group_also_found(queries: Iterable[str]) -> dict[str, list[AlsoFound]]:
    """The same by topic, for those that find something besides what was typed."""
    topics = {query: topic for query in queries if (topic := _parse_or_none(query))}
    terms = [
        term
        for topic in topics.values()
        for term in (*topic.wanted, *topic.unwanted)
        if not term.is_exact and term.field in ("", "title")
    ]
    shorts = {word.capitals for term in terms for word in term.words if word.capitals}
    parts = chain.from_iterable(_list_parts(term.stems) for term in terms)
    phrases = set(islice(parts, _MOST_PARTS))
    words = {word.singular for term in terms if term.is_single for word in term.words}
    if not phrases:
        return {}
    variants = SpellingVariant.objects.filter(
        Q(form__in=phrases | shorts | words) | Q(other__in=phrases, kind__in=_IN_BOTH_DIRECTIONS)
    )
    named = Acronym.objects.filter(stems__in=phrases).values("short")
    spelled_out = Acronym.objects.filter(Q(short__in=shorts) | Q(short__in=named))
    acronyms = _build_acronyms(spelled_out, variants)
    found = {query: list_also_found(topic, acronyms) for query, topic in topics.items()}
    return {query: also for query, also in found.items() if also}


def _list_parts(stems: tuple[str, ...]) -> Iterator[str]:
    """Every run of a phrase's stems that may be spelled out, joined by blanks."""
    for first in range(len(stems)):
        for end in range(first + 1, min(first + _LONGEST_SPELLED, len(stems)) + 1):
            yield " ".join(stems[first:end])


def _parse_or_none(query: str) -> ParsedTopic | None:
    try:
        return parse_once(query)
    except TopicError:
        return None
