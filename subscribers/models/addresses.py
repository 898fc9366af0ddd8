"""Rows of an address, or of the mailbox behind it: they outlive the subscriber."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower, Now


def is_suppressed(column: str = "email") -> Exists:
    """For the rows of a query: whether the address in this column must not be mailed."""
    return Exists(Suppression.objects.filter(email=OuterRef(column)))


class Suppression(models.Model):
    """An address that must never be mailed again, even when its subscriber is deleted."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce"
        COMPLAINT = "complaint"
        MANUAL = "manual"

    email = models.EmailField(unique=True)
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.MANUAL)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="suppression_email_is_lowercase"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["bounce", "complaint", "manual"]),
                name="suppression_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.reason})"


class Mailbox(models.Model):
    """How many mails that ask to confirm an address went to a mailbox without an answer.

    Both columns call such a mail a letter. The row outlives the subscriber, so that neither another
    spelling of the address nor a deleted row begins the count anew. `fingerprint` is a keyed hash
    of the normalized address (signup/mailbox_limits.py); the address itself is not stored.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    letter_sent_at = models.DateTimeField(db_index=True)
    letters_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.fingerprint[:12]
