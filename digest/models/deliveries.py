"""What is sent, to whom, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.models.contents import DigestContents
from subscribers.models import Subscriber

EXPIRES_AFTER = timedelta(hours=24)  # then a digest is no longer news


class Edition(models.Model):
    """One calendar day's digest."""

    date = models.DateField(unique=True, verbose_name=gettext_lazy("date"))

    class Meta:
        verbose_name = gettext_lazy("edition")
        verbose_name_plural = gettext_lazy("editions")
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def planned(self) -> Self:
        return self.filter(status=Delivery.Status.PLANNED)

    def open(self) -> Self:
        """Those that are still to leave, in the order in which they are handed over."""
        waiting = [Delivery.Status.PLANNED, Delivery.Status.CLAIMED]
        return self.filter(status__in=waiting).order_by("edition_id", "pk")

    def has_rows(self) -> bool:
        """As `exists`, but in the order that is asked for: by the index that has this order.

        Without one a database whose statistics are of the middle of an edition takes an open row
        for a frequent thing, and looks for the first through all that ever was.
        """
        return bool(self.values_list("pk")[:1])

    def sent(self) -> Self:
        return self.filter(status=Delivery.Status.SENT)

    def in_doubt(self) -> Self:
        """Those that may have been sent: their papers come again, marked as perhaps seen."""
        return self.filter(status=Delivery.Status.IN_DOUBT)

    def coming(self) -> Self:
        """Those the subscriber has, or is about to get: their papers never come again."""
        return self.filter(
            status__in=[Delivery.Status.SENT, Delivery.Status.PLANNED, Delivery.Status.CLAIMED]
        )

    def outdated(self, now: datetime) -> Self:
        """Those that are no longer news: they are not sent any more."""
        is_old = Q(expires_at=None, covers_until__lt=now - EXPIRES_AFTER)
        return self.filter(is_old | Q(expires_at__lt=now))

    def still_news(self, now: datetime) -> Self:
        """The others."""
        is_young = Q(expires_at=None, covers_until__gte=now - EXPIRES_AFTER)
        return self.filter(is_young | Q(expires_at__gte=now))

    def reached(self) -> Self:
        """Those the subscriber has, is about to get or may have."""
        return self.coming() | self.in_doubt()


class Delivery(models.Model):
    """An edition addressed to one subscriber.

    The status is what we did; the dates after it are what the world did, each set once. What its
    mail is rendered from stands in `contents`, whose shape is in digest/models/contents.py.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", gettext_lazy("Planned")
        CLAIMED = "claimed", gettext_lazy("Claimed")
        SENT = "sent", gettext_lazy("Sent")
        QUIET = "quiet", gettext_lazy("Quiet")
        SUPPRESSED = "suppressed", gettext_lazy("Suppressed")
        FAILED = "failed", gettext_lazy("Failed")
        EXPIRED = "expired", gettext_lazy("Expired")
        IN_DOUBT = "in_doubt", gettext_lazy("in doubt")

    class Quiet(models.TextChoices):
        """Why a due subscriber got no mail."""

        NO_TOPICS = "no_topics", gettext_lazy("follows no topic yet")
        NOTHING_NEW = "nothing_new", gettext_lazy("no source announced anything new")
        NOT_READ = "not_read", gettext_lazy("no source was read since the digest before")
        NO_MATCH = "no_match", gettext_lazy("none of the new papers is in their topics")
        PASSING = "passing", gettext_lazy("their topics are only mentioned in passing")
        MUTED = "muted", gettext_lazy("all that matched is muted")
        SENT_BEFORE = "sent_before", gettext_lazy("all that matched was sent before")
        PAUSED = "paused", gettext_lazy("paused by the subscriber")

    # Neither has an index of its own: two below begin with them.
    edition = models.ForeignKey(
        Edition,
        models.CASCADE,
        related_name="deliveries",
        db_index=False,
        verbose_name=gettext_lazy("edition"),
    )
    subscriber = models.ForeignKey(
        Subscriber,
        models.CASCADE,
        related_name="deliveries",
        db_index=False,
        verbose_name=gettext_lazy("subscriber"),
    )
    status = models.CharField(
        max_length=10, choices=Status, default=Status.PLANNED, verbose_name=gettext_lazy("status")
    )
    quiet_reason = models.CharField(
        max_length=12, choices=Quiet, blank=True, verbose_name=gettext_lazy("quiet reason")
    )
    contents = models.JSONField(default=dict, blank=True)  # see `digest`
    covers_until = models.DateTimeField(
        verbose_name=gettext_lazy("covers until")
    )  # papers that became news later belong to the next one
    # Only where the clock was set meanwhile (digest/watch/clock.py); else EXPIRES_AFTER that.
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    key = models.UUIDField(
        unique=True, default=uuid4, editable=False, verbose_name=gettext_lazy("key")
    )
    claimed_at = models.DateTimeField(
        null=True, blank=True, verbose_name=gettext_lazy("claimed at")
    )
    # The DeliveryRun that took it last; the row of that is gone when it has ended.
    claimed_by = models.BigIntegerField(null=True, blank=True, editable=False)
    retry_at = models.DateTimeField(null=True, blank=True, verbose_name=gettext_lazy("retry at"))
    attempts = models.PositiveSmallIntegerField(default=0, verbose_name=gettext_lazy("attempts"))
    # When a call for it first began whose answer we do not know: it may have been sent since.
    maybe_sent_at = models.DateTimeField(
        null=True, blank=True, verbose_name=gettext_lazy("maybe sent at")
    )
    # Which account at which provider that call was to: no other knows its key.
    provider = models.CharField(
        max_length=64, blank=True, editable=False, verbose_name=gettext_lazy("provider")
    )
    call = models.CharField(max_length=64, blank=True, editable=False)  # the key of a whole batch
    sent_at = models.DateTimeField(null=True, blank=True, verbose_name=gettext_lazy("sent at"))
    message_id = models.CharField(
        max_length=255, blank=True, verbose_name=gettext_lazy("message id")
    )
    error = models.CharField(max_length=300, blank=True, verbose_name=gettext_lazy("error"))
    delivered_at = models.DateTimeField(
        null=True, blank=True, verbose_name=gettext_lazy("delivered at")
    )
    bounced_at = models.DateTimeField(
        null=True, blank=True, verbose_name=gettext_lazy("bounced at")
    )
    complained_at = models.DateTimeField(
        null=True, blank=True, verbose_name=gettext_lazy("complained at")
    )
    unsubscribed_at = models.DateTimeField(
        null=True, blank=True, verbose_name=gettext_lazy("unsubscribed at")
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("delivery")
        verbose_name_plural = gettext_lazy("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "subscriber"], name="delivery_is_once_per_edition"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "planned",
                        "claimed",
                        "sent",
                        "quiet",
                        "suppressed",
                        "failed",
                        "expired",
                        "in_doubt",
                    ]
                ),
                name="delivery_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="delivery_sent_has_a_date",
            ),
            models.CheckConstraint(
                condition=(Q(status="quiet") & ~Q(quiet_reason=""))
                | (~Q(status="quiet") & Q(quiet_reason="")),
                name="delivery_quiet_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="claimed") | Q(claimed_at__isnull=False),
                name="delivery_claimed_has_a_date",
            ),
        ]
        indexes = [
            # How far a subscriber's digests reach, and the last ones they had.
            models.Index(fields=["subscriber", "covers_until"], name="delivery_of_subscriber"),
            models.Index(fields=["covers_until"], name="delivery_covers_until"),
            models.Index(
                fields=["edition", "id"],
                condition=Q(status__in=["planned", "claimed"]),
                name="delivery_open",
            ),
            models.Index(
                fields=["claimed_by"], condition=Q(status="claimed"), name="delivery_claimed"
            ),
            models.Index(
                fields=["subscriber"], condition=Q(status="in_doubt"), name="delivery_in_doubt"
            ),
            # The breaker reads the last few hundred that were handed over (digest/flight/).
            models.Index(
                fields=["edition", "claimed_at"],
                condition=Q(status__in=["sent", "failed", "in_doubt"]),
                name="delivery_handed_over",
            ),
            # Few rows: what is counted of every edition, again and again (digest/watch/).
            models.Index(
                fields=["edition"],
                condition=Q(bounced_at__isnull=False) | Q(complained_at__isnull=False),
                name="delivery_went_wrong",
            ),
            # Few rows too, which operators look for among a million.
            models.Index(
                fields=["status", "-id"],
                condition=Q(status__in=["suppressed", "failed", "expired", "in_doubt"]),
                name="delivery_unusual",
            ),
            # Whom each of the last editions left without their mail (digest/deliver/unserved.py).
            models.Index(
                fields=["edition"],
                condition=Q(status__in=["failed", "expired", "in_doubt"]),
                name="delivery_unserved",
            ),
            models.Index(fields=["call"], condition=~Q(call=""), name="delivery_call"),
            models.Index(
                fields=["message_id"], condition=~Q(message_id=""), name="delivery_message_id"
            ),
        ]

    def __str__(self) -> str:
        return _("%(edition)s to %(subscriber)s") % {
            "edition": self.edition,
            "subscriber": self.subscriber,
        }

    def is_outdated(self, now: datetime) -> bool:
        """As `outdated` asks of rows."""
        return (self.expires_at or self.covers_until + EXPIRES_AFTER) < now

    @property
    def digest(self) -> DigestContents:
        """Its papers, or why there are none; read from `contents` each time it is asked for."""
        return DigestContents.from_json(self.contents)


class SentBreakout(models.Model):
    """A paper that came to a subscriber once more, when it broke out; never a third time."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="sent_breakouts")
    paper = models.ForeignKey("digest.Paper", models.CASCADE, related_name="sent_breakouts")
    delivery = models.ForeignKey("digest.Delivery", models.CASCADE, related_name="sent_breakouts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "paper"], name="breakout_is_sent_once")
        ]

    def __str__(self) -> str:
        return _("%(paper)s again to %(subscriber)s") % {
            "paper": self.paper,
            "subscriber": self.subscriber,
        }
