"""What somebody agreed to, or took back, with its date: what an operator must be able to show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.dispatch import Signal
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NOTE_CHARS = 200
# Sent with the `events` that were written at once, for which Django sends no post_save.
consents_noted = Signal()


class ConsentEvent(models.Model):
    """One thing that happened to a subscriber's consent; never changed, and gone with the row.

    `by` is the operator who did it or vouched for it; empty where the subscriber did it themselves.
    """

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", gettext_lazy("confirmed by the link in a mail to the address")
        ELSEWHERE = "elsewhere", gettext_lazy("confirmed elsewhere")
        LEFT = "left", gettext_lazy("unsubscribed")
        BACK = "back", gettext_lazy("took the unsubscription back")

    subscriber = models.ForeignKey(
        "Subscriber",
        models.CASCADE,
        related_name="consent_events",
        verbose_name=gettext_lazy("whose"),
    )
    kind = models.CharField(max_length=10, choices=Kind)
    happened_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=NOTE_CHARS, blank=True)

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [models.Index(fields=["noted_at"], name="consent_event_noted")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["confirmed", "elsewhere", "left", "back"]),
                name="consent_event_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind="elsewhere") | ~Q(note=""),
                name="consent_event_elsewhere_says_where",
            ),
        ]

    def __str__(self) -> str:
        return _("%(kind)s on %(happened_at)s") % {
            "kind": self.get_kind_display(),
            "happened_at": date_format(self.happened_at, "d F Y"),
        }
