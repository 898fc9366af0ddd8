"""The figures of some days, read in one query, for the dashboard, the alarms and the metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from digest.models import DailyFigure, Delivery

Name = DailyFigure.Name
Status = Delivery.Status

# Of Gmail's guidelines for senders: stay below the first, never reach the second.
# https://support.google.com/a/answer/81126
COMPLAINT_LINES = (0.001, 0.003)
# Amazon reviews accounts from 5 % on, and the breaker holds an edition there (digest/flight/).
BOUNCE_LINE = 0.05
# Up to so many rows are counted when somebody looks; of more, a task has counted within the last
# minute (daily_figures.py), and reading all of them again would take seconds.
MOST_COUNTED = 20_000
RATE_DAYS = 7  # one complaint among a lab's readers says nothing of one day


@dataclass(frozen=True)
class Rate:
    """How many of the mails of some days ended in one way."""

    count: int
    mails: int

    @property
    def share(self) -> float:
        return self.count / self.mails if self.mails else 0.0


@dataclass(frozen=True)
class Figures:
    """What was counted of the days from `first` to `last`; a day may lack what nobody counted."""

    first: date
    last: date
    values: Mapping[tuple[str, date], Mapping[str, float]] = field(default_factory=dict)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def list_values(self, name: str, part: str = "") -> list[float | None]:
        """Day by day; None where the day was not counted, and 0 for a part that it lacks."""
        return [
            self.values.get((name, day), {}).get(part, 0.0)
            if self._was_counted(name, day)
            else None
            for day in self.days
        ]

    def _was_counted(self, name: str, day: date) -> bool:
        """Of what may have no part at all, as papers on a Sunday, another figure tells."""
        sign = Name.JOINED if name in (Name.PAPERS, Name.SECONDS, Name.RUNS) else name
        return (sign, day) in self.values

    def list_sums(self, name: str, parts: Iterable[str]) -> list[float | None]:
        """As `list_values`, of several parts together."""
        columns = zip(*(self.list_values(name, part) for part in parts), strict=True)
        return [None if None in one else sum(n or 0 for n in one) for one in columns]

    def list_parts(self, name: str) -> list[str]:
        """The parts that any of the days has, those with the most first."""
        sums: dict[str, float] = defaultdict(float)
        for (own, _), parts in self.values.items():
            for part, value in parts.items() if own == name else ():
                sums[part] += value
        return sorted(sums, key=lambda part: (-sums[part], part))

    def read_day(self, name: str, day: date) -> Mapping[str, float] | None:
        return self.values.get((name, day))

    def find_newest(self, name: str) -> tuple[date | None, Mapping[str, float]]:
        """The last day that was counted, and what was counted of it."""
        days = [day for own, day in self.values if own == name]
        return (max(days), self.values[name, max(days)]) if days else (None, {})

    def find_counted_at(self) -> datetime | None:
        """When anything was counted last."""
        _, found = self.find_newest(Name.COUNTED)
        return datetime.fromtimestamp(found[""], UTC) if found else None

    def compute_rate(self, name: str, until: date | None = None) -> Rate:
        """How many of the mails sent in the RATE_DAYS up to a day bounced, or were called spam."""
        end = until or self.last
        days = [end - timedelta(days=n) for n in range(RATE_DAYS)]
        return Rate(
            count=int(sum((self.read_day(name, day) or {}).get("", 0) for day in days)),
            mails=int(
                sum(
                    (self.read_day(Name.DELIVERIES, day) or {}).get(Status.SENT.value, 0)
                    for day in days
                )
            ),
        )

    def list_rates(self, name: str) -> list[float | None]:
        """Day by day; None while no mail was sent."""
        rates = [self.compute_rate(name, day) for day in self.days]
        return [rate.share if rate.mails else None for rate in rates]


def read_figures(last: date, days: int, names: Sequence[str] | None = None) -> Figures:
    """The figures of so many days up to `last`, in one query."""
    first = last - timedelta(days=days - 1)
    rows = DailyFigure.objects.filter(date__gte=first, date__lte=last)
    if names is not None:
        rows = rows.filter(name__in=names)
    values: dict[tuple[str, date], dict[str, float]] = defaultdict(dict)
    for name, day, part, value in rows.values_list("name", "date", "part", "value"):
        values[name, day][part] = value
    return Figures(first, last, dict(values))
