"""Rows of the mailbox behind an address: they outlive the subscriber, and name nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext_lazy as _

from subscribers import mailboxes


def is_suppressed() -> Exists | Q:
    """For the rows of a query of subscribers: whether nothing may be mailed to them."""
    # Two questions, so that a database answers each by one look at all suppressions.
    return Exists(Suppression.objects.filter(fingerprint=OuterRef("mailbox"))) | Exists(
        Suppression.objects.filter(fingerprint=OuterRef("spelling"))
    )


def hash_own_mailbox(email: str) -> str:
    """The keyed hash of the mailbox behind an address."""
    return mailboxes.hash_mailbox(email)


def hash_own_spelling(email: str) -> str:
    """The hash under which a bounce of this very spelling is kept; "" where it is the mailbox's."""
    bounced = mailboxes.hash_bounced(email)
    return "" if bounced == mailboxes.hash_mailbox(email) else bounced


class MailboxField(models.CharField):  # type: ignore[type-arg]
    """The `hash_own_mailbox` of the row's `email`, written whenever the row is."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # noqa: ARG002 (Django's)
        setattr(model_instance, self.attname, self.read_address(model_instance.email))
        return getattr(model_instance, self.attname)

    def read_address(self, email: str) -> str:
        return hash_own_mailbox(email)


class SpellingField(MailboxField):
    """The same for `hash_own_spelling`."""

    def read_address(self, email: str) -> str:
        return hash_own_spelling(email)


def _list_hashes(email: str) -> set[str]:
    return {mailboxes.hash_mailbox(email), mailboxes.hash_bounced(email)}


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def about(self, email: str) -> Self:
        """Those that keep mail from this address, however it is spelled."""
        return self.filter(fingerprint__in=_list_hashes(email))

    def list_about(self, emails: Iterable[str]) -> dict[str, list[Suppression]]:
        """Those of each address, at one query."""
        hashes = {email: _list_hashes(email) for email in emails}
        rows = list(self.filter(fingerprint__in=set().union(*hashes.values())))
        return {e: [row for row in rows if row.fingerprint in own] for e, own in hashes.items()}

    def find_reasons(self, emails: Iterable[str]) -> dict[str, str]:
        """Why each of these addresses gets no mail; those that get it are left out."""
        hashes = {email: _list_hashes(email) for email in emails}
        rows = self.filter(fingerprint__in=set().union(*hashes.values()))
        reasons = {row.fingerprint: (row.created_at, row.reason) for row in rows}
        said = {e: [reasons[one] for one in own if one in reasons] for e, own in hashes.items()}
        return {email: max(found)[1] for email, found in said.items() if found}

    def suppress(self, email: str, reason: str) -> tuple[Suppression, bool]:
        """Mail nothing to the mailbox any more: its row, and whether that is news."""
        is_bounce = reason == Suppression.Reason.BOUNCE
        hashed = (mailboxes.hash_bounced if is_bounce else mailboxes.hash_mailbox)(email)
        return self.get_or_create(fingerprint=hashed, defaults={"reason": reason})


class Suppression(models.Model):
    """A mailbox that must never be mailed again, even when its subscriber is deleted.

    `fingerprint` is a keyed hash (subscribers/mailboxes.py): who it is, nobody can read from it.
    """

    class Reason(models.TextChoices):
        BOUNCE = "bounce", _("Bounce")
        COMPLAINT = "complaint", _("Complaint")
        MANUAL = "manual", _("Manual")

    fingerprint = models.CharField(
        max_length=mailboxes.HASH_CHARS, unique=True, verbose_name=_("fingerprint")
    )
    reason = models.CharField(
        max_length=10, choices=Reason, default=Reason.MANUAL, verbose_name=_("reason")
    )
    created_at = models.DateTimeField(db_default=Now(), verbose_name=_("created at"))

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(fingerprint=""), name="suppression_is_of_a_mailbox"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["bounce", "complaint", "manual"]),
                name="suppression_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fingerprint[:12]} ({self.reason})"


class DepartureQuerySet(models.QuerySet["Departure"]):
    def note(self, email: str, left_at: datetime) -> None:
        """Remember, without the address, that its reader left."""
        self.update_or_create(
            fingerprint=mailboxes.hash_mailbox(email), defaults={"left_at": left_at}
        )

    def find_date(self, email: str) -> datetime | None:
        """When the reader of this mailbox left, if they were forgotten since."""
        return self.find_dates([email]).get(email)

    def find_dates(self, emails: Iterable[str]) -> dict[str, datetime]:
        """The same for each of these who left."""
        hashes = {email: mailboxes.hash_mailbox(email) for email in emails}
        rows = self.filter(fingerprint__in=set(hashes.values()))
        dates = dict(rows.values_list("fingerprint", "left_at"))
        return {email: dates[own] for email, own in hashes.items() if own in dates}


class Departure(models.Model):
    """That somebody unsubscribed who is forgotten since: only they themselves can come back."""

    fingerprint = models.CharField(max_length=mailboxes.HASH_CHARS, unique=True)
    left_at = models.DateTimeField()

    objects = DepartureQuerySet.as_manager()

    class Meta:
        ordering = ["-left_at"]

    def __str__(self) -> str:
        return f"{self.fingerprint[:12]}, {date_format(self.left_at, 'd F Y')}"


class Mailbox(models.Model):
    """How many mails that ask to confirm an address went to a mailbox without an answer.

    Both columns call such a mail a letter. The row outlives the subscriber, so that neither another
    spelling of the address nor a deleted row begins the count anew. `fingerprint` is a keyed hash
    (subscribers/mailboxes.py); the address itself is not stored.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    letter_sent_at = models.DateTimeField(db_index=True)
    letters_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.fingerprint[:12]
