"""A web process collects garbage while nobody waits for an answer."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from config.garbage import REST_SECONDS, THRESHOLDS, QuietCollector
from config.web_worker import PatientWorker


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def full() -> Iterator[list[str]]:
    """What full collections there were: a note of each."""
    notes: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == 2:
            notes.append(phase)

    before = gc.get_threshold()
    gc.callbacks.append(note)
    yield notes
    gc.callbacks.remove(note)
    gc.set_threshold(*before)
    gc.unfreeze()


def make_cycle() -> None:
    one = SimpleNamespace()
    one.itself = one


def test_a_quiet_moment_is_used_once_a_minute(full: list[str]) -> None:
    clock = Clock()
    collector = QuietCollector(clock)
    collector.notice_quiet()
    assert full == []
    for seconds in (REST_SECONDS, 1.0, REST_SECONDS):
        clock.now += seconds
        collector.notice_quiet()
    assert len(full) == 2


def test_what_a_flood_makes_brings_no_full_collection(full: list[str]) -> None:
    QuietCollector().start()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 10_000
    kept = [[n] for n in range(300_000)]
    for _ in range(300_000):
        make_cycle()
    assert full == [], len(kept)


@pytest.mark.parametrize(("answering", "collections"), [(0, 1), (1, 0)])
def test_a_worker_collects_only_while_it_answers_nobody(
    full: list[str], monkeypatch: pytest.MonkeyPatch, answering: int, collections: int
) -> None:
    monkeypatch.setattr("gunicorn.workers.gthread.ThreadWorker.murder_pending", lambda _: None)
    worker = PatientWorker.__new__(PatientWorker)
    kept = [object(), object()]
    vars(worker).update(waiting={}, keepalived_conns=kept, lingering={}, swept_at=0.0, alive=True)
    worker.nr_conns = len(kept) + answering
    clock = Clock()
    worker.collector = QuietCollector(clock)
    clock.now += REST_SECONDS
    worker.murder_pending()
    assert len(full) == collections
