"""What providers report, and what follows for a whole mailbox domain."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.models.deliveries import Delivery
from subscribers.models import Subscriber


class Verdict(models.TextChoices):
    """What a report says of a mailbox; digest/track/classify.py reads it from the provider's words.

    Only the first two speak against the address itself.
    """

    HARD = "hard", gettext_lazy("refused for good")
    COMPLAINT = "complaint", gettext_lazy("called spam by the reader")
    LEFT = "left", gettext_lazy("unsubscribed at the provider")
    SOFT = "soft", gettext_lazy("refused this time")
    BLOCKED = "blocked", gettext_lazy("the receiving server blocks us")
    OURS = "ours", gettext_lazy("refused for what we or our account did")
    ARRIVED = "arrived", gettext_lazy("delivered")
    NONE = "none", gettext_lazy("says nothing of the mailbox")


class ProviderEventQuerySet(models.QuerySet["ProviderEvent"]):
    def waiting(self) -> Self:
        """Those that came before we had written down under which id their mail was taken."""
        return self.filter(effect=ProviderEvent.Effect.WAITING)

    def outcomes(self) -> Self:
        """Those that tell how a mailbox took a mail: for better or, for now, for worse."""
        return self.filter(verdict__in=[Verdict.ARRIVED, Verdict.SOFT, Verdict.BLOCKED])


class ProviderEvent(models.Model):
    """One report of a provider on one mail, kept for 30 days; the same report is one row.

    It goes with its subscriber: of somebody deleted it holds neither address nor domain. `mailbox`
    is a keyed hash of the address as it was mailed to.
    """

    class Effect(models.TextChoices):
        """What the report changed beside the dates of its delivery."""

        NOTED = "noted", gettext_lazy("noted")
        SUPPRESSED = "suppressed", gettext_lazy("suppressed the address")
        UNSUBSCRIBED = "unsubscribed", gettext_lazy("unsubscribed the reader")
        OUTDATED = "outdated", gettext_lazy("nothing: the reader confirmed since")
        DOMAIN = "domain", gettext_lazy("counted against the whole domain")
        WAITING = "waiting", gettext_lazy("waits for its mail to be known")

    provider = models.CharField(max_length=32, verbose_name=gettext_lazy("provider"))
    event_id = models.CharField(max_length=200)  # the provider's own, or a keyed hash of the report
    kind = models.CharField(max_length=16)  # anymail's word: bounced, delivered, …
    verdict = models.CharField(max_length=10, choices=Verdict, verbose_name=gettext_lazy("verdict"))
    said = models.CharField(gettext_lazy("the provider's words"), max_length=300, blank=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    effect = models.CharField(
        max_length=12, choices=Effect, default=Effect.NOTED, verbose_name=gettext_lazy("effect")
    )
    message_id = models.CharField(max_length=255, blank=True)
    # Whether it named our delivery's key: only such reports are known again without a message id.
    has_key = models.BooleanField(default=False, db_default=False, editable=False)
    mailbox = models.CharField(max_length=64, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, null=True, blank=True, related_name="provider_events"
    )
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, null=True, blank=True, related_name="provider_events"
    )

    objects = ProviderEventQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("provider event")
        verbose_name_plural = gettext_lazy("provider events")
        ordering = ["-received_at", "-pk"]
        constraints = [
            # Amazon's id is that of a notification, which may name several mailboxes.
            models.UniqueConstraint(
                fields=["provider", "event_id", "mailbox"], name="provider_event_is_once"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values), name="provider_event_verdict_is_known"
            ),
            models.CheckConstraint(
                condition=Q(happened_at__lte=F("received_at")),
                name="provider_event_happened_before_it_came",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], name="provider_event_age"),
            models.Index(
                fields=["domain", "received_at"],
                condition=Q(verdict__in=["arrived", "soft", "blocked"]) & ~Q(domain=""),
                name="provider_event_outcome",
            ),
            models.Index(
                fields=["id"], condition=Q(effect="waiting"), name="provider_event_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}: {self.kind}"


class MailTrace(models.Model):
    """That a mail was sent to an address its subscriber has left since, by a move or a deletion.

    `fingerprint` is a keyed hash of the mail's id and the address together: it tells that a report
    is about a mail of ours, and tells neither mail nor address. Kept for 30 days.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    mailed_at = models.DateTimeField()
    left_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.fingerprint[:12]


class DomainPauseQuerySet(models.QuerySet["DomainPause"]):
    def running(self, now: datetime) -> Self:
        """Those in force now; one that begins later was written by a clock that went wrong."""
        return self.filter(paused_at__lte=now, until__gt=now)


class DomainPause(models.Model):
    """Until when nothing is sent to the mailboxes of a domain: its server blocks us.

    Deliveries to it are left planned meanwhile (digest/deliver/claims.py).
    """

    domain = models.CharField(max_length=255, unique=True, verbose_name=gettext_lazy("domain"))
    paused_at = models.DateTimeField(verbose_name=gettext_lazy("paused at"))
    until = models.DateTimeField(verbose_name=gettext_lazy("until"))
    reason = models.CharField(max_length=300, blank=True, verbose_name=gettext_lazy("reason"))

    objects = DomainPauseQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("domain pause")
        verbose_name_plural = gettext_lazy("domain pauses")
        ordering = ["-until"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("paused_at")), name="domain_pause_ends_after_it_began"
            )
        ]

    def __str__(self) -> str:
        return _("%(domain)s until %(until)s") % {
            "domain": self.domain,
            "until": f"{self.until:%Y-%m-%d %H:%M}",
        }
