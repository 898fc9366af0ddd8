"""The addresses of others that hear of subscribers, and what waits to be posted to them."""

from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WEBHOOK_URL_CHARS = 500
SECRET_PREFIX = "whsec_"  # of https://www.standardwebhooks.com
_SECRET_BYTES = 24


def make_webhook_secret() -> str:
    return SECRET_PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def check_webhook_url(url: str) -> None:
    """Raise ValidationError for what is no address on the web."""
    said = _("This is no address of the web: write one such as https://crm.example.org/hook.")
    URLValidator(schemes=["https", "http"], message=said)(url)
    if "@" in url.split("/")[2]:
        raise ValidationError(_("Leave the password out: what is posted is signed."))


class Webhook(models.Model):
    """One address, and what it hears. Its secret is kept as it is: it signs each post."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", gettext_lazy("somebody confirmed, here or elsewhere, or came back")
        LEFT = "left", gettext_lazy("somebody unsubscribed or was deleted")
        BOUNCED = "bounced", gettext_lazy("a mailbox refused for good, or called the mail spam")

    name = models.CharField(
        max_length=100,
        help_text=gettext_lazy("Whose it is: “our CRM”."),
        verbose_name=gettext_lazy("name"),
    )
    url = models.CharField(
        gettext_lazy("address"), max_length=WEBHOOK_URL_CHARS, validators=[check_webhook_url]
    )
    kinds = models.JSONField(default=list, verbose_name=gettext_lazy("kinds"))
    secret = models.CharField(
        max_length=100,
        default=make_webhook_secret,
        editable=False,
        verbose_name=gettext_lazy("secret"),
    )
    is_active = models.BooleanField(default=True, verbose_name=gettext_lazy("is active"))
    created_at = models.DateTimeField(editable=False)
    last_taken_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the last try failed, and how; both empty again when one is taken.
    failed_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(
        max_length=200, blank=True, editable=False, verbose_name=gettext_lazy("last error")
    )

    class Meta:
        verbose_name = gettext_lazy("webhook")
        verbose_name_plural = gettext_lazy("webhooks")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(secret=""), name="webhook_has_a_secret"),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookPostQuerySet(models.QuerySet["WebhookPost"]):
    def waiting(self) -> Self:
        return self.filter(next_try_at__isnull=False)

    def due(self, now: datetime) -> Self:
        """Those to be tried now, the oldest first."""
        rows = self.filter(next_try_at__lte=now, webhook__is_active=True)
        return rows.order_by("next_try_at", "pk")


class WebhookPost(models.Model):
    """One thing that one address is told. It names a subscriber by number, and no address.

    The address is looked up when it is posted, so that nothing here outlives a deletion.
    """

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=10, choices=Webhook.Kind)
    subscriber_number = models.BigIntegerField()
    reason = models.CharField(max_length=40, blank=True)
    happened_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, blank=True)  # None: taken, or given up
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = WebhookPostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["confirmed", "left", "bounced"]),
                name="webhook_post_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None) | Q(next_try_at=None),
                name="webhook_post_taken_waits_no_more",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(next_try_at__isnull=False),
                name="webhook_post_waiting",
            ),
            models.Index(fields=["happened_at"], name="webhook_post_happened"),
        ]

    def __str__(self) -> str:
        return _("%(kind)s, subscriber %(subscriber_number)s") % {
            "kind": self.kind,
            "subscriber_number": self.subscriber_number,
        }
