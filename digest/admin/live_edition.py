"""The edition that leaves now: a bar whose parts add up, how fast it goes, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digest.admin import flights
from digest.admin.columns import describe_span
from digest.flight.breaker import HANDED_OVER
from digest.models import DailyFigure, Delivery, Edition, EditionFlight
from digest.watch.edition_counts import choose_counts
from digest.watch.figures import Figures
from digest.web.day_charts import Share, draw_shares

Status = Delivery.Status
State = EditionFlight.State

RATE_SPAN = timedelta(minutes=5)
WAITING = "waiting"
# In the order of the sum line, each with its look (static/offprint-admin.css).
PARTS = [
    (Status.SENT.value, gettext_lazy("sent"), "ink"),
    (Status.QUIET.value, gettext_lazy("quiet"), "pale"),
    (Status.SUPPRESSED.value, gettext_lazy("suppressed"), "soft"),
    (Status.FAILED.value, gettext_lazy("failed"), "red"),
    (Status.EXPIRED.value, gettext_lazy("expired"), "soft"),
    (Status.IN_DOUBT.value, gettext_lazy("in doubt"), "red"),
    (WAITING, gettext_lazy("waiting"), "open"),
]


@dataclass(frozen=True)
class Pace:
    """How many mails left within how many seconds until now."""

    mails: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.mails / self.seconds if self.seconds else 0.0

    def estimate_left(self, waiting: int) -> timedelta | None:
        """How long so many still take at this pace; None while nothing leaves."""
        return timedelta(seconds=waiting / self.per_second) if self.mails else None

    def describe(self, waiting: int) -> str:
        if not waiting:
            return _("Nothing waits.")
        left = self.estimate_left(waiting)
        if left is None:
            minutes = int(RATE_SPAN.total_seconds() // 60)
            said = ngettext(
                "%(count)s mail waits, and none left in the last %(minutes)s minutes.",
                "%(count)s mails wait, and none left in the last %(minutes)s minutes.",
                waiting,
            )
            return said % {"count": f"{waiting:,}", "minutes": minutes}
        said = ngettext(
            "%(count)s mail still to leave: %(pace)s, so about %(left)s more.",
            "%(count)s mails still to leave: %(pace)s, so about %(left)s more.",
            waiting,
        )
        pace = write_pace(self.per_second)
        return said % {"count": waiting, "pace": pace, "left": describe_span(left)}


@dataclass(frozen=True)
class LiveEdition:
    """An edition with its counts of one moment."""

    edition: Edition
    counts: dict[str, int]  # by the names of PARTS; they add up to `planned`
    counted_at: datetime
    pace: Pace
    state: str
    buttons: list[tuple[str, str]]  # words and address

    @property
    def planned(self) -> int:
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        return self.counts[WAITING]

    @property
    def shares(self) -> list[Share]:
        return draw_shares([(str(name), self.counts[key], look) for key, name, look in PARTS])

    @property
    def going(self) -> str:
        return self.pace.describe(self.waiting)

    @property
    def sentence(self) -> str:
        """Such as "planned 3 = sent 2 + quiet 1 + … + waiting 0"."""
        parts = " + ".join(f"{name} {self.counts[key]:,}" for key, name, _unused in PARTS)
        return _("planned %(planned)s = %(parts)s") % {
            "planned": f"{self.planned:,}",
            "parts": parts,
        }


def list_live(
    now: datetime, figures: Figures | None = None, *, may_change: bool
) -> list[LiveEdition]:
    """The newest edition, and the one before while any of its mails still waits."""
    newest = list(Edition.objects.select_related("flight").order_by("-date")[:2])
    shown = newest[:1] + [one for one in newest[1:] if _has_open(one)]
    return [read_live(one, now, figures, may_change=may_change) for one in shown]


def _has_open(edition: Edition) -> bool:
    return Delivery.objects.open().filter(edition=edition).has_rows()


def read_live(
    edition: Edition, now: datetime, figures: Figures | None = None, *, may_change: bool
) -> LiveEdition:
    counted, counted_at = _read_counts(edition, now, figures)
    counts = {key: int(counted.get(key, 0)) for key, *_unused in PARTS}
    counts[WAITING] = int(counted[Status.PLANNED.value] + counted[Status.CLAIMED.value])
    flight = getattr(edition, "flight", None)
    pace = measure_pace(edition, now) if counts[WAITING] else Pace(0, 0.0)
    buttons = flights.list_buttons(flight, counts[WAITING]) if flight and may_change else []
    state = flights.describe_state(flight) if flight else ""
    return LiveEdition(edition, counts, counted_at, pace, state, buttons)


def _read_counts(
    edition: Edition, now: datetime, figures: Figures | None
) -> tuple[Mapping[str, float], datetime]:
    """Its deliveries by status, and when they were counted."""
    known = figures.read_day(DailyFigure.Name.DELIVERIES, edition.date) if figures else None
    return choose_counts(edition, now, known, figures.find_counted_at() if figures else None)


def measure_pace(edition: Edition, now: datetime) -> Pace:
    """By the mails that were taken in the last minutes, from the first of them on."""
    rows = Delivery.objects.filter(
        edition=edition, claimed_at__gt=now - RATE_SPAN, status__in=HANDED_OVER
    )
    found = rows.order_by().aggregate(mails=Count("pk"), first=Min("claimed_at"))
    seconds = (now - found["first"]).total_seconds() if found["first"] else 0.0
    return Pace(found["mails"], max(seconds, 1.0))


def write_pace(per_second: float) -> str:
    if per_second >= 1:
        return _("%(per_second)s a second") % {"per_second": f"{per_second:,.0f}"}
    return (
        _("%(per_second)s a minute") % {"per_second": f"{per_second * 60:,.0f}"}
        if per_second * 60 >= 1
        else _("under one a minute")
    )


def link_deliveries(edition: Edition) -> str:
    return f"{reverse('admin:digest_delivery_changelist')}?edition={edition.pk}"
