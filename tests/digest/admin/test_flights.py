"""Staff see how an edition leaves, and release one that is held, if they may."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from digest.models import EditionFlight, OperatorAlarm
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


def test_an_operator_holds_an_edition_and_everybody_reads_why(
    admin_client: Client, client: Client
) -> None:
    flight = make_flight(make_edition(2))
    url = f"/admin/digest/edition/{flight.pk}/hold/"
    since = {"since": flight.since.isoformat()}
    assert "Nothing more of it leaves" in admin_client.get(url).content.decode()
    assert admin_client.post(url, since).status_code == 422, "without a reason"
    admin_client.post(url, since | {"reason": "A paper of today was withdrawn."})
    flight.refresh_from_db()
    assert (flight.state, flight.held_by) == ("held", "operator")
    assert "admin held it: A paper of today was withdrawn." in flight.reason
    assert OperatorAlarm.objects.filter(resolved_at=None).count() == 1
    assert LogEntry.objects.get().change_message == "The edition of 2026-04-22 is held."


def test_an_operator_lets_the_others_follow_before_the_time_is_over(admin_client: Client) -> None:
    flight = make_flight(make_edition(2), state="canary", canary_size=1)
    url = f"/admin/digest/edition/{flight.pk}/follow/"
    admin_client.post(url, {"since": flight.since.isoformat()})
    flight.refresh_from_db()
    assert flight.state == "flying"
    admin_client.post(url, {"since": flight.since.isoformat()})
    assert LogEntry.objects.count() == 1, "nothing is done twice"


@pytest.mark.parametrize("name", ["release", "follow", "hold"])
def test_no_act_is_done_in_a_state_that_it_is_not_for(admin_client: Client, name: str) -> None:
    state = {"state": "held", "held_in": "flying", "reason": "Bounces."}
    flight = make_flight(make_edition(2), **({"state": "flying"} if name != "hold" else state))
    posted = {"since": flight.since.isoformat(), "reason": "So."}
    admin_client.post(f"/admin/digest/edition/{flight.pk}/{name}/", posted)
    before = flight.state
    flight.refresh_from_db()
    assert flight.state == before
