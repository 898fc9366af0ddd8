"""What the last mails came to, whenever it is reported."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.flight.breaker import count_last, find_trip
from digest.models import Delivery, Edition, EditionFlight, ProviderEvent
from tests.digest.flight.editions import make_edition, make_flight
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def make_sent(count: int, ago: timedelta = timedelta(0), **fields: object) -> Edition:
    sent = {"status": "sent", "sent_at": NOW - ago, "claimed_at": NOW - ago, "provider": "P 1"}
    return make_edition(count, **(sent | fields))


def report(rows: list[Delivery], verdict: str) -> None:
    """Their provider reports a bounce of each."""
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(bounced_at=NOW)
    ProviderEvent.objects.bulk_create(
        ProviderEvent(
            provider="postmark",
            event_id=str(row.pk),
            kind="bounced",
            verdict=verdict,
            happened_at=NOW,
            received_at=NOW,
            delivery=row,
        )
        for row in rows
    )


@pytest.fixture
def flight() -> EditionFlight:
    return make_flight(make_sent(40, 5 * MINUTE))


def test_hard_bounces_trip_it_and_soft_ones_do_not(flight: EditionFlight) -> None:
    rows = list(Delivery.objects.order_by("pk"))
    report(rows[:6], "soft")
    assert find_trip(flight, NOW) is None
    report(rows[6:12], "hard")
    assert find_trip(flight, NOW) == (
        "bounces",
        "Too many of its mails were bounced for good, with a bound of 5.0%: of 40 mails 0 refused, "
        "6 bounced for good, 0 called spam.",
    )


def test_complaints_trip_it(flight: EditionFlight) -> None:
    ids = list(Delivery.objects.values_list("pk", flat=True)[:3])
    Delivery.objects.filter(pk__in=ids[:1]).update(complained_at=NOW)
    assert find_trip(flight, NOW) is None
    Delivery.objects.filter(pk__in=ids).update(complained_at=NOW)
    trip = find_trip(flight, NOW)
    assert trip
    assert trip[0] == "complaints"


def test_bounces_that_are_reported_when_hundreds_have_followed_trip_it() -> None:
    make_sent(500, 2 * MINUTE)
    late = list(Delivery.objects.order_by("pk")[:30])
    flight = make_flight(make_sent(600))
    report(late, "hard")
    assert count_last(flight, NOW).bounces == 0
    trip = find_trip(flight, NOW)
    assert trip
    assert trip[0] == "bounces"


def test_after_a_release_it_counts_anew(flight: EditionFlight) -> None:
    report(list(Delivery.objects.all()[:10]), "hard")
    flight.counted_from = NOW
    assert find_trip(flight, NOW + MINUTE) is None


def test_what_could_not_be_rendered_was_not_refused() -> None:
    flight = make_flight(make_sent(40, status="failed", sent_at=None, provider=""))
    assert count_last(flight, NOW).mails == 0


def test_it_reads_no_more_than_the_window_whatever_was_sent() -> None:
    flight = make_flight(make_sent(510))
    with CaptureQueriesContext(connection) as queries:
        assert count_last(flight, NOW).mails == 500
    assert len(queries) == 1
