"""Move, take your data, delete: by a link that was sent within the hour, and never by GET."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models.signals import post_delete, pre_delete
from django.test import Client
from django.utils import timezone

from digest.models import Delivery
from subscribers import mail_links, tokens
from subscribers.account import address, send_links
from subscribers.account.address import MoveState
from subscribers.models import (
    Confirmation,
    FormerAddress,
    Interest,
    Mailbox,
    Subscriber,
    Suppression,
    Topic,
)
from subscribers.signup import mailbox_limits
from subscribers.tokens import MoveLink
from tests.factories import NOW, allow, make_delivery, make_reader, make_subscriber
from tests.subscribers.signup.test_send_confirmation import FAILURES, FailingBackend

pytestmark = pytest.mark.django_db
NEW = "new@example.org"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def account_path(reader: Subscriber, issued_at: datetime | None = None) -> str:
    return urlsplit(mail_links.account_url(reader, issued_at or timezone.now())).path


def move_link(reader: Subscriber, issued_at: datetime = NOW, to: str = NEW) -> MoveLink:
    link = tokens.read_move(tokens.sign_move(reader.pk, issued_at, to))
    assert link is not None
    return link


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
    address.request_move(reader, NEW, now)
    assert address.move_digests(move_link(reader, now, NEW), now) is MoveState.DONE
    address.move_digests_back(reader.former_addresses.get(), now)
    for wanted in ({"action": "export"}, {"action": "delete", "sure": "1"}, {}):
        answer = client.post(second, wanted)
        assert (answer.status_code, b"This link has ended" in answer.content) == (410, True)
    assert client.get(first).status_code == 200
    Subscriber.objects.filter(pk=reader.pk).update(email=NEW)
    assert client.post(first, {"action": "export"}).status_code == 410
    send_links.send_asked_links(now)
    assert not [mail for mail in mailoutbox if mail.to == [onward]]


def test_everything_held_is_in_the_export_of_whatever_app(client: Client) -> None:
    reader = make_reader("agents", mutes=("survey",), email="ada@example.org")
    make_delivery(subscriber=reader)
    reader.confirmations.create(sent_at=NOW, wish={"topics": ["agents"]})
    Suppression.objects.create(email=reader.email, reason="complaint")
    answer = client.post(account_path(reader), {"action": "export"})
    held = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert held["subscriber"]["email"] == "ada@example.org"
    said = [(row["topic"], row["mode"]) for row in held["interests"]]
    assert said == [("agents", "follow"), ("survey", "mute")]
    assert held["deliveries"][0]["contents"]["papers"]
    assert held["suppressions"][0]["reason"] == "complaint"
    assert held["confirmations"] == [
        {"sent_at": "2026-04-22T12:00:00Z", "wish": {"topics": ["agents"]}}
    ]
    names = {
        str(r.related_model._meta.verbose_name_plural) for r in Subscriber._meta.related_objects
    }
    assert names <= set(held)


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


@pytest.mark.django_db(transaction=True)
def test_a_topic_that_somebody_takes_up_in_this_very_moment_stays() -> None:
    reader, other = make_reader("agents"), make_reader()

    def take_up(instance: Topic, **_: Any) -> None:
        Interest.objects.create(subscriber=other, topic=instance)

    pre_delete.connect(take_up, sender=Topic)
    try:
        address.delete_subscriber(reader)
    finally:
        pre_delete.disconnect(take_up, sender=Topic)
    assert Topic.objects.exists()
    assert not Subscriber.objects.filter(pk=reader.pk).exists()


def test_an_address_that_gets_a_digest_in_this_very_moment_is_taken() -> None:
    reader, asked = make_reader("agents"), make_subscriber(email=NEW)
    asked.unsubscribe(NOW)
    address.request_move(reader, NEW, NOW)

    def sign_up_anew(**_: Any) -> None:
        make_subscriber(email=NEW)

    post_delete.connect(sign_up_anew, sender=Subscriber)
    try:
        assert address.move_digests(move_link(reader), NOW) is MoveState.TAKEN
    finally:
        post_delete.disconnect(sign_up_anew, sender=Subscriber)
    reader.refresh_from_db()
    assert reader.email != NEW


def test_a_digest_moves_when_both_ends_agree(client: Client, mailoutbox: Any) -> None:
    reader = make_reader("agents", email="ada@example.org", next_digest_at=NOW)
    page = client.post(account_path(reader), {"action": "move", "new_email": "New@example.org"})
    assert b"Look into the new inbox" in page.content
    assert Subscriber.objects.get().email == "ada@example.org"
    assert send_links.send_asked_links(timezone.now()) == 1
    assert mailoutbox[0].to == [NEW]
    assert "ada" not in mailoutbox[0].message().as_string()
    link = urlsplit(next(word for word in mailoutbox[0].body.split() if "/move/" in word)).path
    assert b"Send it here" in client.get(link).content
    assert Subscriber.objects.get().email == "ada@example.org"
    assert b"Your digest has moved" in client.post(link).content
    after = Subscriber.objects.get()
    assert (after.email, after.new_email, after.next_digest_at) == (NEW, "", NOW)
    assert after.topics.count() == 1
    assert b"Your digest has moved" in client.post(link).content


@pytest.mark.parametrize("typed", ["", "ada@", "ada@example.org"])
def test_a_new_address_must_be_one_and_another_one(client: Client, typed: str) -> None:
    reader = make_reader("agents", email="ada@example.org")
    answer = client.post(account_path(reader), {"action": "move", "new_email": typed})
    assert answer.status_code == 422
    assert Subscriber.objects.get().move_asked_at is None


def test_an_account_cannot_be_used_to_write_to_half_the_world(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "LINKS", 1)
    link = account_path(make_reader("agents"))
    answers = [
        client.post(link, {"action": "move", "new_email": f"victim{n}@example.org"}).status_code
        for n in range(3)
    ]
    assert answers == [200, 429, 429]


def test_a_new_address_is_written_to_as_seldom_as_one_that_signs_up(mailoutbox: Any) -> None:
    reader = make_reader("agents")
    for hours in range(0, 240, 12):
        now = NOW + hours * HOUR
        address.request_move(reader, f"victim+{hours}@example.org", now)
        send_links.send_asked_links(now)
    assert len(mailoutbox) == 3
    Suppression.objects.create(email=NEW)
    address.request_move(reader, NEW, NOW)
    assert send_links.send_asked_links(NOW) == 0


def test_a_move_waits_for_nobody_and_only_the_last_wish_counts() -> None:
    reader = make_reader("agents")
    assert address.judge_move(move_link(reader), NOW) is MoveState.SPENT
    address.request_move(reader, NEW, NOW)
    assert address.judge_move(move_link(reader), NOW) is MoveState.READY
    assert address.judge_move(move_link(reader), NOW + 49 * HOUR) is MoveState.EXPIRED
    assert address.move_digests(move_link(reader), NOW + 49 * HOUR) is MoveState.EXPIRED
    address.request_move(reader, "other@example.org", NOW)
    assert address.move_digests(move_link(reader), NOW) is MoveState.SPENT
    assert address.move_digests(move_link(Subscriber(pk=999)), NOW) is MoveState.SPENT


def test_a_row_without_a_digest_makes_way_and_one_with_a_digest_does_not(client: Client) -> None:
    reader, other = make_reader("agents"), make_subscriber(email=NEW)
    address.request_move(reader, NEW, NOW)
    path = urlsplit(mail_links.move_url(reader.pk, timezone.now(), NEW)).path
    assert b"a digest of its own" in client.post(path).content
    other.unsubscribe(NOW)
    assert address.move_digests(move_link(reader), NOW) is MoveState.DONE
    assert list(Subscriber.objects.values_list("pk", "email")) == [(reader.pk, NEW)]


def test_an_answered_letter_counts_no_more(mailoutbox: Any) -> None:
    reader = make_reader("agents")
    address.request_move(reader, NEW, NOW)
    send_links.send_asked_links(NOW)
    address.move_digests(move_link(reader), NOW)
    assert Mailbox.objects.get().letters_sent == 0


def test_the_account_pages_are_kept_by_no_cache(client: Client) -> None:
    answer = client.get(account_path(make_reader("agents")))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"


# The address before


def moved(reader: Subscriber, new_email: str = NEW, now: datetime = NOW) -> FormerAddress:
    address.request_move(reader, new_email, now)
    link = MoveLink(reader.pk, now, new_email=new_email)
    assert address.move_digests(link, now) is MoveState.DONE
    return FormerAddress.objects.latest("left_at")


def test_the_address_before_is_told_once_and_brings_the_digest_back(
    client: Client, mailoutbox: Any
) -> None:
    reader = make_reader("agents", email="ada@example.org")
    moved(reader, now=timezone.now())
    assert send_links.send_asked_links(timezone.now()) == 1
    assert send_links.send_asked_links(timezone.now()) == 0
    [notice] = mailoutbox
    assert notice.to == ["ada@example.org"]
    assert NEW not in notice.message().as_string()
    link = urlsplit(next(word for word in notice.body.split() if "/move-back/" in word)).path
    assert b"Bring the digest back?" in client.get(link).content
    assert Subscriber.objects.get().email == NEW
    assert b"comes here again" in client.post(link).content
    assert Subscriber.objects.get().email == "ada@example.org"
    for answer in (client.get(link), client.post(link), client.get("/move-back/7.forged/")):
        assert answer.status_code in (404, 410)
    assert NEW not in client.get(link).content.decode()


def test_an_address_in_between_has_no_say_any_more() -> None:
    reader = make_reader("agents", email="ada@example.org")
    first = moved(reader, "thief@example.org")
    second = moved(reader, "fence@example.org", NOW + HOUR)
    assert address.move_digests_back(first, NOW + 2 * HOUR) is MoveState.DONE
    assert address.move_digests_back(second, NOW + 2 * HOUR) is MoveState.SPENT
    assert Subscriber.objects.get().email == "ada@example.org"
    third = moved(reader, NEW, NOW + 3 * HOUR)
    address.request_move(reader, "fence@example.org", NOW + 3 * HOUR)
    assert address.move_digests_back(third, NOW + 4 * HOUR) is MoveState.DONE
    assert Subscriber.objects.get().new_email == ""


def test_an_address_has_a_week_and_needs_no_digest_of_its_own(client: Client) -> None:
    former = moved(make_reader("agents", email="ada@example.org"))
    other = make_subscriber(email="ada@example.org")
    assert address.move_digests_back(former, NOW + DAY) is MoveState.TAKEN
    path = urlsplit(mail_links.move_back_url(former.pk)).path
    FormerAddress.objects.update(left_at=timezone.now())
    assert b"a digest of its own" in client.post(path).content
    FormerAddress.objects.update(left_at=NOW)
    other.delete()
    assert address.move_digests_back(former, NOW + 8 * DAY) is MoveState.EXPIRED
    address.forget_former_addresses(NOW + 6 * DAY)
    assert FormerAddress.objects.exists()
    address.forget_former_addresses(NOW + 8 * DAY)
    assert not FormerAddress.objects.exists()
    assert address.move_digests_back(former, NOW + DAY) is MoveState.SPENT


def test_a_notice_that_could_not_leave_is_tried_again_and_a_suppressed_address_gets_none(
    settings: Any, mailoutbox: Any
) -> None:
    moved(make_reader("agents", email="ada@example.org"))
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{FailingBackend.__module__}.FailingBackend"
    FAILURES[:] = [ConnectionRefusedError()]
    assert send_links.send_asked_links(NOW) == 0
    assert FormerAddress.objects.get().told_at is None
    settings.EMAIL_BACKEND = backend
    Suppression.objects.create(email="ada@example.org")
    assert send_links.send_asked_links(NOW + DAY) == 0
    Suppression.objects.all().delete()
    assert send_links.send_asked_links(NOW + 2 * DAY) == 1
    assert str(FormerAddress.objects.get()) == "ada@example.org until 22 April 2026"
