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


@dataclass(frozen=True)
class Candidate:
    """Whom a line that can be read would bring in, with what."""

    email: str
    wishes: Wishes
    vouched: Vouched | None


Fate = tuple[Outcome, str]  # what became of a line, and why where it was rejected or left out
_ADDRESS = AddressField()


class LineForm(ScheduleForm):
    """Checks the cells of one line."""

    email = AddressField(error_messages={"required": gettext_lazy("There is no address.")})
    topics = TopicsField("", error_messages={"required": gettext_lazy("There is no topic.")})


def read_line(line: Line, now: datetime, rules: ImportRules) -> Candidate | Fate:
    """Read one line without a look at who is there already; else why it brings nobody in.

    Only with `is_consent_given` is what a line says of a consent vouched for.
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
    consent = confirmed_at if rules.is_consent_given else None
    vouched = Vouched(consent, rules.voucher, rest) if consent else None
    return Candidate(form.cleaned_data["email"], wishes, vouched)


def judge_candidate(candidate: Candidate, known: Subscriber | None, refusal: str) -> Fate:
    """What becomes of them where `known` has their address and `refusal` says why not, or "".

    The suppressed stay suppressed and the unsubscribed stay unsubscribed, whatever the file says.
    """
    if refusal:
        return Outcome.REJECTED, refusal
    if known and (known.is_active or not candidate.vouched):
        return Outcome.KNOWN, ""
    return Outcome.CONFIRMED if candidate.vouched else Outcome.ASKED, ""


def explain_refusal(reason: str, known: Subscriber | None, left_at: datetime | None) -> str:
    """Why nobody may bring an address in; "" where that may be done.

    `reason` is that of its suppression, `left_at` when a reader of it left who is forgotten since.
    """
    if reason:
        return _("This address is suppressed (%(reason)s) and stays so.") % {"reason": reason}
    if known:
        left_at = known.unsubscribed_at
    if left_at:
        return _("They unsubscribed on %(left_at)s: only they themselves can sign up again.") % {
            "left_at": f"{left_at:%Y-%m-%d}"
        }
    return ""


def import_candidate(candidate: Candidate, now: datetime, rules: ImportRules) -> Fate:
    """Bring one in, or try to. Safe to run twice; `import_chunk` does the same for many at once."""
    email = candidate.email
    with transaction.atomic():
        known = Subscriber.objects.select_for_update().filter(email=email).first()
        reason = Suppression.objects.find_reasons([email]).get(email, "")
        left_at = None if known else Departure.objects.find_date(email)
        fate = judge_candidate(candidate, known, explain_refusal(reason, known, left_at))
        if fate[0] in (Outcome.CONFIRMED, Outcome.ASKED) and not rules.is_trial:
            write_wishes(candidate, now)
    return fate


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


def write_wishes(candidate: Candidate, now: datetime) -> None:
    subscriber_id = opt_in.request_confirmation(candidate.email, candidate.wishes, now)
    if vouched := candidate.vouched:
        subscriber = opt_in.confirm_elsewhere(
            subscriber_id, vouched.at, vouched.by, describe_consent(), now
        )
        take_rest(subscriber, vouched.rest)


def describe_consent() -> str:
    """Where a consent was given that an imported list tells of."""
    return _("In an imported file.")
