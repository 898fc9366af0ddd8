"""Staff see how an edition leaves, and release one that is held, if they may."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from digest.models import EditionFlight
from tests.digest.flight.editions import make_edition, make_flight
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def flight() -> EditionFlight:
    held = {"state": "held", "held_in": "flying", "held_by": "bounces", "reason": "Many bounces."}
    return make_flight(make_edition(2), canary_size=20, **held)


def test_the_list_and_the_page_say_that_it_is_held_and_why(
    admin_client: Client, flight: EditionFlight
) -> None:
    listed = admin_client.get("/admin/digest/edition/").content.decode()
    assert f"/admin/digest/edition/{flight.pk}/release/" in listed
    page = admin_client.get(f"/admin/digest/edition/{flight.pk}/change/").content.decode()
    assert "Held, since 22 Apr 12:00 UTC. Many bounces." in page
    assert "The last: of 0 mails 0 refused" in page


def test_the_button_releases_it_and_looking_does_not(
    admin_client: Client, flight: EditionFlight
) -> None:
    url = f"/admin/digest/edition/{flight.pk}/release/"
    page = admin_client.get(url).content.decode()
    assert "Many bounces." in page
    assert "2 mails wait." in page
    flight.refresh_from_db()
    assert flight.state == "held"
    admin_client.post(url, {"since": flight.since.isoformat()})
    flight.refresh_from_db()
    assert (flight.state, flight.released_by) == ("flying", "admin")


def test_what_was_held_anew_since_the_page_was_shown_stays_held(
    admin_client: Client, flight: EditionFlight
) -> None:
    admin_client.post(f"/admin/digest/edition/{flight.pk}/release/", {"since": "2026-04-22"})
    flight.refresh_from_db()
    assert flight.state == "held"


def test_whoever_may_only_look_cannot_release_it(client: Client, flight: EditionFlight) -> None:
    helper = User.objects.create_user("helper", "", "word", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_edition"))
    client.force_login(helper)
    url = f"/admin/digest/edition/{flight.pk}/release/"
    assert client.get(url).status_code == 403
    assert client.post(url, {"since": flight.since.isoformat()}).status_code == 403
    flight.refresh_from_db()
    assert flight.state == "held"


def test_an_edition_that_left_unwatched_has_nothing_to_release(admin_client: Client) -> None:
    edition = make_edition(1)
    assert admin_client.get("/admin/digest/edition/").status_code == 200
    assert admin_client.get(f"/admin/digest/edition/{edition.pk}/change/").status_code == 200
    url = f"/admin/digest/edition/{edition.pk}/release/"
    assert admin_client.get(url).status_code == 404
    assert admin_client.post(url, {"since": NOW.isoformat()}).status_code == 404
