"""The breaker: what became of the last mails of an edition, and whether that is too bad to go on.

Refusals are known at once; bounces and complaints are reported minutes or hours later, of mails
that are no longer the last ones. So the last 500 are looked at four times: those handed over until
now, and those until a minute, ten minutes and an hour ago.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.flight.rates import BOUNCES, COMPLAINTS, REFUSALS, WINDOW, Bound, is_beyond
from digest.models import Delivery, EditionFlight, ProviderEvent, Verdict

Status = Delivery.Status

AGES = (timedelta(0), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
HANDED_OVER = (Status.SENT, Status.FAILED, Status.IN_DOUBT)
Row = tuple[int, str, str, datetime | None, datetime | None]


@dataclass(frozen=True)
class Tally:
    """How many mails were handed over, and how many of them ended badly."""

    mails: int = 0
    bounces: int = 0  # for good; others say little of an edition
    complaints: int = 0
    refusals: int = 0

    def find_trip(self) -> Bound | None:
        """The bound that is broken."""
        counts = ((REFUSALS, self.refusals), (BOUNCES, self.bounces), (COMPLAINTS, self.complaints))
        return next((b for b, count in counts if is_beyond(b, count, self.mails)), None)

    def describe(self) -> str:
        """Such as "of 20 mails 6 refused, 0 bounced for good, 0 called spam"."""
        return ngettext(
            "of %(mails)s mail %(refusals)s refused, %(bounces)s bounced for good, "
            "%(complaints)s called spam",
            "of %(mails)s mails %(refusals)s refused, %(bounces)s bounced for good, "
            "%(complaints)s called spam",
            self.mails,
        ) % {
            "mails": f"{self.mails:,}",
            "refusals": self.refusals,
            "bounces": self.bounces,
            "complaints": self.complaints,
        }


def find_trip(flight: EditionFlight, now: datetime) -> tuple[str, str] | None:
    """The broken bound's name and a sentence; None where all is well."""
    tallies = [count_last(flight, now - age) for age in AGES]
    if flight.state == EditionFlight.State.CANARY:
        tallies.append(count_canary(flight))
    for tally in dict.fromkeys(tallies):
        if bound := tally.find_trip():
            return bound.name, (
                _("Too many of its mails were %(words)s, with a bound of %(share)s: %(describe)s.")
                % {
                    "words": bound.words,
                    "share": f"{bound.share:.1%}",
                    "describe": tally.describe(),
                }
            )
    return None


def count_last(flight: EditionFlight, until: datetime) -> Tally:
    """What became of the last WINDOW mails that were claimed by then, since the last release."""
    rows = Delivery.objects.filter(edition_id=flight.edition_id, claimed_at__lte=until)
    if flight.counted_from:
        rows = rows.filter(claimed_at__gt=flight.counted_from)
    rows = rows.filter(status__in=HANDED_OVER).order_by("-claimed_at")
    return _tally_rows(list(rows.values_list(*_COLUMNS)[:WINDOW]))


def count_canary(flight: EditionFlight) -> Tally:
    """What became of the edition's first mails alone."""
    rows = Delivery.objects.filter(pk__in=flight.canary, status__in=HANDED_OVER)
    return _tally_rows(list(rows.values_list(*_COLUMNS)))


_COLUMNS = ("pk", "status", "provider", "bounced_at", "complained_at")


def _tally_rows(rows: Collection[Row]) -> Tally:
    # What could not be rendered failed too, but was never handed to a provider.
    handed = [row for row in rows if row[1] != Status.FAILED or row[2]]
    return Tally(
        mails=len(handed),
        bounces=_count_hard([row[0] for row in handed if row[3]]),
        complaints=sum(row[4] is not None for row in handed),
        refusals=sum(row[1] == Status.FAILED for row in handed),
    )


def _count_hard(delivery_ids: Collection[int]) -> int:
    """How many of those that bounced did so for good, by the provider's report."""
    if not delivery_ids:
        return 0
    hard = Q(verdict=Verdict.HARD, delivery__in=delivery_ids)
    return ProviderEvent.objects.filter(hard).values("delivery").distinct().count()
