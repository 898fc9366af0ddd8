"""A change of state is made once, whoever comes second."""

from __future__ import annotations

import pytest

from digest.flight.states import (
    begin_flight,
    end_canary,
    go_on_with_canary,
    hold_edition,
    release_edition,
)
from digest.models import EditionFlight, OperatorAlarm
from tests.digest.flight.editions import make_edition, make_flight
from tests.factories import NOW
from tests.row_locks import hold_rows

pytestmark = pytest.mark.django_db


def test_a_hold_is_begun_once_and_alarms() -> None:
    flight = make_flight(make_edition(1))
    assert hold_edition(flight, "bounces", "Too many bounces.", NOW)
    assert not hold_edition(flight, "complaints", "Too many complaints.", NOW)
    flight.refresh_from_db()
    assert (flight.held_by, flight.held_in) == ("bounces", "flying")
    assert "Too many bounces." in OperatorAlarm.objects.get().sentence


def test_it_is_released_once() -> None:
    flight = make_flight(make_edition(1), state="held", held_in="flying", reason="Bounces.")
    assert release_edition(flight, "ada", NOW)
    assert not release_edition(flight, "bob", NOW)
    flight.refresh_from_db()
    assert (flight.state, flight.released_by, flight.counted_from) == ("flying", "ada", NOW)


def test_what_was_seen_before_a_release_does_not_hold_it_again() -> None:
    flight = make_flight(make_edition(1))
    slow = EditionFlight.objects.get()
    hold_edition(flight, "bounces", "Too many bounces.", NOW)
    flight.refresh_from_db()
    release_edition(flight, "ada", NOW)
    assert not hold_edition(slow, "bounces", "Too many bounces.", NOW)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_while_another_worker_chooses_the_canary_nobody_else_does() -> None:
    flight = make_flight(make_edition(30), state="canary", canary_size=20)
    with hold_rows("SELECT * FROM digest_editionflight FOR UPDATE"):
        assert go_on_with_canary(flight).canary == []
    assert len(go_on_with_canary(flight).canary) == 20


def test_an_edition_that_was_held_before_its_canary_has_it_still_before_it(
    settings: object,
) -> None:
    settings.CANARY_MINUTES = 10  # type: ignore[attr-defined]
    flight = make_flight(make_edition(250), state="held", held_in="preflight", reason="Links.")
    release_edition(flight, "ada", NOW)
    flight.refresh_from_db()
    assert (flight.state, flight.canary_size) == ("canary", 20)


def test_a_worker_that_is_late_begins_nothing_twice_and_ends_no_watch() -> None:
    flight = make_flight(make_edition(1), state="held", held_in="preflight", reason="Links.")
    slow = EditionFlight(edition=flight.edition, state="preflight", since=NOW)
    begin_flight(slow)
    end_canary(slow, NOW)
    flight.refresh_from_db()
    assert flight.state == "held"
