"""People from a list: each line of a CSV file becomes a subscriber, or says why it does not.

Nobody is mailed for having stood in a file: a line makes a wish that its address must confirm, as
at sign-up, unless whoever brings the list says that consent was given elsewhere.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TextIO

from django.db import transaction

from subscribers.models import Subscriber, Suppression
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from subscribers.web.fields import AddressField, TopicsField
from subscribers.web.forms import SCHEDULE_DEFAULTS, ScheduleForm

COLUMNS = ("email", "topics", "timezone", "send_hour", "cadence", "max_papers", "confirmed")
CELL_CHARS = 50_000
YES, NO = {"yes", "y", "true", "1", "x"}, {"", "no", "n", "false", "0"}


class NoList(Exception):
    """The file is no list of people; the message is a sentence."""


class Fate(StrEnum):
    CONFIRMED = "confirmed"
    ASKED = "asked to confirm"
    KNOWN = "known already"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Line:
    """One line of the file: where it begins, its cells as they stand, and by their names."""

    number: int
    cells: list[str]
    named: dict[str, str]


class PersonForm(ScheduleForm):
    email = AddressField(error_messages={"required": "There is no address."})
    topics = TopicsField("", error_messages={"required": "There is no topic."})


def read_lines(file: TextIO) -> Iterator[Line]:
    """The lines below the header, which comes first with number 0 as it stands.

    Raises NoList for what is no such file.
    """
    csv.field_size_limit(CELL_CHARS)
    first = file.readline()
    file.seek(0)
    reader = csv.reader(file, delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        header = next(reader, [])
        names = [cell.strip().lower() for cell in header]
        if "email" not in names:
            raise NoList(
                "Its first line names no column “email”. Begin the file with a line such as: "
                f"{','.join(COLUMNS)}"
            )
        yield Line(0, header, {})
        number = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(number, cells, dict(zip(names, map(str.strip, cells), strict=False)))
            number = reader.line_num + 1
    except csv.Error as error:
        raise NoList(f"Line {reader.line_num} cannot be read: {error}.") from error
    except UnicodeDecodeError as error:
        raise NoList("It is not in UTF-8. Save it as “CSV UTF-8” and try again.") from error


def bring_in(line: Line, now: datetime, *, is_consent_given: bool) -> tuple[Fate, str]:
    """What became of one line, and why where it was rejected; doing it twice changes nothing.

    Only with `is_consent_given` is a line that says so confirmed; suppressed people stay
    suppressed, and those who left stay away, whatever the file says.
    """
    form = PersonForm(_with_defaults(line.named))
    problems = [str(text) for texts in form.errors.values() for text in texts]
    try:
        confirmed_at = _confirmed_at(line.named.get("confirmed", ""), now)
    except ValueError as error:
        problems.append(str(error))
    if problems:
        return Fate.REJECTED, " ".join(problems)
    if not is_consent_given:
        confirmed_at = None
    email = form.cleaned_data["email"]
    wishes = Wishes(**{n: form.cleaned_data[n] for n in ("topics", *SCHEDULE_DEFAULTS)})
    with transaction.atomic():
        known = Subscriber.objects.select_for_update().filter(email=email).first()
        if reason := _why_not(email, known):
            return Fate.REJECTED, reason
        if known and (known.is_active or not confirmed_at):
            return Fate.KNOWN, ""
        subscriber_id = opt_in.request_confirmation(email, wishes, now)
        if not confirmed_at:
            return Fate.ASKED, ""
        opt_in.confirm_latest(subscriber_id, now)
        Subscriber.objects.filter(pk=subscriber_id).update(confirmed_at=confirmed_at)
    return Fate.CONFIRMED, ""


def says_confirmed(line: Line) -> bool:
    return line.named.get("confirmed", "").strip().lower() not in NO


def _with_defaults(named: dict[str, str]) -> dict[str, str]:
    typed = {name: value for name, value in named.items() if value}
    cells = {name: str(value) for name, value in SCHEDULE_DEFAULTS.items()} | typed
    cells["topics"] = cells.get("topics", "").replace(";", "\n")
    cells["cadence"] = cells["cadence"].lower()
    cells["send_hour"] = cells["send_hour"].partition(":")[0].lstrip("0") or "0"  # 08:00
    return cells


def _confirmed_at(cell: str, now: datetime) -> datetime | None:
    """When they agreed; raises ValueError with a sentence."""
    if cell.lower() in YES | NO:
        return now if cell.lower() in YES else None
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError as error:
        raise ValueError(f"“{cell}” is neither yes, no nor a date such as 2026-04-22.") from error
    if moment.tzinfo is None:
        moment = datetime.combine(moment.date(), moment.time() or time(), UTC)
    if moment > now:
        raise ValueError(f"They cannot have confirmed on {cell}, which is still to come.")
    return moment


def _why_not(email: str, known: Subscriber | None) -> str:
    suppressed = Suppression.objects.filter(email=email).first()
    if suppressed:
        return f"This address is suppressed ({suppressed.reason}) and stays so."
    if known and known.status == Subscriber.Status.UNSUBSCRIBED:
        return (
            f"They unsubscribed on {known.unsubscribed_at:%Y-%m-%d}: only they themselves can "
            "sign up again."
        )
    return ""
