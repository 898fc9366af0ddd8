"""A process says that it is there without asking the database each time how late it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from digest.watch import recent_time
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_the_time_is_asked_twice_a_minute_and_goes_on_between(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = 1000.0
    asked = iter((NOW, NOW + timedelta(minutes=5)))
    monkeypatch.setattr("digest.watch.recent_time.time.monotonic", lambda: at)
    monkeypatch.setattr("digest.watch.clock.read_now", lambda: next(asked))
    with django_assert_num_queries(0):
        assert recent_time.read_recent_now() == NOW
        at += 29.0
        assert recent_time.read_recent_now() == NOW + timedelta(seconds=29)
        at += 1.0
        assert recent_time.read_recent_now() == NOW + timedelta(minutes=5)
