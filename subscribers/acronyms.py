"""The acronyms that papers spell out: written once a day, read for matching and for pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import chain

from django.db import transaction
from django.db.models import Q

from subscribers.models import Acronym
from subscribers.topics import (
    Acronyms,
    AlsoFound,
    ParsedTopic,
    TopicError,
    list_also_found,
    parse_topic,
)
from subscribers.topics.acronyms import Evidence

_AT_ONCE = 500


def write_acronyms(acronyms: Acronyms, day: date) -> None:
    """Store these acronyms for the day in place of all others. Safe to run twice and at once."""
    rows = [
        Acronym(
            short=short, stems=" ".join(stems), learned_on=day, **_evidence_columns(acronyms, short)
        )
        for short, stems in acronyms.long_forms.items()
    ]
    with transaction.atomic():
        Acronym.objects.all().delete()
        Acronym.objects.bulk_create(rows, _AT_ONCE, ignore_conflicts=True)


def _evidence_columns(acronyms: Acronyms, short: str) -> dict[str, object]:
    return acronyms.evidence[short]._asdict()


def read_acronyms() -> Acronyms:
    """Return the acronyms that were stored last."""
    return _build_acronyms(Acronym.objects.all())


def _build_acronyms(rows: Iterable[Acronym]) -> Acronyms:
    acronyms = Acronyms()
    for row in rows:
        stems = tuple(row.stems.split())
        acronyms.add_pairing(row.short, stems, Evidence(row.spelled, row.papers))
    return acronyms


def find_also_found(queries: Iterable[str]) -> list[AlsoFound]:
    """Return what these topics find besides what was typed, each once; one query of the database.

    Topics that cannot be parsed are left out. For `subscribers/_also.html`.
    """
    found = chain.from_iterable(group_also_found(queries).values())
    once = {(also.typed, also.other, also.only): also for also in found}
    return list(once.values())


def group_also_found(queries: Iterable[str]) -> dict[str, list[AlsoFound]]:
    """The same by topic, for those that find something besides what was typed."""
    topics = {query: topic for query in queries if (topic := _parse_or_none(query))}
    terms = [term for topic in topics.values() for term in (*topic.wanted, *topic.unwanted)]
    shorts = {word.capitals for term in terms for word in term.words if word.capitals}
    stems = {
        " ".join(term.stems[first:end])
        for term in terms
        for first in range(len(term.stems))
        for end in range(first + 2, len(term.stems) + 1)
    }
    if not shorts and not stems:
        return {}
    acronyms = _build_acronyms(Acronym.objects.filter(Q(short__in=shorts) | Q(stems__in=stems)))
    found = {query: list_also_found(topic, acronyms) for query, topic in topics.items()}
    return {query: also for query, also in found.items() if also}


def _parse_or_none(query: str) -> ParsedTopic | None:
    try:
        return parse_topic(query)
    except TopicError:
        return None
