"""The addresses that subscribers have left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.models.subscribers import Subscriber


class FormerAddressQuerySet(models.QuerySet["FormerAddress"]):
    def left_by_subscriber(self) -> Self:
        """Those left by a link in a mail to the new address; staff's changes are told to nobody."""
        return self.exclude(told_at=F("left_at"))


class FormerAddress(models.Model):
    """An address that digests have left: it gets a notice, and a link that brings them back.

    Where staff wrote another one there is no notice: `told_at` is `left_at` then.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="former_addresses")
    email = models.EmailField()
    left_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    objects = FormerAddressQuerySet.as_manager()

    class Meta:
        ordering = ["-left_at", "-pk"]
        verbose_name_plural = gettext_lazy("former addresses")
        indexes = [
            models.Index(
                fields=["left_at"], condition=Q(told_at=None), name="former_address_to_tell"
            )
        ]

    def __str__(self) -> str:
        return _("%(email)s until %(left_at)s") % {
            "email": self.email,
            "left_at": date_format(self.left_at, "d F Y"),
        }


def list_addresses(subscribers: Iterable[Subscriber]) -> set[str]:
    """Every address by which these are known: their own, where they asked to move, those they left.

    Those that they left are looked up.
    """
    rows = list(subscribers)
    left = FormerAddress.objects.filter(subscriber__in=[one.pk for one in rows]).order_by()
    own = {address for one in rows for address in (one.email, one.new_email)}
    return (own | set(left.values_list("email", flat=True))) - {""}
