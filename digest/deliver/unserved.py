"""Which editions left readers without their mail, and why; and telling the operators so.

A mail is planned for a reader and never leaves: it expired before it could, or the provider refused
it for good. Whoever left or was suppressed meanwhile was not to have it, which is nobody's fault.
What is in doubt is known to be neither and has an alarm of its own (doubt/doubt_alarm.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digest.deliver.doubt.doubt_alarm import DOUBTS_WITHIN, MOST_IN_DOUBT
from digest.models import EXPIRES_AFTER, Delivery, Edition
from digest.watch.alarms import TOLD_EVERY, raise_alarm, resolve_alarm, select_lasting
from subscribers.models import Suppression

Status = Delivery.Status
MOST_UNSERVED = MOST_IN_DOUBT  # of an edition's mails, those in doubt among them
KIND = "not-served-"


@dataclass(frozen=True)
class Unserved:
    """Of an edition's mails, those that the reader should have had and surely has not."""

    mails: int  # planned and to be sent: without the quiet ones and whoever must not be mailed
    never_tried: int  # expired before a first call for it
    expired: int  # expired between two tries, or the provider never had it
    failed: int  # refused for good, by the provider or since it could not be set
    in_doubt: int

    @property
    def count(self) -> int:
        """Without those in doubt."""
        return self.never_tried + self.expired + self.failed

    @property
    def is_broken(self) -> bool:
        """Whether too many readers are without their mail, or perhaps so."""
        return self.count + self.in_doubt > MOST_UNSERVED * self.mails

    def __str__(self) -> str:
        known = {"count": self.count, "mails": self.mails, "why": "; ".join(self._list_reasons())}
        if not self.count:
            return _("%(why)s of %(mails)s") % known
        return (
            ngettext(
                "%(count)s of %(mails)s readers was not served (%(why)s)",
                "%(count)s of %(mails)s readers were not served (%(why)s)",
                self.count,
            )
            % known
        )

    def _list_reasons(self) -> Iterator[str]:
        if self.never_tried:
            yield _("expired before any call: %(count)s") % {"count": self.never_tried}
        if self.expired:
            yield _("expired after calls in vain: %(count)s") % {"count": self.expired}
        if self.failed:
            yield _("failed: %(count)s") % {"count": self.failed}
        if self.in_doubt:
            yield _("in doubt: %(count)s") % {"count": self.in_doubt}


def count_unserved(edition: Edition) -> Unserved:
    """That of one edition. Goes through its mails once."""
    counts = _count_by_edition(_select_unserved().filter(edition=edition))
    return _sum_up(edition.pk, counts[edition.pk])


def find_broken(now: datetime) -> Iterator[tuple[Edition, Unserved]]:
    """The editions of the last days with more unserved than can be let pass, the newest first.

    Only those are gone through that have any.
    """
    first = (now - DOUBTS_WITHIN).date()
    counts = _count_by_edition(_select_unserved().filter(edition__date__gte=first))
    for edition in Edition.objects.filter(pk__in=counts).order_by("-date"):
        unserved = _sum_up(edition.pk, counts[edition.pk])
        if unserved.is_broken:
            yield edition, unserved


def watch_unserved(now: datetime) -> None:
    """Raise the alarm for each edition that left too many readers without their mail.

    What expired is past mending, so it is told once, and again only where more have become known an
    hour later. Ends when a late report shows otherwise, and after a week. Counts all mails of such
    an edition: not for each minute. Safe to run twice. Raises what the database raises.
    """
    # What is in doubt alone has an alarm of its own.
    broken = {f"{KIND}{edition.date}": one for edition, one in find_broken(now) if one.count}
    lasting = {alarm.kind: alarm for alarm in select_lasting().filter(kind__startswith=KIND)}
    for kind, unserved in broken.items():
        sentence = _(
            "Of the edition of %(day)s %(words)s. First see whether the provider takes mails now "
            "and whether an edition is held; then its deliveries in the admin, which have the "
            "provider's words. Papers that did not arrive can come in the readers' next digest."
        ) % {"day": kind.removeprefix(KIND), "words": unserved}
        alarm = lasting.get(kind)
        is_recent = alarm and alarm.told_at and now - TOLD_EVERY < alarm.told_at <= now
        if alarm is None or not (is_recent or alarm.sentence == sentence):
            raise_alarm(kind, sentence, now)
    for kind in lasting.keys() - broken.keys():
        resolve_alarm(kind, now)


def _select_unserved() -> QuerySet[Delivery]:
    """What expired, failed or is in doubt, but for whoever was not to be mailed any more."""
    ended_at = Coalesce("expires_at", F("covers_until") + EXPIRES_AFTER)
    suppressed = Suppression.objects.filter(
        Q(fingerprint=OuterRef("subscriber__mailbox"))
        | Q(fingerprint=OuterRef("subscriber__spelling"))
    )
    # What the provider refuses for its address may be suppressed for that afterwards.
    is_bad_address = Q(status=Status.FAILED) & Exists(suppressed)
    had_left = Q(subscriber__unsubscribed_at__lte=F("ended_at"))
    was_suppressed = Exists(suppressed.filter(created_at__lte=OuterRef("ended_at")))
    had_to_go = Q(status=Status.EXPIRED) & (had_left | Q(was_suppressed))
    states = [Status.FAILED, Status.EXPIRED, Status.IN_DOUBT]
    rows = Delivery.objects.filter(status__in=states).annotate(ended_at=ended_at)
    return rows.exclude(is_bad_address).exclude(had_to_go)


def _count_by_edition(rows: QuerySet[Delivery]) -> dict[int, Counter[str]]:
    """How many of the rows have which state; "untried" are those expired before any call."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    columns = rows.order_by().values("edition", "status", "attempts").annotate(n=Count("pk"))
    for row in columns:
        is_untried = row["status"] == Status.EXPIRED and not row["attempts"]
        counts[row["edition"]]["untried" if is_untried else row["status"]] += row["n"]
    return counts


def _sum_up(edition: int, counts: Counter[str]) -> Unserved:
    none = [Status.QUIET, Status.SUPPRESSED]
    mails = Delivery.objects.filter(edition=edition).exclude(status__in=none).count()
    return Unserved(
        mails=mails,
        never_tried=counts["untried"],
        expired=counts[Status.EXPIRED],
        failed=counts[Status.FAILED],
        in_doubt=counts[Status.IN_DOUBT],
    )
