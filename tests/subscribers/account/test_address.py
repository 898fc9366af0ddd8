"""Move, take your data, delete: by a link that was sent within the hour, and never by GET."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models.signals import post_delete, pre_delete
from django.test import Client
from django.utils import timezone

from subscribers import tokens
from subscribers.account import address, send_links
from subscribers.account.address import MoveState
from subscribers.mail import mail_links
from subscribers.models import (
    FormerAddress,
    Interest,
    Mailbox,
    Subscriber,
    Suppression,
    Topic,
)
from subscribers.tokens import MoveLink
from tests.factories import NOW, make_reader, make_subscriber
from tests.subscribers.signup.test_send_confirmation import FAILURES, FailingBackend

pytestmark = pytest.mark.django_db
NEW = "new@example.org"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def account_path(reader: Subscriber, issued_at: datetime | None = None) -> str:
    return urlsplit(mail_links.account_url(reader, issued_at or timezone.now())).path


def move_link(reader: Subscriber, issued_at: datetime = NOW, to: str = NEW) -> MoveLink:
    link = tokens.read_move(tokens.sign_move(reader.pk, issued_at, to, reader.link_version))
    assert link is not None
    return link


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


def test_whoever_is_deleted_in_this_very_moment_is_moved_nowhere() -> None:
    reader = make_reader("agents")
    address.request_move(reader, NEW, NOW)
    link, pk = move_link(reader), reader.pk
    address.delete_subscriber(reader)
    assert address.move_digests(link, NOW) is MoveState.SPENT
    assert address.move_by_operator(pk, NEW, NOW) is MoveState.SPENT


def test_a_digest_moves_when_both_ends_agree(client: Client, mailoutbox: Any) -> None:
    reader = make_reader("agents", email="ada@example.org", next_digest_at=NOW)
    page = client.post(account_path(reader), {"action": "move", "new_email": "New@example.org"})
    assert b"Look into the new inbox" in page.content
    assert Subscriber.objects.get().email == "ada@example.org"
    assert send_links.send_asked_links(timezone.now()) == 1
    assert mailoutbox[0].to == [NEW]
    assert "ada@" not in mailoutbox[0].message().as_string()
    link = urlsplit(next(word for word in mailoutbox[0].body.split() if "/move/" in word)).path
    assert b"Send it here" in client.get(link).content
    assert Subscriber.objects.get().email == "ada@example.org"
    assert b"Your digest has moved" in client.post(link).content
    after = Subscriber.objects.get()
    assert (after.email, after.new_email, after.next_digest_at) == (NEW, "", NOW)
    assert after.topics.count() == 1
    assert b"Your digest has moved" in client.post(link).content


def test_a_new_address_is_written_to_as_seldom_as_one_that_signs_up(mailoutbox: Any) -> None:
    reader = make_reader("agents")
    for hours in range(0, 240, 12):
        now = NOW + hours * HOUR
        address.request_move(reader, f"victim+{hours}@example.org", now)
        send_links.send_asked_links(now)
    assert len(mailoutbox) == 3
    Suppression.objects.suppress(NEW, "manual")
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


# The address before


def moved(reader: Subscriber, new_email: str = NEW, now: datetime = NOW) -> FormerAddress:
    address.request_move(reader, new_email, now)
    reader.refresh_from_db()
    link = MoveLink(reader.pk, now, new_email=new_email, version=reader.link_version)
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
    Suppression.objects.suppress("ada@example.org", "manual")
    assert send_links.send_asked_links(NOW + DAY) == 0
    Suppression.objects.all().delete()
    assert send_links.send_asked_links(NOW + 2 * DAY) == 1
    assert str(FormerAddress.objects.get()) == "ada@example.org until 22 April 2026"


def test_a_link_that_moved_the_digest_says_so_until_links_are_ended_once_more() -> None:
    reader = make_reader("agents")
    for _ in range(2):
        address.end_links(reader)
    address.request_move(reader, NEW, NOW)
    link = move_link(reader)
    assert address.move_digests(link, NOW) is MoveState.DONE
    assert address.judge_move(link, NOW) is MoveState.DONE
    address.end_links(reader)
    assert address.judge_move(link, NOW) is MoveState.SPENT


def test_an_address_that_staff_changed_is_remembered_and_gets_no_notice() -> None:
    reader = make_subscriber(email="before@example.org")
    reader.email = "after@example.org"
    reader.save(update_fields=["status"])
    assert not FormerAddress.objects.exists()
    reader.save()
    reader.save()
    [former] = FormerAddress.objects.all()
    assert (former.email, former.told_at) == ("before@example.org", former.left_at)
    assert not FormerAddress.objects.left_by_subscriber().exists()
