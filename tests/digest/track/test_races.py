"""A report comes in the very moment in which its reader does something: the database decides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from digest.models import Delivery, ProviderEvent
from subscribers.models import Subscriber, Suppression
from tests.digest.track.reports import DAY, HOUR, effects, make_sent, tell
from tests.factories import NOW, make_subscriber
from tests.running import PATIENCE_SECONDS
from tests.together import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def delivery() -> Delivery:
    return make_sent(make_subscriber(confirmed_at=NOW - DAY))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def report_during(pool: ThreadPoolExecutor, change: Callable[[], Any], report: Any) -> Any:
    """What a report does that comes before the end of a transaction; raises what it raises."""
    is_made, may_end = Event(), Event()

    def make_change() -> None:
        with transaction.atomic():
            change()
            is_made.set()
            may_end.wait(PATIENCE_SECONDS)
        connection.close()

    def make_report() -> Any:
        try:
            return report()
        finally:
            connection.close()

    changed: Future[None] = pool.submit(make_change)
    assert is_made.wait(PATIENCE_SECONDS)
    told: Future[Any] = pool.submit(make_report)
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not (told.done() or is_anybody_waiting()) and time.monotonic() < ends_at:
        time.sleep(0.01)
    may_end.set()
    changed.result(PATIENCE_SECONDS)
    return told.result(PATIENCE_SECONDS)


@pytest.mark.parametrize("kind", ["delivered", "complained"])
def test_a_report_on_somebody_who_is_being_deleted_is_no_error(
    kind: str, pool: ThreadPoolExecutor, delivery: Delivery
) -> None:
    report_during(pool, delivery.subscriber.delete, lambda: tell(delivery, kind))
    assert not Subscriber.objects.exists()
    assert not ProviderEvent.objects.exclude(subscriber=None).exists()


def test_whoever_is_being_deleted_waits_for_no_report_that_waits_for_them(
    pool: ThreadPoolExecutor, delivery: Delivery
) -> None:
    """Both change the delivery and need its subscriber: in one order, or neither goes on."""
    for kind in ("delivered", "bounced"):
        tell(delivery, kind)
    for _ in range(5):
        delivery = make_sent(make_subscriber(confirmed_at=NOW - DAY))
        work = SimpleQueue[Callable[[], Any]]()
        for one in (delivery.subscriber.delete, partial(tell, delivery, "delivered")):
            work.put(one)
        assert len(at_once(partial(_do_next, work))) == 2


def _do_next(work: SimpleQueue[Callable[[], Any]]) -> Any:
    return work.get()()


def test_a_wish_that_is_being_made_is_newer_than_the_complaint(
    pool: ThreadPoolExecutor, delivery: Delivery
) -> None:
    def confirm() -> None:
        Subscriber.objects.update(confirmed_at=NOW + HOUR)

    report_during(pool, confirm, lambda: tell(delivery, "complained", now=NOW + 2 * HOUR))
    assert effects() == ["outdated"]
    assert not Suppression.objects.exists()


def test_the_same_report_that_comes_twice_at_once_is_one_row(delivery: Delivery) -> None:
    again = {"event_id": "same", "recipient": delivery.subscriber.email}
    assert at_once(lambda: tell(delivery, "delivered", **again), 4) == [True] * 4
    assert ProviderEvent.objects.count() == 1
