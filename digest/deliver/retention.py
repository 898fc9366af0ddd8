"""What is forgotten of digests and of whoever is deleted (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from digest.deliver import outbox
from digest.models import Delivery
from subscribers.account.retention import CONTENTS_KEPT_FOR
from subscribers.models import FormerAddress, Subscriber
from subscribers.models.former_addresses import list_addresses

AT_ONCE = 5_000  # what is left waits for the next call


def forget_contents(now: datetime) -> int:
    """Empty the deliveries of more than 180 days ago; returns how many. Their states stay.

    That a paper comes once needs no longer memory: digests hold what became news of late.
    """
    old = Delivery.objects.filter(covers_until__lt=now - CONTENTS_KEPT_FOR).exclude(contents={})
    ids = list(old.order_by("covers_until").values_list("pk", flat=True)[:AT_ONCE])
    count = Delivery.objects.filter(pk__in=ids).update(contents={}, error="")
    outbox.forget_old_mails(Path(settings.OUTBOX_DIR), now - CONTENTS_KEPT_FOR)
    return count


def on_deletion(subscribers: Sequence[Subscriber], **_: Any) -> None:
    """The local outbox keeps no mail to whoever is deleted."""
    _forget_mails_to(list_addresses(subscribers))


def on_former_address_deleted(sender: Any, instance: FormerAddress, **_: Any) -> None:  # noqa: ARG001
    """Django's pre_delete: nobody comes back to this address any more."""
    _forget_mails_to({instance.email})


def on_address_left(sender: Any, email: str, **_: Any) -> None:  # noqa: ARG001
    """The digests move elsewhere; a move that is taken back leaves no row of this address."""
    _forget_mails_to({email})


def _forget_mails_to(addresses: set[str]) -> None:
    """Delete them from the local outbox, but for addresses that somebody still has, or has left."""

    def forget() -> None:
        kept = {
            email
            for model in (Subscriber, FormerAddress)
            for email in model._base_manager.filter(email__in=addresses).values_list(
                "email", flat=True
            )
        }
        outbox.forget_mails(Path(settings.OUTBOX_DIR), addresses - kept)

    transaction.on_commit(forget, robust=True)
