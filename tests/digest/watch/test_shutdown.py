"""A worker that is told to end says so to all its processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from celery.worker import state

from digest.watch import shutdown
from digest.watch.shutdown import is_ending


@pytest.fixture(autouse=True)
def start_anew() -> Iterator[None]:
    shutdown._note_start()
    yield
    shutdown._note_start()


def test_nobody_was_told_at_the_start() -> None:
    assert not is_ending()


def test_a_child_that_was_forked_before_hears_it_too() -> None:
    told, heard = os.pipe()
    child = os.fork()
    if not child:
        os.read(told, 1)
        os._exit(0 if is_ending() else 1)
    shutdown._note_end(sig="SIGTERM")
    os.write(heard, b"x")
    _, status = os.waitpid(child, 0)
    assert (is_ending(), os.waitstatus_to_exitcode(status)) == (True, 0)


def test_a_worker_within_another_program_is_told_in_its_own_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(state, "should_stop", 0)
    assert is_ending()
