"""Which mails go first, and from when they are watched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.flight.canary import choose_size, list_more, read_progress
from digest.models import Delivery, EditionFlight
from tests.digest.flight.editions import make_edition, make_flight
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SENT = {"status": "sent", "sent_at": NOW, "claimed_at": NOW}


def make_canary(count: int, **fields: object) -> EditionFlight:
    edition = make_edition(count, **fields)
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    return make_flight(edition, state="canary", canary=ids, canary_size=20)


@pytest.mark.parametrize(("mails", "size"), [(199, 0), (200, 20), (2500, 25)])
def test_it_is_a_hundredth_and_at_least_twenty_and_none_of_few(mails: int, size: int) -> None:
    assert choose_size(make_edition(mails)) == size


def test_it_is_watched_from_when_its_last_mail_was_taken() -> None:
    flight = make_canary(20, **SENT)
    Delivery.objects.filter(pk=flight.canary[3]).update(claimed_at=NOW + MINUTE)
    assert read_progress(flight).find_watch_end() == NOW + 11 * MINUTE


@pytest.mark.parametrize("fields", [{}, {"status": "claimed", "claimed_at": NOW}])
def test_it_has_not_left_while_one_of_it_was_never_tried(fields: dict[str, object]) -> None:
    make_edition(20, **SENT)
    flight = make_canary(1, **fields)
    assert read_progress(flight).find_watch_end() is None


def test_a_mail_that_is_tried_again_keeps_nobody_waiting_but_most_of_them_do() -> None:
    make_edition(20, **SENT)
    flight = make_canary(3, retry_at=NOW + 60 * MINUTE, claimed_at=NOW)
    assert read_progress(flight).find_watch_end()
    Delivery.objects.filter(pk__in=flight.canary[:12]).update(
        status="planned", sent_at=None, retry_at=NOW
    )
    assert read_progress(flight).find_watch_end() is None


def test_fewer_than_twenty_are_no_canary() -> None:
    assert read_progress(make_canary(19, **SENT)).find_watch_end() is None


def test_those_that_are_never_handed_over_make_room_for_others() -> None:
    flight = make_canary(20, status="suppressed")
    make_edition(30)
    progress = read_progress(flight)
    assert (len(progress.void), progress.chosen) == (20, 0)
    flight.canary = []
    assert len(list_more(flight)) == 20
