"""Telling the operators of an edition of which too much stays in doubt.

A call without an answer is looked into within minutes (doubt_runs.py). What is left
after DOUBTS_LAST needs somebody: reports that do not arrive, or a provider that cannot be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.models import Delivery, Edition
from digest.watch.alarms import raise_alarm, resolve_alarm, select_lasting

MOST_IN_DOUBT = 0.001  # of an edition's mails
DOUBTS_WITHIN = timedelta(days=7)  # editions that are older are history
DOUBTS_LAST = timedelta(hours=1)  # since the call
KIND = "in-doubt-"


def watch_doubts(now: datetime) -> None:
    """Raise the alarm for each edition of which too much is in doubt, and end those that are over.

    Safe to run twice. Raises what the database raises.
    """
    many = {
        f"{KIND}{edition.date}": words
        for edition, words in find_many_doubts(now, now - DOUBTS_LAST)
    }
    for kind, words in many.items():
        raise_alarm(
            kind,
            _(
                "Of the edition of %(kind)s %(words)s. Nobody knows whether they were "
                "received: see deliveries in the admin, and whether the provider's "
                "reports arrive."
            )
            % {"kind": kind.removeprefix(KIND), "words": words},
            now,
        )
    for kind in select_lasting().filter(kind__startswith=KIND).values_list("kind", flat=True):
        if kind not in many:
            resolve_alarm(kind, now)


def find_many_doubts(
    now: datetime, called_by: datetime | None = None
) -> Iterator[tuple[Edition, str]]:
    """The editions of the last days with more in doubt than can be let pass, in words.

    Of calls that began at `called_by` or before, if it is given. Only what is in doubt is gone
    through; the mails of an edition are counted where it has some.
    """
    rows = Delivery.objects.in_doubt()
    if called_by:
        rows = rows.exclude(maybe_sent_at__gt=called_by)
    rows = rows.filter(edition__date__gte=(now - DOUBTS_WITHIN).date()).order_by()
    counts = dict(rows.values_list("edition").annotate(n=Count("pk")))
    for edition in Edition.objects.filter(pk__in=counts).order_by("-date"):
        mails = edition.deliveries.exclude(status=Delivery.Status.QUIET).count()
        if counts[edition.pk] > MOST_IN_DOUBT * mails:
            yield (
                edition,
                ngettext(
                    "%(count)s of %(mails)s mail is in doubt",
                    "%(count)s of %(mails)s mails are in doubt",
                    mails,
                )
                % {"count": counts[edition.pk], "mails": mails},
            )
