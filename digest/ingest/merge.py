"""Two rows that prove to be one paper become one, and what was sent of either counts as sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, UniqueConstraint

from digest.ingest.better_facts import choose_authors, choose_date
from digest.ingest.better_text import Wording, choose_wording
from digest.models import Merger, Paper, PaperWords

_FILLED = ("doi", "organization", "code_url", "code_stars", "summary", "categories")
_SAVED = [
    *(
        *_FILLED,
        "title",
        "folded_title",
        "abstract",
        "text_version",
        "authors",
        "published_at",
        "first_seen_at",
        "news_at",
        "available_at",
    ),
    "matched_at",
]
_EMPTIED = ["doi", "folded_title", "news_at", "available_at", "normal_form", "trend"]


def merge_papers(gone: Paper, kept: Paper, now: datetime) -> None:
    """Let `kept` have all that hangs on `gone`; call it in a transaction, with both rows locked.

    The row `gone` stays with its text, for the mails that name it, and is news to nobody.
    """
    _fill_gaps(kept, gone)
    kept.save(update_fields=_SAVED)
    for relation in Paper._meta.related_objects:
        if relation.related_model not in (Merger, PaperWords):
            rows = relation.related_model._default_manager.all()
            _move_rows(rows, relation.field.name, gone, kept)
    PaperWords.objects.filter(paper=gone).delete()
    Merger.objects.filter(into=gone).update(into=kept)
    Merger.objects.create(paper=gone, into=kept, merged_at=now)
    gone.doi = gone.folded_title = gone.normal_form = ""
    gone.news_at = gone.available_at = None
    gone.trend, gone.trend_parts, gone.matched_at = 0.0, {}, now
    gone.save(update_fields=[*_EMPTIED, "trend_parts", "matched_at"])


def _fill_gaps(kept: Paper, gone: Paper) -> None:
    """What the kept one lacks; the earlier dates, so that whoever was sent either is found."""
    for name in _FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(gone, name))
    is_newer = gone.text_version > kept.text_version
    choose_wording(kept, Wording(gone.title, gone.abstract, gone.text_version))
    kept.authors = choose_authors(kept.authors, gone.authors, is_newer=is_newer)
    kept.published_at = choose_date(
        kept.identifier, kept.published_at, gone.published_at, is_rough=False
    )
    kept.first_seen_at = min(kept.first_seen_at, gone.first_seen_at)
    if kept.news_at is None:
        kept.news_at, kept.available_at = gone.news_at, gone.available_at
    kept.matched_at = None


def _move_rows(rows: QuerySet[Any], field: str, gone: Paper, kept: Paper) -> None:
    """Give the rows of one paper to the other, but for those that it has already."""
    own = rows.filter(**{field: gone})
    for constraint in rows.model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and field in constraint.fields:
            same = {name: OuterRef(name) for name in constraint.fields if name != field}
            own.filter(Exists(rows.filter(**{field: kept}, **same))).delete()
    own.update(**{field: kept})
