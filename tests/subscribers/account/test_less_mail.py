"""Whoever thinks of leaving may also have less."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from subscribers import tokens
from subscribers.account import less_mail
from subscribers.account.less_mail import Instead
from subscribers.mail import mail_links
from tests.factories import NOW, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


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
    assert less_mail.list_offers(make_reader("RAG", **fields), NOW) == offered


def test_a_pause_ends_at_midnight_in_the_readers_zone() -> None:
    reader = make_reader("RAG", timezone="Asia/Tokyo")
    less_mail.choose_instead(reader, Instead.PAUSE, NOW)
    assert reader.paused_until is not None
    assert reader.paused_until.isoformat() == "2026-05-21T15:00:00+00:00"


def test_a_pause_before_comes_back() -> None:
    until = NOW + timedelta(days=3)
    reader = make_reader("RAG", paused_until=until)
    before = less_mail.choose_instead(reader, Instead.PAUSE, NOW)
    less_mail.take_back_choice(reader, Instead.PAUSE, before, NOW)
    reader.refresh_from_db()
    assert reader.paused_until == until


def test_a_weekly_digest_comes_on_the_next_monday_and_a_first_one_still_at_once() -> None:
    reader = make_reader("RAG", next_digest_at=NOW + timedelta(hours=1))
    less_mail.choose_instead(reader, Instead.WEEKLY, NOW)
    assert reader.next_digest_at is not None
    assert reader.next_digest_at.weekday() == 0
    first = make_reader("RAG")
    less_mail.choose_instead(first, Instead.WEEKLY, NOW)
    assert first.next_digest_at is None


@pytest.mark.parametrize("before", ["", "50", "daily", "2026-01-01", "garbage.signed"])
@pytest.mark.parametrize("instead", list(Instead))
def test_a_link_in_a_mail_raises_nothing(client: Client, instead: str, before: str) -> None:
    until = timezone.now() + DAY
    fields: dict[str, Any] = {"max_papers": 3, "cadence": "weekly", "paused_until": until}
    reader = make_reader("RAG", **fields)
    link = urlsplit(mail_links.unsubscribe_url(reader.pk)).path
    page = client.post(link, {"back": instead, "before": before})
    assert (page.status_code, b"As if nothing" in page.content) == (200, False)
    reader.refresh_from_db()
    assert {name: getattr(reader, name) for name in fields} == fields
    assert reader.status == "active"


def test_an_undo_brings_back_only_what_was_and_only_for_a_day(client: Client) -> None:
    now = timezone.now()
    reader, other = make_reader("RAG", max_papers=3), make_reader("RAG", max_papers=3)
    link = urlsplit(mail_links.unsubscribe_url(reader.pk)).path
    for whose, chosen, at in (
        (other, "fewer", now),
        (reader, "weekly", now),
        (reader, "fewer", now - 1.1 * DAY),
    ):
        before = tokens.sign_before(whose.pk, chosen, "50", at)
        client.post(link, {"back": "fewer", "before": before})
        reader.refresh_from_db()
        assert reader.max_papers == 3
    before = tokens.sign_before(reader.pk, "fewer", "20", now)
    for _ in range(2):
        client.post(link, {"back": "fewer", "before": before})
    reader.refresh_from_db()
    assert reader.max_papers == 20
    reader.max_papers = 5
    reader.save()
    client.post(link, {"back": "fewer", "before": before})
    reader.refresh_from_db()
    assert reader.max_papers == 5


def test_an_alternative_never_brings_more_mail(client: Client) -> None:
    reader = make_reader("RAG", max_papers=1)
    link = urlsplit(mail_links.unsubscribe_url(reader.pk)).path
    assert client.post(link, {"instead": "fewer"}).status_code == 200
    reader.refresh_from_db()
    assert (reader.max_papers, reader.status) == (1, "active")


def test_undo_brings_everything_back_for_a_day() -> None:
    reader = make_reader("agents", send_hour=8)
    reader.unsubscribe(NOW)
    assert less_mail.can_undo_unsubscribe(reader, NOW + DAY / 2)
    assert not less_mail.can_undo_unsubscribe(reader, NOW + DAY)
    assert less_mail.undo_unsubscribe(reader, NOW + DAY / 2)
    reader.refresh_from_db()
    assert (reader.status, reader.unsubscribed_at) == ("active", None)
    assert reader.next_digest_at == (NOW + DAY).replace(hour=8)


def test_undo_comes_too_late_after_a_day_and_never_for_the_unconfirmed() -> None:
    reader = make_reader("agents")
    reader.unsubscribe(NOW)
    assert not less_mail.undo_unsubscribe(reader, NOW + DAY)
    stranger = make_subscriber(status="pending", confirmed_at=None)
    stranger.unsubscribe(NOW)
    assert not less_mail.can_undo_unsubscribe(stranger, NOW)
    assert not less_mail.undo_unsubscribe(stranger, NOW)
