"""What the cells of a list of people mean, read as people and other services write them.

Each reader returns the value that a form takes, or raises BadCell with what to write instead.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import parseaddr
from functools import cache

from django.utils.translation import gettext as _

from subscribers.web.fields import list_zones

YES, NO = {"yes", "y", "true", "1", "x"}, {"", "no", "n", "false", "0"}
_HOUR = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?::\d{2})?|\.0)?\s*"
    r"(?:(?P<half>[ap])\.?\s?m\.?|h|uhr|o'clock)?",
    re.IGNORECASE,
)
_CADENCES = {
    "every day": "daily",
    "day": "daily",
    "weekday": "weekdays",
    "working days": "weekdays",
    "week": "weekly",
    "every week": "weekly",
}
_FORMULA_SIGNS = ("=", "+", "-", "@")
# What other services say of people who must not be asked again: by the column's folded name.
_STATES = ("status", "state", "subscriber status", "subscription status", "type", "subscriber type")
_GONE_WORDS = (
    "archived blacklisted blocklisted bounced canceled cancelled cleaned complained complaint "
    "deleted disabled inactive removed spam spammy suppressed unactivated undeliverable "
    "unsubscribed"
)
_GONE = frozenset(_GONE_WORDS.split())
_YES_IS_GONE = (
    "bounced",
    "blocked",
    "blocklisted",
    "do not email",
    "email disabled",
    "opt out",
    "opted out",
    "suppressed",
    "unsubscribed",
)
_NO_IS_GONE = ("subscribed", "subscribed to emails", "accepts marketing", "email enabled")
_DATE_IS_GONE = (
    "clean time",
    "cleaned at",
    "deleted at",
    "unsub time",
    "unsubscribe date",
    "unsubscribed at",
    "unsubscribed on",
    "unsubscription date",
)


class BadCell(ValueError):
    """A cell that cannot be used; the message is a sentence that says what to write."""


def read_address(cell: str) -> str:
    """The address in a cell, also in "Ada Lunt <ada@example.org>".

    It is one that stands there as it is: a mail program would leave blanks and remarks within it
    out, and who deletes somebody's data looks for the address as it is stored (`lists.erase`).
    """
    if cell.startswith(_FORMULA_SIGNS):
        raise BadCell(_("It begins as a formula of a spreadsheet does: write the address alone."))
    cell = re.sub(r"^mailto:", "", cell, flags=re.IGNORECASE)
    if "<" not in cell:
        return cell
    between = re.search(r"<([^<>]*)>", cell)
    inner = between[1].strip() if between else ""
    plain = re.sub(r"\([^()]*\)|\s+", "", inner)
    if plain != inner:
        raise BadCell(
            _("A blank or a remark stands within its < and >: write %(address)s.")
            % {"address": plain}
        )
    return parseaddr(cell)[1] or cell


def read_hour(cell: str) -> str:
    """The full hour, 0 to 23: 8, 08:00, 8 am, 6:00 PM, 18 Uhr."""
    told = _HOUR.fullmatch(cell)
    if not told:
        raise BadCell(_("Write a full hour from 0 to 23, such as 8 or 18:00."))
    hour, half = int(told["hour"]), (told["half"] or "").lower()
    if hour > (12 if half else 23) or (half and not hour):
        raise BadCell(_("Write a full hour from 0 to 23, such as 8 or 18:00."))
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if int(told["minute"] or 0):
        raise BadCell(
            _("Digests leave at full hours: write %(hour)s or %(next)s.")
            % {"hour": hour, "next": (hour + 1) % 24}
        )
    return str(hour)


def read_zone(cell: str) -> str:
    """The name of a time zone in any case, with blanks and accents: europe/zürich."""
    folded = _fold_zone(cell)
    if zone := _list_folded_zones().get(folded):
        return zone
    cities = {name.rpartition("/")[2]: name for name in _list_folded_zones()}
    near = get_close_matches(folded, _list_folded_zones(), 1, 0.8)
    near = near or get_close_matches(folded.rpartition("/")[2], cities, 1, 0.85)
    name = _list_folded_zones()[cities.get(near[0], near[0])] if near else "Europe/Berlin"
    such = "" if near else _("a name such as ")
    raise BadCell(_("This is no time zone: write %(such)s%(name)s.") % {"such": such, "name": name})


@cache
def _list_folded_zones() -> dict[str, str]:
    return {_fold_zone(zone): zone for zone in sorted(list_zones(), reverse=True)}


def _fold_zone(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"\s*/\s*", "/", plain.strip()).replace(" ", "_").lower()


def read_cadence(cell: str) -> str:
    """The cadence in any case: daily, weekdays or weekly."""
    cadence = " ".join(cell.lower().split())
    cadence = _CADENCES.get(cadence, cadence)
    if cadence not in ("daily", "weekdays", "weekly"):
        raise BadCell(_("Write daily, weekdays or weekly."))
    return cadence


def read_count(cell: str) -> str:
    """How many papers a mail may hold: 1 to 50, also as a spreadsheet's 10.0."""
    told = re.fullmatch(r"(\d{1,3})(?:[.,]0+)?", cell)
    if not told or not 1 <= int(told[1]) <= 50:
        raise BadCell(_("Write a number from 1 to 50."))
    return told[1]


def read_topics(cell: str) -> str:
    """Topics with line ends between them; a list in JSON is taken apart."""
    if cell.startswith("["):
        try:
            named = json.loads(cell)
        except ValueError:
            named = None
        if isinstance(named, list):
            return "\n".join(
                str(one.get("name", "") if isinstance(one, dict) else one) for one in named
            )
    return cell.replace(";", "\n")


def read_moment(cell: str) -> datetime:
    """A date or moment of ISO 8601, in UTC where it names no zone; ValueError for any other.

    So for the first and last hours that can be written at all, which are of no year in UTC.
    """
    moment = datetime.fromisoformat(cell)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def read_confirmed_at(cell: str, now: datetime) -> datetime | None:
    """When they agreed: now for a yes, None for a no."""
    if cell.lower() in YES | NO:
        return now if cell.lower() in YES else None
    try:
        moment = read_moment(cell.removesuffix(" UTC"))
    except ValueError as error:
        raise BadCell(
            _("“%(cell)s” is neither yes, no nor a date such as 2026-04-22.") % {"cell": cell}
        ) from error
    if moment > now:
        raise BadCell(
            _("They cannot have confirmed on %(cell)s, which is still to come.") % {"cell": cell}
        )
    return moment


def find_farewell(others: Mapping[str, str]) -> str:
    """The column and cell that say somebody left, bounced or was blocked; "" for others."""
    for name, cell in others.items():
        folded = cell.lower()
        is_gone = (
            (name in _STATES and folded in _GONE)
            or (name in _YES_IS_GONE and folded in YES)
            or (name in _NO_IS_GONE and folded in NO - {""})
            or (name in _DATE_IS_GONE and folded not in NO)
        )
        if is_gone:
            return f"{name} “{cell}”"
    return ""
