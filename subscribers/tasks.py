"""What a worker does for subscribers; each task reads the clock and calls one function."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from subscribers import account, confirmation, links


@shared_task(ignore_result=True)
def send_confirmation(subscriber_id: int) -> None:
    confirmation.send_confirmation(subscriber_id, timezone.now())


@shared_task(ignore_result=True)
def send_pending_confirmations() -> None:
    """The sweep: sends the links whose own task never ran."""
    confirmation.send_waiting(timezone.now())


@shared_task(ignore_result=True)
def send_asked_links() -> None:
    links.send_asked(timezone.now())


@shared_task(ignore_result=True)
def forget_unconfirmed() -> None:
    account.forget_unconfirmed(timezone.now())
    account.forget_former_addresses(timezone.now())
