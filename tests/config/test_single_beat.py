"""Of two beats one calls; when it is gone the other does."""

from __future__ import annotations

from typing import Any

import pytest
from celery.beat import PersistentScheduler
from django.db import connection

from config.celery import app
from config.single_beat import TRY_SECONDS, BeatLock, SingleScheduler


@pytest.mark.django_db
@pytest.mark.services
def test_the_lock_is_one_beats_until_its_connection_ends() -> None:
    first, second = BeatLock(), BeatLock()
    try:
        assert first.hold()
        assert not second.hold()
        assert first.hold()
        first.release()
        assert second.hold()
        assert not first.hold()
    finally:
        first.release()
        second.release()


@pytest.mark.django_db
@pytest.mark.services
def test_a_beat_whose_connection_was_cut_asks_anew_before_it_calls() -> None:
    lock = BeatLock()
    try:
        assert lock.hold()
        assert lock._connection is not None
        with lock._connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert not lock.hold()
        assert lock.hold()
    finally:
        lock.release()


def test_only_the_holder_calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(PersistentScheduler, "tick", lambda *_, **__: 1.0)
    scheduler = SingleScheduler(app, schedule_filename=str(tmp_path / "beat"))
    monkeypatch.setattr(BeatLock, "hold", lambda _: False)
    assert scheduler.tick() == TRY_SECONDS
    monkeypatch.setattr(BeatLock, "hold", lambda _: True)
    assert scheduler.tick() == 1.0
    scheduler.close()
