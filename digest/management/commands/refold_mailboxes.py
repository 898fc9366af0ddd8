"""manage.py refold_mailboxes: hash all addresses anew, after another MAILBOX_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from subscribers.account.refold import refold_mailboxes


class Command(BaseCommand):
    help = (
        "Hash the address of every subscriber with the present MAILBOX_KEY. Suppressions go along "
        "for those who are still here; of whoever was deleted nothing can be known again."
    )

    def handle(self, **_: Any) -> None:
        changed = refold_mailboxes()
        self.stdout.write(f"{changed} addresses have another hash now.")
