"""What the papers themselves teach: how rare words are, and which acronyms they spell out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, QuerySet, TextField, Value, When
from django.db.models.functions import Concat

from digest.memory import release_memory
from digest.models import Paper
from subscribers.acronyms import read_acronyms, write_acronyms
from subscribers.models import Acronym, SpellingVariant
from subscribers.topics import (
    NO_ACRONYMS,
    NO_STATISTICS,
    Acronyms,
    Statistics,
    count_stems,
    learn_forms,
    normal_form,
)

LEARN_FROM_PAPERS = 5_000


@dataclass(frozen=True)
class Learned:
    """What one day's papers were compared with: the same for all processes on one day."""

    statistics: Statistics = NO_STATISTICS
    acronyms: Acronyms = NO_ACRONYMS


def store_acronyms(now: datetime) -> None:
    """Learn acronyms and variants from the newest papers from before today, once a day.

    On the first day, which has none, later again.

    Only stage 3 writes them; whoever else asks reads what it wrote.
    """
    has_past = _select_papers_before_today(now).exists()
    is_done = any(
        table.objects.filter(learned_on=now.date()).exists() for table in (Acronym, SpellingVariant)
    )
    if is_done and has_past:
        return
    columns = _select_newest_papers(now).values_list("title", "abstract")
    texts = (f"{title}. {abstract}" for title, abstract in columns)
    write_acronyms(learn_forms(texts), now.date())
    release_memory()  # the words of thousands of papers, some 70 MB until the next day


def learn_day(now: datetime) -> None:
    """Learn what is to be learned once a day, before a paper or a reader waits for it.

    It takes some 2 ms for each of LEARN_FROM_PAPERS.
    """
    if _select_papers_before_today(now).exists():
        store_acronyms(now)


def _select_last(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The row that was written last, in a form that a union can take."""
    return rows.filter(pk__in=rows.order_by("-pk").values("pk")[:1]).order_by()


# Made once: it is asked several times for most pages, and to build it takes as long as its answer.
# From Django 6.1 on a union takes the order of its first model, whose columns are not all here.
_LAST_WRITTEN = (
    _select_last(Acronym.objects.all())
    .values_list("pk", "short", "learned_on")
    .union(
        _select_last(SpellingVariant.objects.all()).values_list("pk", "form", "learned_on"),
        all=True,
    )
    .order_by()
)


def read_acronyms_version() -> tuple[object, ...] | None:
    """Return what changes when stage 3 wrote other acronyms or variants; None before the first."""
    return tuple(_LAST_WRITTEN.all()) or None


def read_learned_version(now: datetime) -> tuple[object, ...]:
    """Return what changes when `read_learned` would give something else."""
    # The last by the index of moments: SQLite would sort all papers for the last by their ids.
    past = _select_papers_before_today(now).order_by("-first_seen_at", "-pk")
    newest = _read_newest(past) or _read_newest(Paper.objects.order_by("-pk"))
    return now.date(), *newest, *(read_acronyms_version() or ())


def _read_newest(papers: QuerySet[Paper]) -> tuple[tuple[object, ...], ...]:
    """The first of them, as far as it can change; none where there is none."""
    return tuple(papers.values_list("pk", "identifier", "title")[:1])


def read_learned(now: datetime) -> Learned:
    """Return what the newest papers from before today teach; on the first day, all there are.

    All processes learn the same on one day, so that a strength does not depend on who found it.
    """
    return Learned(count_stems(_read_normal_forms(now)), read_acronyms())


def _select_newest_papers(now: datetime) -> QuerySet[Paper]:
    past = _select_papers_before_today(now)
    return (past if past.exists() else Paper.objects.order_by("-pk"))[:LEARN_FROM_PAPERS]


def _select_papers_before_today(now: datetime) -> QuerySet[Paper]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Paper.objects.filter(first_seen_at__lt=midnight).order_by("-pk")


def _read_normal_forms(now: datetime) -> Iterator[str]:
    """The stored normal forms; of papers not matched yet, those they will have."""
    whole = Concat("title", Value(". "), "abstract", output_field=TextField())
    text = Case(When(normal_form="", then=whole), default=Value(""), output_field=TextField())
    rows = _select_newest_papers(now).annotate(text=text).values_list("normal_form", "text")
    return (form or normal_form(text) for form, text in rows)
