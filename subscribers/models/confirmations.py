"""The confirmations that subscribers were sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.dateformat import format as date_format

from subscribers.models.subscribers import Subscriber


class Confirmation(models.Model):
    """A mail with a link that confirms, and what was asked for when it was sent.

    The link is about this wish and no other: whatever is asked for later, perhaps by a stranger,
    changes neither what its page shows nor what its button does. The link's token names the row by
    `sent_at`, to the microsecond. Confirming deletes all rows of the subscriber.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="confirmations")
    sent_at = models.DateTimeField()
    wish = models.JSONField()

    class Meta:
        ordering = ["-sent_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "sent_at"], name="confirmation_is_one_per_moment"
            ),
            models.CheckConstraint(condition=~Q(wish={}), name="confirmation_is_about_a_wish"),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}, {date_format(self.sent_at, 'd F Y')}"
