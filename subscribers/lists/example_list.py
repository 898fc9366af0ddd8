"""A small list of people to begin with, and what each of its columns may hold."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext_lazy as _

from subscribers.lists.import_file import COLUMNS

# By column: what it holds, and what an empty cell means.
COLUMNS_EXPLAINED = {
    "email": (_("the address"), _("the line is rejected")),
    "topics": (
        _("topics as one types them, with commas, semicolons or line ends between them"),
        _("the line is rejected; without this column people choose when they confirm"),
    ),
    "timezone": (_("a name such as Europe/Berlin"), "UTC"),
    "send_hour": (_("0 to 23, 08:00 or 6 PM"), "8"),
    "cadence": (_("daily, weekdays or weekly"), _("daily")),
    "max_papers": (_("1 to 50"), "10"),
    "confirmed": (_("yes, no, or the date on which they agreed"), _("no")),
}
_ROWS = (
    ("reader.one@example.org", "diffusion policy, world model", "Europe/Berlin", "7", "weekdays"),
    ("reader.two@example.org", '"in-context learning"; agents + tool use', "", "", ""),
    ("reader.three@example.org", "author:Yann LeCun", "America/New_York", "18:00", "weekly"),
)
_LAST_CELLS = (("15", "no"), ("", ""), ("5", "2026-01-31"))


def write_example() -> str:
    """The list as CSV: every line can be brought in as it stands."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    rows.writerows([*row, *last] for row, last in zip(_ROWS, _LAST_CELLS, strict=True))
    return written.getvalue()
