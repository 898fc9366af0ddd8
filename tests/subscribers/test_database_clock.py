"""Tasks of all machines go by one clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from subscribers import database_clock, tasks
from subscribers.models import Subscriber
from tests.factories import make_subscriber
from tests.fake_clocks import FakeClocks

pytestmark = pytest.mark.django_db
# As it is, not as tests/conftest.py has it for all others.
read_database_time = database_clock.read_database_time


def test_it_is_the_databases_time() -> None:
    moment = read_database_time()
    assert abs(moment - timezone.now()) < timedelta(minutes=5)
    assert moment.utcoffset() == timedelta()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no clock of its own.")
def test_a_worker_whose_own_clock_is_wrong_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    before = read_database_time()
    monkeypatch.setattr(timezone, "now", lambda: datetime(1970, 1, 1, tzinfo=before.tzinfo))
    first, second = read_database_time(), read_database_time()
    assert before < first < second  # also within one transaction


def test_a_link_that_was_asked_for_is_sent_though_the_clock_goes_forward_a_day(
    clocks: FakeClocks, mailoutbox: list[object]
) -> None:
    reader = make_subscriber(link_asked_at=clocks.wall)
    clocks.wall += timedelta(days=1)
    tasks.send_asked_links()
    assert len(mailoutbox) == 1
    assert Subscriber.objects.get(pk=reader.pk).link_asked_at is None
