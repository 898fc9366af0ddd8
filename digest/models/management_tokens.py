"""The keys by which an operator's scripts use the management API."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PREFIX = "offprint_"  # by which scanners of public code know what they found
_SECRET_BYTES = 32
_HINT_CHARS = len(PREFIX) + 4
USE_IS_NOTED_EVERY = timedelta(minutes=10)


class Scope(NamedTuple):
    """What a token may do, and the permission that its owner needs for most of it."""

    said: StrOrPromise
    permission: str


# A scope to write is none to read.
SCOPES = {
    "subscribers:read": Scope(
        _("See subscribers, their topics and schedules"), "subscribers.view_subscriber"
    ),
    "subscribers:write": Scope(
        _("Add, change, pause, unsubscribe, suppress and delete subscribers"),
        "subscribers.change_subscriber",
    ),
    "topics:read": Scope(_("See topics and how many follow them"), "subscribers.view_topic"),
    "topics:write": Scope(
        _("Add topics, and delete those that nobody follows"), "subscribers.add_topic"
    ),
    "suppressions:read": Scope(
        _("See which mailboxes are suppressed"), "subscribers.view_suppression"
    ),
    "suppressions:write": Scope(
        _("Suppress mailboxes and lift suppressions"), "subscribers.add_suppression"
    ),
    "editions:read": Scope(_("See editions and what became of their mails"), "digest.view_edition"),
    "editions:write": Scope(_("Hold and release editions"), "digest.change_edition"),
    "sources:read": Scope(_("See sources and how they are"), "digest.view_source"),
    "sources:write": Scope(_("Add, pause, resume and poll sources"), "digest.change_source"),
}


def hash_secret(secret: str) -> str:
    """SHA-256: of 256 random bits nothing can be guessed, so that no slow hash is needed."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class ManagementTokenQuerySet(models.QuerySet["ManagementToken"]):
    def valid(self, now: datetime) -> Self:
        """Those that have not expired, of owners who are still staff."""
        alive = self.filter(Q(expires_at=None) | Q(expires_at__gt=now))
        return alive.filter(owner__is_active=True, owner__is_staff=True)


class ManagementToken(models.Model):
    """One key: whose it is, what it may do, until when. The secret itself is not stored.

    It never does what its owner may not do, whatever its scopes say. Deleting the row ends it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="management_tokens",
        verbose_name=_("owner"),
    )
    name = models.CharField(
        max_length=100, help_text=_("What it is for: “nightly sync”."), verbose_name=_("name")
    )
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(
        max_length=20, editable=False, verbose_name=_("hint")
    )  # how the secret begins
    scopes = models.JSONField(default=list, verbose_name=_("scopes"))
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, verbose_name=_("expires at"))
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ManagementTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(secret_hash=""), name="management_token_has_a_secret"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def set_new_secret(self) -> str:
        """Return a new secret, of which the row keeps the hash and the beginning."""
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        self.secret_hash, self.hint = hash_secret(secret), secret[:_HINT_CHARS]
        return secret

    def note_use(self, now: datetime) -> None:
        """Note that it is in use, every ten minutes: no request is worth a write of its own."""
        last = self.last_used_at
        if last is None or not now - USE_IS_NOTED_EVERY < last <= now:
            ManagementToken.objects.filter(pk=self.pk).update(last_used_at=now)
