"""What is said of a source goes stale by itself when nobody asks any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from digest.models import Source, SourceDay
from digest.watch import source_age
from tests.factories import NOW, make_source

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
HEALTHY = {
    "state": "healthy",
    "last_asked_at": NOW,
    "last_fetched_at": NOW,
    "next_fetch_at": NOW + HOUR,
}


@pytest.mark.parametrize(
    ("fields", "later", "is_silent"),
    [
        (HEALTHY, HOUR, False),
        (HEALTHY, 2 * HOUR + timedelta(seconds=1), True),
        (HEALTHY | {"is_active": False}, 9 * HOUR, False),
        ({"next_fetch_at": None}, 900 * HOUR, False),  # added and never asked: it is new
        (HEALTHY | {"next_fetch_at": None}, 25 * HOUR, False),
        (HEALTHY | {"next_fetch_at": None}, 27 * HOUR, True),
        ({"next_fetch_at": NOW, "last_fetched_at": NOW}, 2 * HOUR, True),  # of an older release
    ],
)
def test_a_source_is_silent_when_it_was_due_and_nobody_asked(
    fields: dict[str, Any], later: timedelta, is_silent: bool
) -> None:
    Source.objects.all().delete()
    source = make_source(**fields)
    assert source_age.is_silent(source, NOW + later) is is_silent
    assert source_age.are_all_silent(NOW + later) is is_silent
    make_source(**HEALTHY | {"next_fetch_at": NOW + 1000 * HOUR})
    assert not source_age.are_all_silent(NOW + later)


def test_its_state_is_said_with_its_time_and_then_as_what_it_was() -> None:
    source = make_source(**HEALTHY, note="")
    asked = "22 April 2026, 12:00 UTC"
    assert source_age.describe_source(source, NOW) == f"Healthy (asked {asked})"
    aged = source_age.describe_source(source, NOW + 200 * 24 * HOUR)
    assert aged.startswith(f"Nobody has asked it since {asked}, though it was due")
    assert aged.endswith("Then: Healthy")


def test_polls_of_a_day_are_counted_with_those_that_could_be_read() -> None:
    source = make_source()
    assert not source_age.was_read_within(NOW.date(), NOW.date())
    source_age.note_poll(source, NOW, was_read=False)
    assert not source_age.was_read_within(NOW.date(), NOW.date())
    source_age.note_poll(source, NOW, was_read=True)
    assert source_age.was_read_within(NOW.date(), NOW.date())
    day = SourceDay.objects.get()
    assert (day.date, day.asked, day.read) == (NOW.date(), 2, 1)


def test_the_admin_shows_a_source_that_nobody_asks_as_not_asked(admin_client: Client) -> None:
    make_source(**HEALTHY)
    page = admin_client.get("/admin/digest/source/").content.decode()
    assert "not asked" in page
    assert "Nobody has asked it since 22 April 2026, 12:00 UTC" in page
