"""Rows are taken by one worker each, and only those that may be sent."""

from datetime import timedelta

import pytest

from digest.deliver import deliver_planned, sweep
from digest.deliver.claims import claim
from digest.deliver.outbox import read_outbox
from digest.models import DomainPause
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_delivery, make_subscriber
from tests.row_locks import hold_rows

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    return settings.OUTBOX_DIR


def status(delivery):
    delivery.refresh_from_db()
    return delivery.status


def test_two_workers_never_claim_the_same_rows():
    made = {make_delivery().pk for _ in range(5)}
    first, second = claim(NOW, size=3), claim(NOW + MINUTE, size=3)
    assert [len(first), len(second)] == [3, 2]
    assert {d.pk for d in first} | {d.pk for d in second} == made


@pytest.mark.parametrize(
    "change",
    [
        {"status": "pending"},
        {"status": "unsubscribed", "unsubscribed_at": NOW},
        "suppressed",
    ],
)
def test_the_claim_itself_takes_nobody_who_may_not_be_mailed(change, outbox):
    delivery = make_delivery()
    if change == "suppressed":
        Suppression.objects.suppress(delivery.subscriber.email, "complaint")
    else:
        Subscriber.objects.update(**change)
    [taken] = claim(NOW)
    assert (taken.status, taken.claimed_at) == ("suppressed", None)
    deliver_planned(NOW)
    assert (read_outbox(outbox), status(delivery)) == ([], "suppressed")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_worker_is_taking_is_left_to_it_without_waiting():
    theirs, ours = make_delivery(), make_delivery()
    with hold_rows(f"SELECT id FROM digest_delivery WHERE id = {theirs.pk} FOR UPDATE"):
        assert [delivery.pk for delivery in claim(NOW)] == [ours.pk]


def pause_domain(domain, **fields):
    defaults = {"paused_at": NOW, "until": NOW + 4 * HOUR}
    return DomainPause.objects.create(domain=domain, **(defaults | fields))


class TestPausedDomains:
    def test_their_rows_are_left_planned_and_the_others_go(self, outbox):
        pause_domain("example.com")
        waits = make_delivery(subscriber=make_subscriber(email="ada@example.com"))
        goes = [
            make_delivery(subscriber=make_subscriber(email=email))
            for email in ("ada@example.org", "ada@mail.example.com", "ada@notexample.com")
        ]
        deliver_planned(NOW)
        assert {status(delivery) for delivery in goes} == {"sent"}
        assert (status(waits), waits.attempts, len(read_outbox(outbox))) == ("planned", 0, 3)

    def test_they_go_when_the_pause_is_over(self):
        pause_domain("example.com")
        delivery = make_delivery(subscriber=make_subscriber(email="ada@example.com"))
        assert claim(NOW + 4 * HOUR - MINUTE) == []
        deliver_planned(NOW + 4 * HOUR)
        assert status(delivery) == "sent"

    def test_many_waiting_rows_hold_nobody_up(self):
        pause_domain("example.com")
        for n in range(5):
            make_delivery(subscriber=make_subscriber(email=f"r{n}@example.com"))
        other = make_delivery()
        assert [delivery.pk for delivery in claim(NOW, size=2)] == [other.pk]

    def test_whoever_waits_beyond_the_day_ends_in_a_named_state(self):
        pause_domain("example.com", until=NOW + 60 * HOUR)
        delivery = make_delivery(subscriber=make_subscriber(email="ada@example.com"))
        sweep(NOW + 25 * HOUR)
        assert status(delivery) == "expired"

    def test_a_first_digest_waits_too(self):
        pause_domain("example.com")
        delivery = make_delivery(subscriber=make_subscriber(email="ada@example.com"))
        deliver_planned(NOW, only="ada@example.com")
        assert status(delivery) == "planned"

    def test_a_domain_with_signs_of_patterns_is_only_itself(self):
        pause_domain("%.com")
        pause_domain("e_ample.org")
        make_delivery()
        assert len(claim(NOW)) == 1


def test_rows_of_one_edition_share_it_and_nothing_of_them_is_asked_for_again(
    django_assert_num_queries,
):
    make_delivery()
    make_delivery()
    one, other = claim(NOW)
    with django_assert_num_queries(0):
        assert one.edition is other.edition
        assert one.subscriber.email != other.subscriber.email
