"""The list of subscribers as CSV or JSON lines, which `import_subscribers` reads again.

Rows are read in chunks, so that a million of them need no more memory than a thousand.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.db.models import Prefetch

from subscribers.lists.import_file import COLUMNS
from subscribers.models import Interest, Subscriber

CHUNK = 2000
# What other lists have too, what an import takes in with a consent (`import_rest`), and the status,
# by which it leaves out whoever left.
SWITCHES = ("wants_near", "wants_passing", "wants_everywhere")
COLUMNS_TOLD = (*COLUMNS, "muted", "paused_until", *SWITCHES, "status")
# A cell that begins so is run by spreadsheets: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Status = Subscriber.Status


def list_rows(statuses: tuple[str, ...] = (Status.ACTIVE.value,)) -> Iterator[dict[str, Any]]:
    """A row for each subscriber of these statuses, by the names of COLUMNS_TOLD, oldest first."""
    interests = Interest.objects.select_related("topic").order_by("topic__query")
    rows = Subscriber.objects.filter(status__in=statuses).order_by("pk")
    rows = rows.prefetch_related(Prefetch("interests", interests))
    for subscriber in rows.iterator(CHUNK):
        topics: dict[str, list[str]] = {"follow": [], "mute": []}
        for interest in subscriber.interests.all():
            topics[interest.mode].append(interest.as_typed)
        yield {
            "email": subscriber.email,
            "topics": topics["follow"],
            "timezone": subscriber.timezone,
            "send_hour": subscriber.send_hour,
            "cadence": subscriber.cadence,
            "max_papers": subscriber.max_papers,
            "confirmed": subscriber.confirmed_at.isoformat() if subscriber.confirmed_at else "no",
            "muted": topics["mute"],
            "paused_until": subscriber.paused_until.isoformat() if subscriber.paused_until else "",
            **{name: "yes" if getattr(subscriber, name) else "no" for name in SWITCHES},
            "status": subscriber.status,
        }


def write_csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """The lines of a CSV file, its header first."""
    yield _write_line(list(COLUMNS_TOLD))
    for row in rows:
        yield _write_line([_make_safe(name, row[name]) for name in COLUMNS_TOLD])


def write_json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """One object to a line."""
    for row in rows:
        yield f"{json.dumps(row, ensure_ascii=False)}\n"


def _write_line(cells: list[str]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _make_safe(name: str, value: Any) -> str:
    """The cell as it is read again, and as no spreadsheet runs it."""
    if isinstance(value, list):
        is_plain = all(";" not in one and not one.startswith(_FORMULA_SIGNS) for one in value)
        return "; ".join(value) if is_plain else json.dumps(value, ensure_ascii=False)
    cell = str(value)
    if name == "email" and cell.startswith(_FORMULA_SIGNS):
        return f"<{cell}>"
    return cell
