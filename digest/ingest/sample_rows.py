"""Takes the bundled, made-up papers away, since a live source has answered."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from digest.models import Entry, Paper, Source

SITE = "https://sample.offprint.invalid"  # at a host that RFC 2606 reserves


def remove_sample() -> int:
    """Delete the sample's sources and the papers that only they mention; returns how many."""
    if not select_sample_sources().exists():
        return 0
    with transaction.atomic():
        papers = list(select_sample_papers().values_list("pk", flat=True))
        Paper.objects.filter(pk__in=papers).delete()
        select_sample_sources().delete()
    return len(papers)


def select_sample_sources() -> QuerySet[Source]:
    """The sources of the bundled sample: their addresses are below its made-up site's."""
    return Source.objects.filter(url__startswith=f"{SITE}/")


def select_sample_papers() -> QuerySet[Paper]:
    """The papers that no other source mentions."""
    mentions = Entry.objects.filter(paper=OuterRef("pk"))
    ours = mentions.filter(source__in=select_sample_sources())
    others = mentions.exclude(source__in=select_sample_sources())
    return Paper.objects.filter(Exists(ours), ~Exists(others))
