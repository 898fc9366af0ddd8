"""An edition goes through its states, whoever works on it and whoever dies."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from digest.deliver import RunOptions, deliver_planned, sweep
from digest.deliver.claims import claim
from digest.flight import canary, clearance, preflight
from digest.flight.clearance import CHECK_TAKES, FlightGate
from digest.flight.states import release_edition
from digest.models import Delivery, EditionFlight, OperatorAlarm
from tests.digest.flight.editions import count_states, make_edition, make_flight
from tests.factories import NOW, make_delivery
from tests.provider_server import Book

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "find_faults", lambda *_: [])


def read_flight() -> EditionFlight:
    return EditionFlight.objects.select_related("edition").get()


def refuse(book: Book, every: int) -> None:
    """Every so manieth reader's address is refused by the provider."""
    rows = Delivery.objects.order_by("pk").values_list("subscriber__email", flat=True)
    book.refused = dict.fromkeys(list(rows)[::every], 300)


def test_a_small_edition_leaves_at_once(book: Book) -> None:
    make_edition(30)
    assert deliver_planned(NOW).stopped == ""
    assert (count_states(), read_flight().state) == ({"sent": 30}, "flying")


@pytest.mark.usefixtures("unchecked")
def test_nothing_beyond_the_canary_leaves_before_it_was_watched(book: Book) -> None:
    make_edition(250)
    report = deliver_planned(NOW)
    assert len(book.accepted) == 20
    for minutes in (1, 9):
        report = deliver_planned(NOW + minutes * MINUTE)
    assert (len(book.accepted), read_flight().state) == (20, "canary")
    assert "The first 20 mails of the edition of 2026-04-22 have left" in report.stopped
    deliver_planned(NOW + 11 * MINUTE)
    assert (len(book.accepted), read_flight().state) == (250, "flying")


@pytest.mark.usefixtures("unchecked")
def test_a_provider_that_refuses_a_third_is_held_after_the_canary_until_somebody_releases_it(
    book: Book,
) -> None:
    make_edition(250)
    refuse(book, every=3)
    for minutes in (0, 1, 11, 12):
        report = deliver_planned(NOW + minutes * MINUTE)
    flight = read_flight()
    assert (flight.state, flight.held_by, flight.held_in) == ("held", "refusals", "canary")
    assert "of 20 mails 7 refused" in flight.reason
    assert count_states() == {"failed": 7, "planned": 230, "sent": 13}
    assert "is held since" in report.stopped
    book.refused = {}
    assert release_edition(flight, "ada", NOW + 13 * MINUTE)
    deliver_planned(NOW + 13 * MINUTE)
    assert count_states() == {"failed": 7, "sent": 243}
    assert OperatorAlarm.objects.get().resolved_at


@pytest.mark.usefixtures("book")
def test_a_canary_whose_bounces_come_in_its_last_second_is_held() -> None:
    refused = {"status": "failed", "provider": "Postmark 1", "claimed_at": NOW - 10 * MINUTE}
    make_edition(20, **refused)
    ids = list(Delivery.objects.values_list("pk", flat=True))
    watched = {"state": "canary", "canary": ids, "canary_size": 20, "canary_until": NOW}
    edition = make_edition(230)
    make_flight(edition, looked_at=NOW, **watched)  # another worker looked just before
    assert FlightGate().read(NOW).held == {edition.pk}


@pytest.mark.usefixtures("unchecked")
def test_the_breaker_ends_a_flight_too(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_edition(400)
    make_flight(edition, canary_size=20)
    refuse(book, every=2)
    monkeypatch.setattr(clearance, "LOOK_EVERY", timedelta(0))
    monkeypatch.setattr(clearance, "BREAKER_EVERY", timedelta(0))
    deliver_planned(NOW)
    assert read_flight().state == "held"
    assert 0 < len(book.accepted) < 150
    before = len(book.calls)
    deliver_planned(NOW + MINUTE)
    assert len(book.calls) == before


@pytest.mark.usefixtures("unchecked")
def test_what_was_claimed_before_the_hold_is_given_back(
    book: Book, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = make_edition(30)
    flight = make_flight(edition)
    monkeypatch.setattr(clearance, "LOOK_EVERY", timedelta(0))

    def hold(delivered: int) -> None:
        EditionFlight.objects.filter(pk=flight.pk).update(
            state="held", held_in="flying", reason="By hand."
        )

    settings.DELIVER_CALLS_AT_ONCE = 1
    deliver_planned(NOW, options=RunOptions(progress=hold))
    assert (len(book.accepted), count_states()) == (20, {"planned": 10, "sent": 20})


def test_a_held_edition_sends_nothing_not_even_a_first_digest(book: Book) -> None:
    delivery = make_delivery()
    make_flight(delivery.edition, state="held", held_in="canary", reason="Too many bounces.")
    deliver_planned(NOW, only=delivery.subscriber.email)
    report = deliver_planned(NOW)
    assert "Too many bounces." in report.stopped
    assert (book.accepted, count_states()) == ([], {"planned": 1})
    alarm = OperatorAlarm.objects.get()
    assert (alarm.kind, alarm.resolved_at) == ("edition-2026-04-22", None)
    sweep(NOW + timedelta(hours=25))
    alarm.refresh_from_db()
    assert (count_states(), bool(alarm.resolved_at)) == ({"expired": 1}, True)


@pytest.mark.usefixtures("unchecked")
def test_a_first_digest_waits_for_no_canary(book: Book) -> None:
    edition = make_edition(250)
    deliver_planned(NOW)
    last = Delivery.objects.filter(edition=edition).latest("pk")
    deliver_planned(NOW + MINUTE, only=last.subscriber.email)
    assert count_states() == {"planned": 229, "sent": 21}


@pytest.mark.usefixtures("unchecked")
def test_what_is_planned_of_other_editions_goes_on(book: Book) -> None:
    held = make_edition(5, days_ago=1, covers_until=NOW)
    make_flight(held, state="held", held_in="flying", reason="Bounces.")
    make_edition(3)
    deliver_planned(NOW)
    assert (len(book.accepted), count_states()) == (3, {"planned": 5, "sent": 3})


@pytest.mark.usefixtures("unchecked")
def test_a_small_edition_that_has_grown_lets_a_canary_go_first(book: Book) -> None:
    make_edition(30)
    deliver_planned(NOW)
    make_edition(300)
    deliver_planned(NOW + MINUTE)
    assert (count_states(), read_flight().canary_size) == ({"planned": 280, "sent": 50}, 20)


@pytest.mark.usefixtures("unchecked", "book")
def test_a_worker_that_dies_while_it_checks_holds_nothing_for_ever() -> None:
    edition = make_edition(3)
    make_flight(edition, state="preflight", checked_at=NOW)
    gate_at = NOW + CHECK_TAKES - timedelta(seconds=1)
    assert FlightGate().read(gate_at).waits == ("The edition of 2026-04-22 is being checked.",)
    assert FlightGate().read(NOW + CHECK_TAKES).deliveries


def test_an_edition_with_a_fault_is_held_before_any_mail_leaves(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(3)
    monkeypatch.setattr(preflight, "find_faults", lambda *_: ["A mail is too large."])
    deliver_planned(NOW)
    flight = read_flight()
    assert (book.calls, flight.state, flight.held_by) == ([], "held", "preflight")
    release_edition(flight, "ada", NOW)
    deliver_planned(NOW + MINUTE)
    assert count_states() == {"sent": 3}


def test_it_is_checked_again_every_hour(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    make_flight(make_edition(3), checked_at=NOW - timedelta(hours=1))
    monkeypatch.setattr(preflight, "find_faults", lambda *_: ["Ten times as many mails."])
    deliver_planned(NOW)
    assert (book.calls, read_flight().reason) == ([], "Ten times as many mails.")


def test_a_check_counts_for_an_hour(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    make_flight(make_edition(3), checked_at=NOW - timedelta(minutes=59))
    monkeypatch.setattr(preflight, "find_faults", lambda *_: ["Nobody asks for these yet."])
    deliver_planned(NOW)
    assert (len(book.accepted), count_states()) == (3, {"sent": 3})


def test_without_minutes_nobody_waits(book: Book, settings: Any) -> None:
    settings.CANARY_MINUTES = 0
    make_edition(250)
    deliver_planned(NOW)
    assert (len(book.accepted), read_flight().canary_size) == (250, 0)


def test_what_goes_to_a_folder_is_not_watched(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.CANARY_MINUTES = settings.OUTBOX_BACKEND, 10
    make_edition(250)
    deliver_planned(NOW)
    assert (count_states(), EditionFlight.objects.count()) == ({"sent": 250}, 0)


@pytest.mark.services
@pytest.mark.usefixtures("unchecked")
@pytest.mark.django_db(transaction=True)
def test_workers_that_come_at_once_choose_one_canary_and_let_no_more_out(settings: Any) -> None:
    settings.CANARY_MINUTES = 10
    make_edition(260)
    together, taken = threading.Barrier(6), list[int]()

    def work() -> None:
        try:
            together.wait(10)
            for _ in range(5):
                for where in FlightGate().read(NOW).list_conditions():
                    taken.extend(row.pk for row in claim(NOW, size=7, where=where))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    first = list(Delivery.objects.order_by("pk").values_list("pk", flat=True)[:20])
    assert sorted(taken) == first
    assert len(read_flight().canary) == 20


@pytest.mark.usefixtures("unchecked", "book")
def test_the_canary_is_a_hundredth_of_what_is_usual() -> None:
    for days_ago in (1, 2, 3):
        make_edition(210 * days_ago, days_ago, status="expired")
    edition = make_edition(15)
    assert canary.choose_size(edition) == 20
    gate = FlightGate()
    assert len(gate.read(NOW).deliveries) == 15
    make_edition(30)
    assert len(gate.read(NOW + 2 * MINUTE).deliveries) == 20
