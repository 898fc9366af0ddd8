"""A complaint about a mail counts though its reader has moved, or was deleted, since."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import Delivery, MailTrace, ProviderEvent
from digest.track import sweep_events
from subscribers.account.address import (
    delete_subscriber,
    move_digests,
    move_digests_back,
    request_move,
)
from subscribers.account.export import export_subscriber
from subscribers.models import FormerAddress, Subscriber, Suppression
from subscribers.tokens import MoveLink
from tests.digest.track.reports import DAY, HOUR, make_sent, tell
from tests.factories import NOW, make_delivery, make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
ADDRESS, NEW = "ada@example.com", "ada@example.net"


@pytest.fixture
def delivery() -> Delivery:
    return make_sent(make_subscriber(email=ADDRESS, confirmed_at=NOW - DAY))


def move(subscriber: Subscriber) -> None:
    request_move(subscriber, NEW, NOW)
    link = MoveLink(subscriber_id=subscriber.pk, new_email=NEW, issued_at=NOW)
    assert move_digests(link, NOW) == "done"


def edit_in_the_admin(subscriber: Subscriber) -> None:
    subscriber.email = NEW
    subscriber.save()


def delete_in_the_admin(subscriber: Subscriber) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).delete()


WAYS = [move, edit_in_the_admin, delete_subscriber, delete_in_the_admin]


@pytest.mark.parametrize("leave", WAYS)
@pytest.mark.parametrize("kind", ["complained", "bounced"])
def test_it_suppresses_the_mailbox_that_the_mail_went_to(
    leave: Any, kind: str, delivery: Delivery
) -> None:
    leave(delivery.subscriber)
    assert tell(delivery, kind, at=NOW + HOUR, recipient=ADDRESS)
    assert Suppression.objects.get() in Suppression.objects.about(ADDRESS)


@pytest.mark.parametrize("leave", WAYS)
def test_it_still_has_to_fit_a_mail_of_ours(leave: Any, delivery: Delivery) -> None:
    leave(delivery.subscriber)
    assert not tell(delivery, "complained", recipient=ADDRESS, message_id="another")
    assert not tell(delivery, "complained", recipient="else@example.com")
    assert not Suppression.objects.exists()


def test_after_a_move_the_date_stands_on_the_delivery(delivery: Delivery) -> None:
    move(delivery.subscriber)
    tell(delivery, "complained", at=NOW + HOUR, recipient=ADDRESS)
    delivery.refresh_from_db()
    assert delivery.complained_at == NOW + HOUR
    assert Subscriber.objects.mailable().filter(email=NEW).exists()


def test_after_moving_there_and_back_both_mailboxes_can_complain(delivery: Delivery) -> None:
    reader = delivery.subscriber
    move(reader)
    reader.refresh_from_db()
    second = make_sent(reader, 1)
    move_digests_back(FormerAddress.objects.get(), NOW)
    tell(second, "complained", recipient=NEW)
    tell(delivery, "complained", at=NOW + HOUR, recipient=ADDRESS)
    assert Suppression.objects.about(ADDRESS).count() == Suppression.objects.about(NEW).count() == 1


def test_a_mail_whose_id_we_never_learnt_is_known_by_our_key() -> None:
    reader = make_subscriber(email=ADDRESS)
    fields = {"claimed_at": NOW, "maybe_sent_at": NOW}
    delivery = make_delivery(subscriber=reader, status="in_doubt", **fields)
    key = {"delivery": str(delivery.key)}
    delete_subscriber(reader)
    assert tell(delivery, "complained", recipient=ADDRESS, message_id="m-9", metadata=key)
    assert Suppression.objects.get() in Suppression.objects.about(ADDRESS)


def test_a_mail_of_which_we_know_another_id_is_known_by_our_key(delivery: Delivery) -> None:
    key = {"delivery": str(delivery.key)}
    delete_subscriber(delivery.subscriber)
    assert tell(delivery, "complained", recipient=ADDRESS, message_id="m-first", metadata=key)
    assert Suppression.objects.get() in Suppression.objects.about(ADDRESS)


def test_whoever_signed_up_anew_since_then_stays(delivery: Delivery) -> None:
    delete_subscriber(delivery.subscriber)
    make_subscriber(email=ADDRESS, confirmed_at=NOW + 2 * HOUR)
    tell(delivery, "complained", at=NOW + HOUR, now=NOW + 3 * HOUR, recipient=ADDRESS)
    assert not Suppression.objects.exists()


def test_of_somebody_deleted_no_row_holds_the_address(delivery: Delivery) -> None:
    tell(delivery, "delivered", mta_response=f"250 <{ADDRESS}> ok")
    delete_subscriber(delivery.subscriber)
    assert not ProviderEvent.objects.exists()
    tell(delivery, "delivered", recipient=ADDRESS, mta_response=f"250 <{ADDRESS}> ok")
    rows = [*ProviderEvent.objects.values(), *MailTrace.objects.values()]
    assert len(rows) == 3  # it is known by its id and by our key
    assert not [v for row in rows for v in row.values() if "ada@" in str(v) or "example" in str(v)]


def test_what_is_kept_of_mails_is_gone_after_thirty_days(delivery: Delivery) -> None:
    delete_subscriber(delivery.subscriber)
    sweep_events(NOW + 30 * DAY)
    assert MailTrace.objects.count() == 2  # by its id and by our key
    sweep_events(NOW + 30 * DAY + HOUR)
    assert MailTrace.objects.count() == 0


def test_who_never_had_a_mail_leaves_no_trace() -> None:
    delete_subscriber(make_delivery(subscriber=make_subscriber(email=ADDRESS)).subscriber)
    assert not MailTrace.objects.exists()


def test_reports_are_part_of_what_a_reader_can_take_along(delivery: Delivery) -> None:
    tell(delivery, "delivered")
    [row] = export_subscriber(delivery.subscriber)["provider events"]
    assert (row["provider"], row["verdict"]) == ("Postmark", "arrived")
