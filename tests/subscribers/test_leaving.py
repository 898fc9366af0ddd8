"""Whoever thinks of leaving may also have less."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from subscribers import leaving
from subscribers.leaving import Instead
from tests.factories import NOW, make_reader

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, ["pause", "weekly", "fewer"]),
        ({"cadence": "weekly", "max_papers": 3}, ["pause"]),
        ({"paused_until": NOW + timedelta(days=60)}, ["weekly", "fewer"]),
        ({"status": "unsubscribed", "unsubscribed_at": NOW}, []),
    ],
)
def test_only_what_means_less_mail_is_offered(fields: dict[str, Any], offered: list[str]) -> None:
    assert leaving.offers(make_reader("RAG", **fields), NOW) == offered


def test_a_pause_ends_at_midnight_in_the_readers_zone() -> None:
    reader = make_reader("RAG", timezone="Asia/Tokyo")
    leaving.choose(reader, Instead.PAUSE, NOW)
    assert reader.paused_until is not None
    assert reader.paused_until.isoformat() == "2026-05-21T15:00:00+00:00"


def test_a_pause_before_comes_back() -> None:
    until = NOW + timedelta(days=3)
    reader = make_reader("RAG", paused_until=until)
    before = leaving.choose(reader, Instead.PAUSE, NOW)
    leaving.take_back(reader, Instead.PAUSE, before, NOW)
    reader.refresh_from_db()
    assert reader.paused_until == until


def test_a_weekly_digest_comes_on_the_next_monday_and_a_first_one_still_at_once() -> None:
    reader = make_reader("RAG", next_digest_at=NOW + timedelta(hours=1))
    leaving.choose(reader, Instead.WEEKLY, NOW)
    assert reader.next_digest_at is not None
    assert reader.next_digest_at.weekday() == 0
    first = make_reader("RAG")
    leaving.choose(first, Instead.WEEKLY, NOW)
    assert first.next_digest_at is None
