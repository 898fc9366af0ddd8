"""A broker that is away is told once, after two looks, and once more when it answers again."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from kombu import Connection

from digest.models import OperatorAlarm
from digest.watch import broker
from digest.watch.broker import BrokerWatch, watch_broker
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOBODY = "redis://127.0.0.1:1/0"  # where nobody listens


@pytest.fixture(autouse=True)
def ways(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.OPERATORS_EMAIL = ["ops@example.org"]


def test_a_broker_that_is_away_is_told_once_and_again_when_it_is_back() -> None:
    address = [NOBODY]
    watch = BrokerWatch(connect=lambda: Connection(address[0]))
    watch.look(NOW)
    assert not mail.outbox, "a restart is no alarm"
    for minute in range(1, 5):
        watch.look(NOW + minute * MINUTE)
    [told] = mail.outbox
    assert told.subject == "Offprint: broker-away"
    assert "First see whether Redis runs" in str(told.body)
    address[0] = "memory://"
    for minute in range(5, 8):
        watch.look(NOW + minute * MINUTE)
    assert len(mail.outbox) == 2
    assert str(mail.outbox[1].body).startswith("It is over: The broker does not answer")
    assert not OperatorAlarm.objects.filter(resolved_at=None).exists()


@pytest.mark.services
def test_the_one_that_is_there_alarms_nobody() -> None:
    BrokerWatch(connect=current_app.connection_for_read).look(NOW)
    assert not OperatorAlarm.objects.exists()


def test_it_looks_until_it_is_told_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, looks = threading.Event(), list[Any]()

    class Watch(BrokerWatch):
        def look(self, now: Any) -> None:
            looks.append(now)
            if len(looks) == 3:
                ended.set()

    monkeypatch.setattr(broker, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(broker.connections, "close_all", lambda: None)
    watch_broker(ended, Watch())
    assert len(looks) == 3
