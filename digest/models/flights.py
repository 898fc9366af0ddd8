"""How far an edition may leave, and what the operators are told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from digest.models.deliveries import Edition

REASON_CHARS = 600
WHY_CHARS = 200  # of what whoever holds an edition says


class EditionFlight(models.Model):
    """How far an edition may leave now: nothing, its canary, all of it, or nothing any more.

    preflight → canary → flying, and from each of them to held; small editions have no canary. Every
    change is made only while the row is still in the state it is changed from (digest/flight/).
    """

    class State(models.TextChoices):
        PREFLIGHT = "preflight", _("being checked")
        CANARY = "canary", _("the first mails are watched")
        FLYING = "flying", _("leaves")
        HELD = "held", _("held")

    edition = models.OneToOneField(
        Edition, models.CASCADE, primary_key=True, related_name="flight", editable=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.PREFLIGHT)
    since = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)  # when its mails were looked at last
    looked_at = models.DateTimeField(null=True, blank=True)  # when the breaker looked last
    # The ids of the deliveries that go first, up to so many; 0 where none need go first.
    canary = models.JSONField(default=list, blank=True)
    canary_size = models.PositiveIntegerField(default=0)
    # Until when nothing else leaves; not known before the canary has left.
    canary_until = models.DateTimeField(null=True, blank=True)
    # The breaker counts what was claimed since: after a release it begins anew.
    counted_from = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=20, blank=True)  # the check that held it
    held_in = models.CharField(max_length=10, choices=State, blank=True)  # where it goes on
    reason = models.CharField(max_length=REASON_CHARS, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["preflight", "canary", "flying", "held"]),
                name="edition_flight_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (~Q(reason="") & ~Q(held_in="")),
                name="edition_flight_held_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition}: {self.get_state_display()}"


class OperatorAlarm(models.Model):
    """Something that somebody has to look into; a row for each kind (digest/watch/alarms.py)."""

    kind = models.CharField(max_length=40, unique=True)
    sentence = models.CharField(max_length=REASON_CHARS)
    raised_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)  # when mail and webhook were tried last
    resolved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"
