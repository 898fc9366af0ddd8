"""Two answers for those who look after the machines."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisIsGone

from config.worker_settings import QUEUES
from digest.watch import heartbeat


def test_a_process_that_answers_is_well_and_touches_nothing(client: Client) -> None:
    # Without the database mark, any query would fail this test.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.cached
@pytest.mark.django_db
def test_a_site_with_all_its_parts_is_ready(client: Client) -> None:
    for queue in QUEUES:
        heartbeat.note_answer(queue, timezone.now())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "missing": []})


@pytest.mark.django_db
def test_a_database_that_is_gone_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("password authentication failed for user secret")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "missing": ["database"]}


@pytest.mark.django_db
def test_redis_is_asked_only_where_it_is_used(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def gone(*_: Any) -> None:
        raise RedisIsGone

    monkeypatch.setattr(cache, "get", gone)
    settings.REDIS_URL = ""
    assert client.get("/readyz").status_code == 200
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["redis"])
