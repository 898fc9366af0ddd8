"""How far the database's clock is ahead of the service's own time, and by what that is known."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q


class ServiceClock(models.Model):
    """The one row that says how the service's time is read from the database's clock.

    The service's time is that clock less `ahead_by`, which is nothing but for the hour after the
    clock was set. See digest/watch/clock.py.
    """

    ahead_by = models.DurationField(default=timedelta())
    set_at = models.DateTimeField(null=True, blank=True)  # in the service's time; None: it is right
    is_accepted = models.BooleanField(default=False)  # an operator says that the clock is right now
    changes = models.PositiveIntegerField(default=0)  # how often the service took a new time over

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="service_clock_is_one_row"),
            models.CheckConstraint(
                condition=Q(ahead_by=timedelta(), set_at=None)
                | (~Q(ahead_by=timedelta()) & Q(set_at__isnull=False)),
                name="service_clock_that_was_set_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"ahead by {self.ahead_by}"


class MachineClock(models.Model):
    """The service's time as a machine last read it, and how long that machine had been up then.

    How long a machine is up is counted by a clock that nobody can set. `boot_id` is the kernel's
    own, so that each start of a machine has a row, and all its containers share it.
    """

    boot_id = models.CharField(max_length=64, unique=True)
    read_at = models.DateTimeField()  # in the service's time
    up_for = models.DurationField()

    def __str__(self) -> str:
        return f"{self.boot_id[:8]} at {self.read_at:%Y-%m-%d %H:%M:%S}"
