"""Idle visitors leave the threads of a web process the files that they need."""

from __future__ import annotations

import resource

import pytest

from config.file_limit import FILES_OF_A_PROCESS, FILES_OF_A_THREAD, MOST_CONNECTIONS, make_room

THREADS = 30
OWN = FILES_OF_A_PROCESS + THREADS * FILES_OF_A_THREAD
NONE = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("before", "connections", "after"),
    [
        ((1_024, 524_288), MOST_CONNECTIONS, MOST_CONNECTIONS + OWN),
        ((1_024, NONE), MOST_CONNECTIONS, MOST_CONNECTIONS + OWN),
        ((1_024, 1_024), 1_024 - OWN, 1_024),
        ((60, 100), 2 * THREADS, 100),
        ((65_536, 65_536), MOST_CONNECTIONS, 65_536),
        ((NONE, NONE), MOST_CONNECTIONS, NONE),
    ],
)
def test_visitors_and_threads_fit_into_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, before: tuple[int, int], connections: int, after: int
) -> None:
    limits = before
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)

    def set_limits(_kind: int, new: tuple[int, int]) -> None:
        nonlocal limits
        limits = new

    monkeypatch.setattr(resource, "setrlimit", set_limits)
    assert make_room(THREADS) == connections
    assert limits == (after, before[1])


def test_a_system_that_refuses_keeps_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_kind: int, _new: tuple[int, int]) -> None:
        raise ValueError

    monkeypatch.setattr(resource, "getrlimit", lambda _: (600, NONE))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert make_room(THREADS) == 600 - OWN
