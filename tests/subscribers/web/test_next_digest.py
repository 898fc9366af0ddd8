"""A page that speaks of the next digest tells what will happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from subscribers.account import address
from subscribers.mail import mail_links
from subscribers.models import Suppression
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from subscribers.web.next_digest import foresee_next_digest
from tests.factories import NOW, make_reader

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)  # NOW is a Wednesday in April, at noon in UTC


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "The next one is due now: it leaves within minutes if anything is in the topics."),
        ({"next_digest_at": NOW - HOUR}, "The next one is due now: it leaves within minutes"),
        (
            {"next_digest_at": NOW - 3 * HOUR},
            "The next one was due on Wednesday 22 April at 09:00, and has not left yet.",
        ),
        ({"confirmed_at": NOW - DAY}, "was due on Tuesday 21 April at 12:00, and has not left"),
        (
            {"next_digest_at": NOW - 9 * DAY, "paused_until": NOW - HOUR},
            "The next one is due now: it leaves within minutes",
        ),
        (
            {"next_digest_at": NOW + 9 * HOUR, "timezone": "Asia/Tokyo"},
            "The next one is due on Thursday 23 April at 06:00.",
        ),
        (
            {"next_digest_at": NOW + HOUR, "paused_until": NOW + 30 * DAY, "cadence": "weekly"},
            "It is paused until Friday 22 May; the next one is due on Monday 25 May at 08:00.",
        ),
        (
            {"paused_until": NOW.replace(year=2027, hour=0)},
            "It is paused until Thursday 22 April 2027; "
            "the next one is due on Thursday 22 April 2027 at 08:00.",
        ),
        ({"next_digest_at": NOW + HOUR, "paused_until": NOW - HOUR}, "Wednesday 22 April at 13:00"),
        ({"status": "pending", "confirmed_at": None}, "not confirmed yet, so nothing is sent"),
        ({"status": "unsubscribed", "unsubscribed_at": NOW}, "unsubscribed, so nothing is sent"),
    ],
)
def test_the_sentence_is_what_will_happen(fields: dict[str, Any], said: str) -> None:
    coming = foresee_next_digest(make_reader("RAG", **fields), NOW)
    assert said in str(coming)
    assert coming.is_mail == ("nothing is sent" not in said)


def test_no_page_promises_mail_to_an_address_that_cannot_be_mailed(client: Client) -> None:
    reader = make_reader("RAG", next_digest_at=timezone.now() + DAY)
    Suppression.objects.suppress(reader.email, "bounce")
    preferences = urlsplit(mail_links.preferences_url(reader.pk)).path
    way_out = urlsplit(mail_links.unsubscribe_url(reader.pk)).path
    for page in (
        client.get(preferences),
        client.post(way_out, {"instead": "fewer"}),
        client.post(way_out) and client.post(way_out, {"undo": "1"}),
    ):
        assert "Nothing can be sent to this address" in page.content.decode()
        assert "due on" not in page.content.decode()


def test_an_unsubscribed_reader_who_moves_reads_that_nothing_is_sent(client: Client) -> None:
    reader = make_reader("RAG", next_digest_at=NOW)
    reader.unsubscribe(NOW)
    now = timezone.now()
    address.request_move(reader, "new@example.org", now)
    link = urlsplit(mail_links.move_url(reader.pk, now, "new@example.org")).path
    assert "It is unsubscribed" in client.get(link).content.decode()
    page = client.post(link).content.decode()
    assert "It belongs to <strong>new@example.org</strong>" in page
    assert "You are unsubscribed, so nothing is sent." in page


def test_a_link_confirmed_before_tells_of_the_pause(client: Client) -> None:
    now = timezone.now()
    pk = opt_in.request_confirmation("ada@example.org", Wishes(["RAG"]), now)
    reader = opt_in.confirm_latest(pk, now)
    reader.confirmation_sent_at = now
    reader.paused_until = now + DAY
    reader.save()
    page = client.get(urlsplit(mail_links.confirm_url(reader)).path).content.decode()
    assert "It is paused until" in page
