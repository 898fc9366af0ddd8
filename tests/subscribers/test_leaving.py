"""Whoever thinks of leaving may also have less."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from subscribers import emails, leaving
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


@pytest.mark.parametrize(
    "before",
    [
        "2026-01-01",
        "9999-12-31T23:59:59-14:00",
        "9998-01-01T00:00:00+00:00",
        "0001-01-01T00:00+14:00",
    ],
)
def test_a_pause_that_was_never_chosen_cannot_be_taken_back(client: Client, before: str) -> None:
    reader = make_reader("RAG")
    link = urlsplit(emails.unsubscribe_url(reader.pk)).path
    assert client.post(link, {"back": "pause", "before": before}).status_code == 200
    reader.refresh_from_db()
    assert (reader.paused_until, reader.status) == (None, "active")


def test_an_alternative_never_brings_more_mail(client: Client) -> None:
    reader = make_reader("RAG", max_papers=1)
    link = urlsplit(emails.unsubscribe_url(reader.pk)).path
    assert client.post(link, {"instead": "fewer"}).status_code == 200
    reader.refresh_from_db()
    assert (reader.max_papers, reader.status) == (1, "active")
