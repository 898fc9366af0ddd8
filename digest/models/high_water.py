"""How many calls to the email provider this database knows of, and which database it is."""

from __future__ import annotations

from uuid import uuid4

from django.db import models


class Installation(models.Model):
    """Which installation's database this is: one row, made by the first migration that knows it.

    A backup that comes back has the id of the database it was made of; a new database has another.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)

    def __str__(self) -> str:
        return str(self.id)


class CallCount(models.Model):
    """How many calls to the provider began, each counted in the transaction that marks its rows.

    There is a row for each slot, and a worker counts in one of them, so that many workers do not
    wait for each other. The same numbers are kept outside the database (digest/high_water/).
    """

    slot = models.PositiveSmallIntegerField(primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    counted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.number} calls in slot {self.slot}"


class MailSender(models.Model):
    """An address that digests were sent from, or another service's with the same account.

    Kept outside the database as well (digest/high_water/senders.py).
    """

    address = models.CharField(max_length=254, unique=True)
    is_ours = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.address
