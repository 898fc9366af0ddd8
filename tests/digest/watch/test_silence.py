"""Which parts of the service give no sign of life is said by name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from digest.watch import heartbeat, silence
from digest.watch.silence import find_silent_parts
from tests.factories import NOW, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, int]:
    """The calls that wait in each queue, of a service with Redis whose workers never answered."""
    waiting: dict[str, int] = {}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(heartbeat, "read_answers", lambda queues: dict.fromkeys(queues))
    monkeypatch.setattr(silence, "read_queue_lengths", lambda: waiting)
    return waiting


def test_where_no_call_waits_it_is_beat_that_is_silent(calls: dict[str, int]) -> None:
    assert find_silent_parts(NOW) == ["beat"]
    assert calls == {}


def test_where_calls_wait_it_is_the_worker_of_their_queue(calls: dict[str, int]) -> None:
    calls["deliver"] = 3
    assert find_silent_parts(NOW) == ["worker (deliver)"]


@pytest.mark.usefixtures("calls")
def test_a_broker_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr(silence, "read_queue_lengths", fail)
    assert find_silent_parts(NOW) == ["broker"]


def test_workers_that_answer_are_not_silent(
    calls: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls["deliver"] = 3

    def answered(queues: list[str]) -> dict[str, datetime]:
        return dict.fromkeys(queues, NOW)

    monkeypatch.setattr(heartbeat, "read_answers", answered)
    assert find_silent_parts(NOW) == []


def test_sources_speak_for_a_service_without_redis(client: Client, settings: Any) -> None:
    settings.REDIS_URL = ""
    now = timezone.now()
    source = make_source(last_asked_at=now, next_fetch_at=now + timedelta(hours=1))
    assert client.get("/readyz").status_code == 200
    type(source).objects.update(next_fetch_at=now - timedelta(hours=2))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["sources"])
    assert client.get("/readyz?of=pages").status_code == 200
