"""Posts are signed, tried again after growing waits, given up in the end, and stay outside."""

from __future__ import annotations

import hmac
import socket
from base64 import b64decode, b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from digest import tasks
from digest.models import Webhook, WebhookPost
from digest.webhooks import post as posting
from digest.webhooks.post import WAITS, post_due
from tests.digest.webhooks.receiver import make_webhook, receive
from tests.factories import NOW, make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]


def test_what_happened_is_posted_once_and_signed() -> None:
    with receive() as receiver:
        webhook = make_webhook(receiver.url)
        ada = make_subscriber(email="ada@example.org")
        ada.unsubscribe(NOW)
        tasks.post_webhooks()
        assert post_due(NOW + timedelta(days=1)) == (0, 0)
    assert receiver.events == [
        {
            "type": "subscriber.left",
            "timestamp": "2026-04-22T12:00:00+00:00",
            "data": {"id": ada.pk, "email": "ada@example.org", "reason": "left"},
        }
    ]
    [head], [body] = receiver.heads, receiver.bodies
    said = f"{head['Webhook-Id']}.{head['Webhook-Timestamp']}.".encode() + body
    key = b64decode(webhook.secret.removeprefix("whsec_"))
    proof = b64encode(hmac.new(key, said, sha256).digest()).decode()
    assert head["Webhook-Signature"] == f"v1,{proof}"
    webhook.refresh_from_db()
    assert (webhook.last_taken_at, webhook.last_error) == (NOW, "")


def test_of_somebody_deleted_meanwhile_only_the_number_is_told() -> None:
    with receive() as receiver:
        make_webhook(receiver.url)
        ada = make_subscriber(email="ada@example.org")
        number = ada.pk
        ada.delete()
        post_due(NOW)
    assert receiver.events[0]["data"] == {"id": number, "email": None, "reason": "deleted"}


def test_an_address_that_takes_nothing_holds_up_no_other() -> None:
    with receive() as receiver, receive() as dead:
        dead.status = 500
        crm, broken = make_webhook(receiver.url), make_webhook(dead.url)
        known = {"kind": "left", "subscriber_number": 7, "happened_at": NOW}
        old = NOW - timedelta(hours=1)
        rows = [WebhookPost(webhook=broken, next_try_at=old, **known) for _ in range(501)]
        WebhookPost.objects.bulk_create([*rows, WebhookPost(webhook=crm, next_try_at=NOW, **known)])
        assert post_due(NOW) == (1, 1)
    assert (len(receiver.events), len(dead.events)) == (1, 1)


def test_what_is_not_taken_is_tried_again_after_growing_waits_and_then_given_up() -> None:
    with receive() as receiver:
        receiver.status = 500
        webhook = make_webhook(receiver.url)
        make_subscriber().unsubscribe(NOW)
        now, waits = NOW, list[timedelta]()
        while (row := WebhookPost.objects.get()).next_try_at:
            waits.append(row.next_try_at - now)
            now = row.next_try_at
            assert post_due(now - timedelta(seconds=1)) == (0, 0)
            assert post_due(now) == (0, 1)
    assert waits == [timedelta(0), *WAITS]
    assert (row.attempts, row.last_error) == (len(WAITS) + 1, "It answered 500.")
    assert len({head["Webhook-Id"] for head in receiver.heads}) == 1
    webhook.refresh_from_db()
    assert webhook.last_error == "It answered 500."


def test_an_address_that_refuses_is_left_alone_while_others_are_told() -> None:
    with receive() as bad, receive() as good:
        bad.status = 302
        make_webhook(bad.url)
        make_webhook(good.url)
        for _ in range(3):
            make_subscriber().unsubscribe(NOW)
        assert post_due(NOW) == (3, 1)
    assert (len(bad.bodies), len(good.bodies)) == (1, 3)
    refused = WebhookPost.objects.exclude(last_error="").get()
    assert "leads elsewhere" in refused.last_error


def test_nothing_is_posted_into_a_private_network(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = []
    with receive() as receiver:
        make_webhook(receiver.url)
        make_subscriber().unsubscribe(NOW)
        post_due(NOW)
    assert receiver.bodies == []
    said = WebhookPost.objects.get().last_error
    assert "not a public address" in said
    assert "hush" not in said


def test_whoever_never_answers_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "POST_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        make_webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        make_subscriber().unsubscribe(NOW)
        assert post_due(NOW) == (0, 1)
    assert "did not answer within" in WebhookPost.objects.get().last_error


def test_a_post_that_another_worker_has_is_left_to_it() -> None:
    make_webhook()
    make_subscriber().unsubscribe(NOW)
    pk = WebhookPost.objects.get().pk
    assert posting._claim_post(pk, NOW)
    assert posting._claim_post(pk, NOW) is None
    assert posting._claim_post(pk, NOW + timedelta(minutes=3))


def test_what_was_told_a_week_ago_is_forgotten() -> None:
    make_webhook()
    make_subscriber().unsubscribe(NOW)
    WebhookPost.objects.update(next_try_at=None, taken_at=NOW)
    post_due(NOW + timedelta(days=6))
    assert WebhookPost.objects.exists()
    post_due(NOW + timedelta(days=8))
    assert not WebhookPost.objects.exists()


@pytest.mark.parametrize("url", ["ftp://example.org", "https://a:b@example.org/", "crm", ""])
def test_what_is_no_address_on_the_web_is_no_webhook(url: str) -> None:
    with pytest.raises(ValidationError):
        Webhook(name="x", url=url, kinds=["left"], created_at=NOW).full_clean()
