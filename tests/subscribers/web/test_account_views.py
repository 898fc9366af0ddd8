"""Move, export, delete: by a link that was sent within the hour, and never by GET."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from digest.models import Delivery
from subscribers import tokens
from subscribers.account import address, send_links
from subscribers.account.address import MoveState
from subscribers.models import (
    Confirmation,
    Mailbox,
    Subscriber,
    Topic,
)
from subscribers.signup import mailbox_limits
from tests.factories import NOW, allow, make_delivery, make_reader
from tests.subscribers.account.test_address import HOUR, NEW, account_path, move_link

pytestmark = pytest.mark.django_db


def test_the_links_of_a_digest_open_no_account(client: Client) -> None:
    reader = make_reader("agents")
    for token in (
        tokens.sign(tokens.PREFERENCES, reader.pk),
        tokens.sign(tokens.ACCOUNT, reader.pk),
        tokens.sign_dated(tokens.CONFIRM, reader.pk, timezone.now()),
        "garbage",
    ):
        for answer in (client.get(f"/account/{token}/"), client.get(f"/move/{token}/")):
            assert answer.status_code in {404}
    assert client.get(account_path(Subscriber(pk=999))).status_code == 404


def test_an_account_link_works_for_an_hour_and_then_offers_a_new_one(
    client: Client, mailoutbox: Any
) -> None:
    reader = make_reader("agents")
    assert client.get(account_path(reader, timezone.now() - 0.9 * HOUR)).status_code == 200
    old = account_path(reader, timezone.now() - 1.1 * HOUR)
    assert client.get(old).status_code == 410
    answer = client.post(old, {"action": "delete", "sure": "1"})
    assert b"Look into your inbox" in answer.content
    assert Subscriber.objects.exists()
    send_links.send_asked_links(timezone.now())
    assert [mail.to for mail in mailoutbox] == [[reader.email]]


def test_an_account_link_ends_when_the_digests_move_and_when_they_come_back(
    client: Client, mailoutbox: Any
) -> None:
    reader = make_reader("agents", email="ada@example.org")
    first, now = account_path(reader), timezone.now()
    address.request_move(reader, NEW, now)
    assert address.move_digests(move_link(reader, now), now) is MoveState.DONE
    reader.refresh_from_db()
    second, onward = account_path(reader), "onward@example.org"
    client.post(second, {"action": "move", "new_email": onward})
    assert address.move_digests_back(reader.former_addresses.get(), now) is MoveState.DONE
    assert address.judge_move(move_link(reader, now, onward), now) is MoveState.SPENT
    reader.refresh_from_db()
    address.request_move(reader, NEW, now)
    assert address.move_digests(move_link(reader, now, NEW), now) is MoveState.DONE
    address.move_digests_back(reader.former_addresses.get(), now)
    for wanted in ({"action": "export"}, {"action": "delete", "sure": "1"}, {}):
        answer = client.post(second, wanted)
        assert (answer.status_code, b"This link has ended" in answer.content) == (410, True)
    # It may be the one by which they were taken away.
    assert client.post(first, {"action": "export"}).status_code == 410
    reader.refresh_from_db()
    assert client.get(account_path(reader)).status_code == 200
    Subscriber.objects.filter(pk=reader.pk).update(email=NEW)
    assert client.post(account_path(reader), {"action": "export"}).status_code == 410
    send_links.send_asked_links(now)
    assert not [mail for mail in mailoutbox if mail.to == [onward]]


def test_deleting_asks_once_more_and_then_leaves_nothing(client: Client) -> None:
    reader, other = make_reader("agents", "my own name"), make_reader("agents")
    make_delivery(subscriber=reader)
    reader.confirmations.create(sent_at=NOW, wish={"topics": ["agents"]})
    assert mailbox_limits.claim_mail(reader.email, timezone.now())
    link = account_path(reader)
    assert client.post(link, {"action": "delete"}).status_code == 422
    assert Subscriber.objects.filter(pk=reader.pk).exists()
    answer = client.post(link, {"action": "delete", "sure": "1"})
    assert b"Everything is deleted" in answer.content
    assert not Mailbox.objects.exists()
    assert list(Subscriber.objects.all()) == [other]
    assert not Delivery.objects.exists()
    assert not Confirmation.objects.exists()
    assert [topic.query for topic in Topic.objects.all()] == ["agents"]
    assert client.post(link, {"action": "delete", "sure": "1"}).status_code == 404


@pytest.mark.parametrize("typed", ["", "ada@", "ada@example.org"])
def test_a_new_address_must_be_one_and_another_one(client: Client, typed: str) -> None:
    reader = make_reader("agents", email="ada@example.org")
    answer = client.post(account_path(reader), {"action": "move", "new_email": typed})
    assert answer.status_code == 422
    assert Subscriber.objects.get().move_asked_at is None


def test_an_account_cannot_be_used_to_write_to_half_the_world(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "MOVES", 1)
    link = account_path(make_reader("agents"))
    answers = [
        client.post(link, {"action": "move", "new_email": f"victim{n}@example.org"}).status_code
        for n in range(3)
    ]
    assert answers == [200, 429, 429]


def test_the_account_pages_are_kept_by_no_cache(client: Client) -> None:
    answer = client.get(account_path(make_reader("agents")))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
