"""The tasks of a worker for subscribers: each reads the clock and calls one function."""

from __future__ import annotations

from celery import shared_task

from subscribers import database_clock
from subscribers.account import address, retention, send_links, topic_changes
from subscribers.signup import send_confirmation as confirmation


@shared_task(ignore_result=True)
def send_confirmation(subscriber_id: int) -> None:
    confirmation.send_confirmation(subscriber_id, database_clock.read_now())


@shared_task(ignore_result=True)
def send_pending_confirmations() -> None:
    """The sweep: sends the links whose own task never ran."""
    confirmation.send_waiting(database_clock.read_now())


@shared_task(ignore_result=True)
def send_asked_links() -> None:
    send_links.send_asked_links(database_clock.read_now())


@shared_task(ignore_result=True)
def forget_unconfirmed() -> None:
    """Delete what nobody confirmed in time, and the addresses left too long ago to go back to."""
    address.forget_unconfirmed(database_clock.read_now())
    retention.forget_unsubscribed(database_clock.read_now())
    address.forget_former_addresses(database_clock.read_now())
    topic_changes.forget_old_changes(database_clock.read_now())
    retention.clear_journal()
