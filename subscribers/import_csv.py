"""Imports subscribers from CSV: each line becomes one, or a sentence says why it does not.

Nobody is sent digests for standing in a file: a line makes a wish that its address must confirm, as
at sign-up, unless whoever runs the import vouches that consent was given elsewhere.
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


class UnreadableList(Exception):
    """The file cannot be read as a list of subscribers; the message is a sentence."""


class Outcome(StrEnum):
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


class LineForm(ScheduleForm):
    """Checks the cells of one line."""

    email = AddressField(error_messages={"required": "There is no address."})
    topics = TopicsField("", error_messages={"required": "There is no topic."})


def read_lines(file: TextIO) -> Iterator[Line]:
    """Yield the header as line 0, then the lines below it that are not empty.

    Raises UnreadableList for a file without a column “email”, broken CSV, or not UTF-8.
    """
    csv.field_size_limit(CELL_CHARS)
    first = file.readline()
    file.seek(0)
    reader = csv.reader(file, delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        header = next(reader, [])
        names = [cell.strip().lower() for cell in header]
        if "email" not in names:
            raise UnreadableList(
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
        raise UnreadableList(f"Line {reader.line_num} cannot be read: {error}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableList("It is not in UTF-8. Save it as “CSV UTF-8” and try again.") from error


def import_line(line: Line, now: datetime, *, is_consent_given: bool) -> tuple[Outcome, str]:
    """Import one line: what became of it, and why where it was rejected. Safe to run twice.

    Only with `is_consent_given` is a line that says so confirmed; the suppressed stay suppressed
    and the unsubscribed stay unsubscribed, whatever the file says.
    """
    form = LineForm(_fill_in_defaults(line.named))
    problems = [str(text) for texts in form.errors.values() for text in texts]
    try:
        confirmed_at = _read_confirmed_at(line.named.get("confirmed", ""), now)
    except ValueError as error:
        problems.append(str(error))
    if problems:
        return Outcome.REJECTED, " ".join(problems)
    if not is_consent_given:
        confirmed_at = None
    email = form.cleaned_data["email"]
    wishes = Wishes(**{n: form.cleaned_data[n] for n in ("topics", *SCHEDULE_DEFAULTS)})
    with transaction.atomic():
        known = Subscriber.objects.select_for_update().filter(email=email).first()
        if reason := _explain_refusal(email, known):
            return Outcome.REJECTED, reason
        if known and (known.is_active or not confirmed_at):
            return Outcome.KNOWN, ""
        subscriber_id = opt_in.request_confirmation(email, wishes, now)
        if not confirmed_at:
            return Outcome.ASKED, ""
        opt_in.confirm_latest(subscriber_id, now)
        Subscriber.objects.filter(pk=subscriber_id).update(confirmed_at=confirmed_at)
    return Outcome.CONFIRMED, ""


def says_confirmed(line: Line) -> bool:
    return line.named.get("confirmed", "").strip().lower() not in NO


def _fill_in_defaults(named: dict[str, str]) -> dict[str, str]:
    typed = {name: value for name, value in named.items() if value}
    cells = {name: str(value) for name, value in SCHEDULE_DEFAULTS.items()} | typed
    cells["topics"] = cells.get("topics", "").replace(";", "\n")
    cells["cadence"] = cells["cadence"].lower()
    cells["send_hour"] = cells["send_hour"].partition(":")[0].lstrip("0") or "0"  # 08:00
    return cells


def _read_confirmed_at(cell: str, now: datetime) -> datetime | None:
    """When they agreed, from the cell “confirmed”; raises ValueError with a sentence."""
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


def _explain_refusal(email: str, known: Subscriber | None) -> str:
    suppressed = Suppression.objects.filter(email=email).first()
    if suppressed:
        return f"This address is suppressed ({suppressed.reason}) and stays so."
    if known and known.status == Subscriber.Status.UNSUBSCRIBED:
        return (
            f"They unsubscribed on {known.unsubscribed_at:%Y-%m-%d}: only they themselves can "
            "sign up again."
        )
    return ""
