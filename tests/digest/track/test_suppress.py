"""Who is mailed no more after a report, and whose newer wish stands above it."""

from __future__ import annotations

from itertools import permutations

import pytest
import time_machine

from digest.models import Delivery, ProviderEvent
from subscribers.account import less_mail
from subscribers.models import FormerAddress, Subscriber, Suppression
from tests.digest.track.reports import DAY, HOUR, MINUTE, effects, make_sent, tell, tell_soft
from tests.factories import NOW, make_delivery, make_subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Subscriber:
    return make_subscriber(confirmed_at=NOW - DAY)


def suppressed() -> list[str]:
    return list(Suppression.objects.order_by("pk").values_list("reason", flat=True))


class TestAtOnce:
    def test_a_hard_bounce_and_a_complaint_suppress(self) -> None:
        tell(make_sent(), "bounced", esp_event={"Type": "HardBounce"})
        tell(make_sent(), "complained")
        assert (suppressed(), effects()) == (["bounce", "complaint"], ["suppressed"] * 2)

    @pytest.mark.parametrize("word", ["SoftBounce", "Transient", "DnsError", "Blocked"])
    def test_nothing_temporary_does(self, word: str) -> None:
        tell(make_sent(), "bounced", esp_event={"Type": word})
        assert (suppressed(), effects()) == ([], ["noted"])

    def test_a_filters_notice_is_no_complaint_whatever_anymail_calls_it(self) -> None:
        delivery = make_sent()
        tell(delivery, "complained", esp_event={"Type": "SpamNotification"})
        delivery.refresh_from_db()
        assert (suppressed(), delivery.complained_at) == ([], None)


class TestThreeOfFive:
    def test_the_third_refusal_of_five_editions_suppresses(self, reader: Subscriber) -> None:
        for day in range(3):
            assert suppressed() == []
            tell_soft(make_sent(reader, day))
        assert (suppressed(), effects()) == (["bounce"], ["noted", "noted", "suppressed"])

    @pytest.mark.parametrize(
        ("refused", "done"), [((0, 2, 4), ["bounce"]), ((0, 3, 5), []), ((0, 3, 7), [])]
    )
    def test_refusals_farther_apart_than_five_editions_do_not(
        self, reader: Subscriber, refused: tuple[int, ...], done: list[str]
    ) -> None:
        for day in range(8):
            delivery = make_sent(reader, day)
            if day in refused:
                tell_soft(delivery)
        assert suppressed() == done

    def test_one_edition_refused_three_times_is_one(self, reader: Subscriber) -> None:
        delivery = make_sent(reader)
        for minutes in range(3):
            tell_soft(delivery, at=NOW + minutes * MINUTE)
        assert suppressed() == []

    def test_a_success_forgets_those_before_it(self, reader: Subscriber) -> None:
        for day in range(5):
            delivery = make_sent(reader, day)
            tell(delivery, "delivered") if day == 2 else tell_soft(delivery)
        assert suppressed() == []

    def test_what_is_our_own_fault_counts_against_nobody(self, reader: Subscriber) -> None:
        for day in range(5):
            tell(make_sent(reader, day), "rejected", esp_event={"Type": "DMARCPolicy"})
        assert suppressed() == []

    def test_a_success_told_late_lifts_it_again(self, reader: Subscriber) -> None:
        deliveries = [make_sent(reader, day) for day in range(3)]
        for delivery in deliveries:
            tell_soft(delivery)
        assert suppressed() == ["bounce"]
        tell(deliveries[1], "delivered", now=NOW + 4 * DAY)
        assert (suppressed(), "suppressed" in effects()) == ([], False)

    def test_but_not_where_it_is_of_an_edition_before_the_three(self, reader: Subscriber) -> None:
        deliveries = [make_sent(reader, day) for day in range(4)]
        for delivery in deliveries[1:]:
            tell_soft(delivery)
        tell(deliveries[0], "delivered", now=NOW + 4 * DAY)
        assert suppressed() == ["bounce"]

    def test_but_not_what_a_hard_bounce_did(self, reader: Subscriber) -> None:
        deliveries = [make_sent(reader, day) for day in range(3)]
        for delivery in deliveries:
            tell_soft(delivery)
        tell(deliveries[2], "bounced", esp_event={"Type": "HardBounce"})
        tell(deliveries[1], "delivered", now=NOW + 4 * DAY)
        assert suppressed() == ["bounce"]

    @pytest.mark.thorough
    def test_the_end_is_the_same_in_any_order(self, reader: Subscriber) -> None:
        deliveries = [make_sent(reader, day) for day in range(3)]
        told = [(tell_soft, delivery) for delivery in deliveries]
        for order in permutations([*told, (None, deliveries[1])]):
            ProviderEvent.objects.all().delete()
            Suppression.objects.all().delete()
            Delivery.objects.update(delivered_at=None, bounced_at=None)
            for say, delivery in order:
                delivery.refresh_from_db()
                if say:
                    say(delivery, now=NOW + 4 * DAY)
                else:
                    tell(delivery, "delivered", now=NOW + 4 * DAY)
            assert suppressed() == [], order

    def test_refusals_at_the_address_before_a_move_do_not_count(self, reader: Subscriber) -> None:
        for day in range(2):
            tell_soft(make_sent(reader, day))
        Subscriber.objects.update(email="new@example.org")
        reader.refresh_from_db()
        tell_soft(make_sent(reader, 2))
        assert suppressed() == []

    def test_when_everybody_is_refused_nobody_is_to_blame(self) -> None:
        tell(make_sent(days=-3), "delivered")
        readers = [make_subscriber(confirmed_at=NOW - DAY) for _ in range(6)]
        for day in range(3):
            for reader in readers:
                tell_soft(make_sent(reader, day))
        assert suppressed() == []

    @pytest.mark.parametrize("is_late", [True, False])
    def test_some_full_mailboxes_at_a_large_domain_are_let_go_however_they_are_reported(
        self, is_late: bool
    ) -> None:
        """In one burst before all deliveries, or after them when their server has given up."""
        full = [make_subscriber(confirmed_at=NOW - DAY) for _ in range(11)]
        others = [make_subscriber(confirmed_at=NOW - DAY) for _ in range(16)]
        tell(make_sent(days=-3), "delivered")
        for day in range(3):
            refused = [make_sent(reader, day) for reader in full]
            arrived = [make_sent(reader, day) for reader in others]
            for delivery in () if is_late else refused:
                tell_soft(delivery)
            for delivery in arrived:
                tell(delivery, "delivered")
            for delivery in refused if is_late else ():
                tell_soft(delivery, now=NOW + (day + 0.8) * DAY)
        assert len(suppressed()) == len(full)

    def test_a_provider_that_tells_of_no_deliveries_gets_them_let_go_one_by_one(self) -> None:
        readers = [make_subscriber(confirmed_at=NOW - DAY) for _ in range(6)]
        for day in range(3):
            for reader in readers:
                tell_soft(make_sent(reader, day))
        assert len(suppressed()) == len(readers)


class TestTheNewestWish:
    @pytest.mark.parametrize("kind", ["complained", "bounced", "unsubscribed"])
    def test_a_report_older_than_the_latest_confirmation_undoes_nothing(
        self, kind: str, reader: Subscriber
    ) -> None:
        delivery = make_sent(reader)
        reader.unsubscribe(NOW + HOUR)
        reader.confirm(NOW + 2 * HOUR)
        tell(delivery, kind, at=NOW + MINUTE, now=NOW + 3 * HOUR)
        assert (effects(), suppressed()) == (["outdated"], [])
        assert Subscriber.objects.mailable().exists()

    @pytest.mark.parametrize("kind", ["complained", "bounced", "unsubscribed"])
    def test_one_that_is_newer_counts_though_its_mail_is_older(
        self, kind: str, reader: Subscriber
    ) -> None:
        delivery = make_sent(reader)
        reader.confirm(NOW + HOUR)
        tell(delivery, kind, at=NOW + 2 * HOUR)
        assert not Subscriber.objects.mailable().exists()

    def test_a_providers_slow_clock_makes_no_report_outdated(self, reader: Subscriber) -> None:
        reader.confirm(NOW)
        delivery = make_sent(reader, claimed_at=NOW + MINUTE)
        tell(delivery, "bounced", at=NOW - MINUTE)
        assert suppressed() == ["bounce"]

    def test_nor_where_the_answer_of_the_call_is_still_missing(self, reader: Subscriber) -> None:
        reader.confirm(NOW)
        delivery = make_sent(reader, claimed_at=NOW + MINUTE, message_id="")
        tell(
            delivery,
            "bounced",
            at=NOW - MINUTE,
            message_id="known since",
            metadata={"delivery": str(delivery.key)},
        )
        assert suppressed() == ["bounce"]

    def test_a_mail_that_a_backup_thinks_planned_is_reported_on_all_the_same(
        self, reader: Subscriber
    ) -> None:
        delivery = make_delivery(subscriber=reader, status="planned")
        tell(delivery, "complained", metadata={"delivery": str(delivery.key)})
        assert suppressed() == ["complaint"]

    def test_an_unsubscription_taken_back_stays_taken_back(self, reader: Subscriber) -> None:
        delivery = make_sent(reader)
        tell(delivery, "unsubscribed", at=NOW + MINUTE)
        reader.refresh_from_db()
        assert less_mail.undo_unsubscribe(reader, NOW + HOUR)
        # Postmark tells of the same in two ways.
        tell(delivery, "unsubscribed", at=NOW + MINUTE, now=NOW + 2 * HOUR)
        assert Subscriber.objects.mailable().exists()

    def test_one_from_the_address_before_a_move_leaves_the_digests_alone(
        self, reader: Subscriber
    ) -> None:
        delivery = make_sent(reader)
        before = reader.email
        reader.email = "new@example.org"
        reader.save()
        tell(delivery, "unsubscribed", recipient=before)
        assert Subscriber.objects.mailable().exists()

    def test_whom_staff_moved_to_an_address_agreed_to_nothing(self, reader: Subscriber) -> None:
        delivery = make_sent(reader)
        address = reader.email
        with time_machine.travel(NOW + MINUTE, tick=False):
            reader.delete()
        moved = make_subscriber(email="b@example.org", confirmed_at=NOW - 9 * DAY)
        moved.email = address
        moved.save()
        FormerAddress.objects.update(left_at=NOW + HOUR, told_at=NOW + HOUR)
        tell(delivery, "complained", at=NOW + MINUTE, now=NOW + 2 * HOUR, recipient=address)
        assert suppressed() == ["complaint"]

    def test_whoever_moved_to_an_address_agreed_to_it_then(self, reader: Subscriber) -> None:
        delivery = make_sent(reader)
        address = reader.email
        with time_machine.travel(NOW + MINUTE, tick=False):
            reader.delete()
        moved = make_subscriber(email=address, confirmed_at=NOW - 9 * DAY)
        FormerAddress.objects.create(subscriber=moved, email="b@example.org", left_at=NOW + HOUR)
        tell(delivery, "complained", at=NOW + MINUTE, now=NOW + 2 * HOUR, recipient=address)
        assert suppressed() == []
