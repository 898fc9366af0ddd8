"""The email provider: who is talking to it, which calls are open, and when the next may begin."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _


class DeliveryRun(models.Model):
    """A worker that is handing deliveries over; it says again and again that it lives.

    The row goes when the run ends. Whoever was killed leaves it behind, and with it the deliveries
    that it had claimed (digest/deliver/delivery_runs.py).
    """

    provider = models.CharField(max_length=64)  # as in Delivery.provider
    connections = models.PositiveSmallIntegerField()  # calls that it may have under way at once
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return _("%(connections)s calls at once since %(started_at)s") % {
            "connections": self.connections,
            "started_at": f"{self.started_at:%Y-%m-%d %H:%M:%S}",
        }


class ProviderCall(models.Model):
    """The exact bytes of a call with many mails, so that it can be made again as it was.

    Kept from just before the call until what became of its mails is known.
    """

    key = models.CharField(max_length=64, unique=True)  # as in Delivery.call
    delivery_ids = models.JSONField()  # in the order of its mails
    body = models.BinaryField()  # UTF-8, compressed by zlib
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return _("%(count)s mails at %(made_at)s") % {
            "count": len(self.delivery_ids),
            "made_at": f"{self.made_at:%Y-%m-%d %H:%M}",
        }


class ProviderPause(models.Model):
    """Until when nothing is handed to a provider: it asked for that, or refuses our account.

    One row for all workers on all machines. It stays when the pause is over, and goes with the
    first mail that then gets through (digest/deliver/provider/pause.py).
    """

    provider = models.CharField(max_length=64, unique=True)  # as in Delivery.provider
    paused_at = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("paused_at")), name="provider_pause_ends_after_it_began"
            )
        ]

    def __str__(self) -> str:
        return _("%(provider)s until %(until)s") % {
            "provider": self.provider,
            "until": f"{self.until:%Y-%m-%d %H:%M}",
        }


class ProviderPace(models.Model):
    """When the next call to a provider may begin, so that it never has to ask us for a pause.

    One row for all workers on all machines, by the database's own clock (provider/pacing.py).
    """

    provider = models.CharField(max_length=64, unique=True)  # as in Delivery.provider
    free_at = models.FloatField()  # seconds since 1970
    # Calls of all runs in a row that got no answer, as far as runs have said (provider/silence.py).
    silent = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return _("%(provider)s from %(free_at)s") % {
            "provider": self.provider,
            "free_at": f"{self.free_at:.3f}",
        }


class DomainVolume(models.Model):
    """How many mails a mailbox domain was given on one day of the warm-up."""

    domain = models.CharField(max_length=255)
    day = models.DateField()
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain", "day"], name="domain_volume_is_one_a_day")
        ]

    def __str__(self) -> str:
        return _("%(mails)s to %(domain)s on %(day)s") % {
            "mails": self.mails,
            "domain": self.domain,
            "day": self.day,
        }
