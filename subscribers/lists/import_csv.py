"""Imports subscribers from CSV: each line becomes one, or a sentence says why it does not.

Nobody is sent digests for standing in a file: a line makes a wish that its address must confirm, as
at sign-up, unless whoever runs the import vouches that consent was given elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.lists.import_cells import (
    NO,
    BadCell,
    find_farewell,
    read_address,
    read_cadence,
    read_confirmed_at,
    read_count,
    read_hour,
    read_topics,
    read_zone,
)
from subscribers.lists.import_file import Header, Line
from subscribers.lists.import_rest import Rest, read_rest, take_rest
from subscribers.models import Departure, Subscriber, Suppression
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from subscribers.topics import list_readings
from subscribers.web.fields import AddressField, TopicsField, split_topics
from subscribers.web.forms import SCHEDULE_DEFAULTS, ScheduleForm

VOUCHER = "import_subscribers"  # whoever runs it vouches for what the file says
# What stands in the place of somebody who was deleted while their list lay here: shaped as an
# address is, so that a list of addresses alone is read as before.
ERASED = "deleted@deleted.invalid"

_READERS: dict[str, Callable[[str], str]] = {
    "email": read_address,
    "topics": read_topics,
    "timezone": read_zone,
    "send_hour": read_hour,
    "cadence": read_cadence,
    "max_papers": read_count,
}


class Outcome(TextChoices):
    CONFIRMED = "confirmed", gettext_lazy("confirmed")
    ASKED = "asked to confirm", gettext_lazy("asked to confirm")
    KNOWN = "known already", gettext_lazy("known already")
    REJECTED = "rejected", gettext_lazy("rejected")
    # Their old list says that they left it, or that mail bounced.
    LEFT_OUT = "left out", gettext_lazy("left out")


@dataclass(frozen=True)
class ImportRules:
    """What holds for every line of one import."""

    header: Header
    topics: tuple[str, ...] = ()  # that everybody gets, beside their own
    is_consent_given: bool = False  # elsewhere, and whoever runs the import vouches for it
    is_trial: bool = False  # nothing is written
    voucher: str = VOUCHER  # who says that the consent was given

    @property
    def may_lack_topics(self) -> bool:
        """Whether nobody in the file has any: they choose some when they have confirmed.

        In an export of ours, which alone tells what is muted, some may follow nothing.
        """
        return "topics" not in self.header.places or "muted" in self.header.names


@dataclass(frozen=True)
class Vouched:
    """A consent that was given elsewhere: when, who says so, and what else the file knows."""

    at: datetime
    by: str
    rest: Rest


_ADDRESS = AddressField()


class LineForm(ScheduleForm):
    """Checks the cells of one line."""

    email = AddressField(error_messages={"required": gettext_lazy("There is no address.")})
    topics = TopicsField("", error_messages={"required": gettext_lazy("There is no topic.")})


def import_line(line: Line, now: datetime, rules: ImportRules) -> tuple[Outcome, str]:
    """Import one line: what became of it, and why where it was rejected. Safe to run twice.

    Only with `is_consent_given` is a line that says so confirmed; the suppressed stay suppressed
    and the unsubscribed stay unsubscribed, whatever the file says.
    """
    if line.named.get("email", "").lower() == ERASED:
        return Outcome.LEFT_OUT, _("deleted since")
    if said := find_farewell(line.others):
        return Outcome.LEFT_OUT, said
    problems, form = _check_cells(line, rules)
    confirmed_at, rest = None, Rest()
    try:
        confirmed_at = read_confirmed_at(line.named.get("confirmed", ""), now)
        rest = read_rest(line.others)
    except BadCell as error:
        problems.append(str(error))
    if problems:
        return Outcome.REJECTED, " ".join(problems)
    wishes = Wishes(**{n: form.cleaned_data[n] for n in ("topics", *SCHEDULE_DEFAULTS)})
    email = form.cleaned_data["email"]
    consent = confirmed_at if rules.is_consent_given else None
    vouched = Vouched(consent, rules.voucher, rest) if consent else None
    with transaction.atomic():
        known = Subscriber.objects.select_for_update().filter(email=email).first()
        if reason := _explain_refusal(email, known):
            return Outcome.REJECTED, reason
        if known and (known.is_active or not vouched):
            return Outcome.KNOWN, ""
        if not rules.is_trial:
            _write_wishes(email, wishes, vouched, now)
    return Outcome.CONFIRMED if vouched else Outcome.ASKED, ""


def says_confirmed(line: Line) -> bool:
    return line.named.get("confirmed", "").strip().lower() not in NO


def list_line_readings(line: Line) -> list[str]:
    """How the line's own topics are read, where somebody may mean something else."""
    try:
        return list_readings(split_topics(read_topics(line.named.get("topics", ""))))
    except BadCell:
        return []


def find_address(line: Line) -> str:
    """The address as it is stored, the same in two lines of one person; "" where it is none."""
    try:
        return str(_ADDRESS.clean(read_address(line.named.get("email", ""))))
    except (BadCell, ValidationError):
        return ""


def _check_cells(line: Line, rules: ImportRules) -> tuple[list[str], LineForm]:
    """What is wrong with a line, each with its column and value, and what it says."""
    typed = {name: cell for name, cell in line.named.items() if cell and name in _READERS}
    cells = {name: str(value) for name, value in SCHEDULE_DEFAULTS.items()}
    problems: dict[str, str] = {}
    for name, cell in typed.items():
        try:
            cells[name] = _READERS[name](cell)
        except BadCell as error:
            problems[name] = str(error)
    cells["topics"] = "\n".join([cells.get("topics", ""), *rules.topics]).strip()
    form = LineForm(cells)
    form.fields["topics"].required = not rules.may_lack_topics
    for name, texts in form.errors.items():
        problems.setdefault(name, " ".join(map(str, texts)))
    said = [
        f"{rules.header.find_title(name)} “{typed[name]}”: {text}" if typed.get(name) else text
        for name, text in problems.items()
    ]
    return said, form


def _write_wishes(email: str, wishes: Wishes, vouched: Vouched | None, now: datetime) -> None:
    subscriber_id = opt_in.request_confirmation(email, wishes, now)
    if vouched:
        note = _("In an imported file.")
        subscriber = opt_in.confirm_elsewhere(subscriber_id, vouched.at, vouched.by, note, now)
        take_rest(subscriber, vouched.rest)


def _explain_refusal(email: str, known: Subscriber | None) -> str:
    suppressed = Suppression.objects.about(email).first()
    if suppressed:
        return _("This address is suppressed (%(reason)s) and stays so.") % {
            "reason": suppressed.reason
        }
    is_gone = known and known.status == Subscriber.Status.UNSUBSCRIBED
    left_at = known.unsubscribed_at if known and is_gone else None
    if not known:
        left_at = Departure.objects.find_date(email)
    if left_at:
        return _("They unsubscribed on %(left_at)s: only they themselves can sign up again.") % {
            "left_at": f"{left_at:%Y-%m-%d}"
        }
    return ""
