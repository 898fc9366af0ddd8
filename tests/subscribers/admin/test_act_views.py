"""The page before an act: who may see it, what it says, and that nothing happens on GET."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from digest.high_water.hold import name_installation
from digest.high_water.leavings import find_journal
from digest.models import Delivery
from subscribers.admin.acts import ACTS
from subscribers.models import Subscriber, Suppression
from tests.factories import make_delivery, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
LIST = "/admin/subscribers/subscriber/"


def page_of(act: str, *subscribers: Subscriber) -> str:
    return f"{LIST}act/{act}/?" + "&".join(f"id={one.pk}" for one in subscribers)


def press(staff: Client, act: str, *subscribers: Subscriber, **typed: Any) -> str:
    posted = {"id": [one.pk for one in subscribers]} | typed
    return staff.post(f"{LIST}act/{act}/", posted, follow=True).content.decode()


def test_whoever_got_a_digest_can_be_deleted_with_all_data(staff: Client) -> None:
    delivery = make_delivery()
    reader = delivery.subscriber
    shown = staff.get(f"{LIST}{reader.pk}/delete/", follow=True).content.decode()
    assert "Nothing brings it back." in shown
    assert reader.email in shown
    assert "1 subscriber deleted with all data." in press(staff, "delete", reader)
    assert not Subscriber.objects.exists()
    assert not Delivery.objects.exists()


def test_the_log_says_who_did_what_and_to_how_many_and_holds_no_address(staff: Client) -> None:
    ada, emmy = make_subscriber(email="ada@example.org"), make_subscriber(email="emmy@example.org")
    press(staff, "unsubscribe", ada, emmy)
    press(staff, "delete", ada)
    posted = {"cadence": "daily", "send_hour": 9, "timezone": "UTC", "max_papers": 10}
    posted |= {"wants_everywhere": "on", "wants_near": "on"}
    topics = {"interests-TOTAL_FORMS": 0, "interests-INITIAL_FORMS": 0}
    staff.post(f"{LIST}{emmy.pk}/change/", posted | topics)
    entries = LogEntry.objects.all()
    lines = [f"{entry.object_repr}: {entry.get_change_message()}" for entry in entries]
    assert sorted(lines) == sorted(
        [
            f"subscriber {ada.pk}: Unsubscribed, 2 at once.",
            f"subscriber {emmy.pk}: Unsubscribed, 2 at once.",
            f"subscriber {ada.pk}: Deleted with all data.",
            f"subscriber {emmy.pk}: Changed Hour, in their time zone.",
        ]
    )
    assert not any("@" in line for line in lines)
    assert {entry.user.username for entry in entries} == {"hypatia"}
    shown = staff.get("/admin/admin/logentry/").content.decode()
    assert "Deleted with all data." in shown


@pytest.mark.parametrize("act", ACTS)
def test_looking_at_the_page_of_an_act_changes_nothing(staff: Client, act: str) -> None:
    reader = make_reader("RAG", paused_until=timezone.now() + timedelta(days=3))
    before = list(Subscriber.objects.values())
    assert staff.get(page_of(act, reader)).status_code in {200, 302}
    assert list(Subscriber.objects.values()) == before
    assert not Suppression.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("act", ACTS)
def test_nobody_performs_an_act_without_the_permission(client: Client, act: str) -> None:
    helper = User.objects.create_user("helper", "", "word", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_subscriber"))
    client.force_login(helper)
    reader = make_subscriber()
    assert client.get(page_of(act, reader)).status_code == 403
    assert client.post(f"{LIST}act/{act}/", {"id": reader.pk}).status_code == 403
    assert "act/" not in client.get(f"{LIST}{reader.pk}/change/").content.decode()
    assert "act/" not in client.get(LIST).content.decode()


def test_the_page_says_for_whom_it_does_nothing_and_why(staff: Client) -> None:
    gone = make_subscriber(status="unsubscribed", unsubscribed_at=timezone.now())
    here = make_subscriber()
    shown = staff.get(page_of("unsubscribe", gone, here)).content.decode()
    assert "Unsubscribe: 1 subscriber" in shown
    assert "Left alone: unsubscribed already" in shown
    said = press(staff, "unsubscribe", gone, here)
    assert "1 subscriber unsubscribed. 1 subscriber left alone." in said


def test_a_bulk_action_leads_to_the_page_and_does_nothing_by_itself(staff: Client) -> None:
    ada, emmy = make_subscriber(), make_subscriber()
    posted = {"action": "suppress", "_selected_action": [ada.pk, emmy.pk]}
    shown = staff.post(LIST, posted, follow=True).content.decode()
    assert "Suppress the address: 2 subscribers" in shown
    assert not Suppression.objects.exists()


def test_a_persons_page_offers_what_would_change_something(staff: Client) -> None:
    reader = make_subscriber()
    page = staff.get(f"{LIST}{reader.pk}/change/").content.decode()
    offered = {name for name in ACTS if f"{LIST}act/{name}/" in page}
    assert offered == {
        *("link", "end_links", "pause", "unsubscribe"),
        *("suppress", "move", "export", "delete"),
    }


def test_what_is_typed_wrongly_comes_back_with_a_sentence(staff: Client) -> None:
    reader = make_subscriber()
    assert "This day is not in the future." in press(staff, "pause", reader, until="2020-01-01")
    assert "A pause lasts a year at most." in press(staff, "pause", reader, until="2999-01-01")
    other = make_subscriber()
    said = press(staff, "move", reader, new_email=other.email, how="ask")
    assert "This address has a digest of its own" in said
    reader.refresh_from_db()
    assert (reader.paused_until, reader.new_email) == (None, "")


def test_the_export_is_the_one_that_subscribers_get_themselves(staff: Client) -> None:
    reader = make_reader("RAG")
    answer = staff.post(f"{LIST}act/export/", {"id": reader.pk})
    assert answer["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.content)["subscriber"]["email"] == reader.email


@pytest.mark.parametrize("query", ["", "?id=", "?id=abc", "?id=99999999", "?id=²", f"?id={10**30}"])
def test_a_strange_address_leads_back(staff: Client, query: str) -> None:
    assert staff.get(f"{LIST}act/pause/{query}").status_code == 302
    assert staff.get(f"{LIST}act/nothing/{query}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_comes_back_knows_whom_an_operator_took_from_the_list(staff: Client) -> None:
    """By columns in bulk no signal came, and a restored backup mailed them again."""
    installation = name_installation()
    gone, refused = make_subscriber(), make_subscriber()
    press(staff, "unsubscribe", gone)
    press(staff, "suppress", refused)
    assert len(find_journal(installation).read_text().splitlines()) == 2


def test_whoever_stands_in_the_log_is_not_deleted_with_it(staff: Client) -> None:
    press(staff, "unsubscribe", make_subscriber())
    admin = User.objects.get()
    assert staff.post(f"/admin/auth/user/{admin.pk}/delete/", {"post": "yes"}).status_code == 403
    assert LogEntry.objects.exists()


@pytest.mark.parametrize("act", [act for act in ACTS if not ACTS[act].is_for_one])
def test_the_page_of_an_act_asks_as_often_for_many_as_for_few(staff: Client, act: str) -> None:
    states: list[dict[str, Any]] = [
        {},
        {"status": "pending", "confirmed_at": None},
        {"status": "unsubscribed", "unsubscribed_at": timezone.now()},
    ]
    people = [make_subscriber(**fields) for _ in range(5) for fields in states]
    counts = []
    for chosen in (people[:3], people[:3], people):  # once to warm up
        with CaptureQueriesContext(connection) as asked:
            assert staff.get(page_of(act, *chosen)).status_code == 200
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_more_than_a_page_of_the_list_may_be_chosen_but_not_any_number(staff: Client) -> None:
    reader = make_subscriber()
    said = staff.post(f"{LIST}act/unsubscribe/", {"id": [reader.pk] * 201}, follow=True)
    assert "201 are too many at once, choose 200 at most" in said.content.decode()
    reader.refresh_from_db()
    assert reader.is_active
