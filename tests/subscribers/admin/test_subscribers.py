"""The admin's pages about readers: what they show, what they do, and what they refuse."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from digest.models import SavedPaper
from subscribers.account import less_mail
from subscribers.admin.lists import BoundedPaginator
from subscribers.models import Interest, Leaning, Subscriber, Suppression, Topic
from subscribers.signup import opt_in
from subscribers.signup.send_confirmation import send_waiting
from subscribers.signup.wishes import Wishes
from subscribers.tokens import CONFIRM, read_dated
from tests.factories import NOW, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
LIST = "/admin/subscribers/subscriber/"
ADD = f"{LIST}add/"
SCHEDULE = {"cadence": "daily", "send_hour": 8, "timezone": "UTC", "max_papers": 10}


def follow(subscriber: Subscriber, query: str, mode: str = "follow") -> Topic:
    [topic] = Topic.objects.get_or_create_topics([query])
    Interest.objects.create(subscriber=subscriber, topic=topic, mode=mode)
    return topic


def form_of(subscriber: Subscriber, **fields: Any) -> dict[str, Any]:
    """What a browser posts from the subscriber's page, with some fields changed."""
    interests = list(subscriber.interests.all())
    posted: dict[str, Any] = SCHEDULE | {
        "interests-TOTAL_FORMS": len(interests),
        "interests-INITIAL_FORMS": len(interests),
    }
    for n, interest in enumerate(interests):
        posted |= {
            f"interests-{n}-id": interest.pk,
            f"interests-{n}-subscriber": interest.subscriber_id,
            f"interests-{n}-topic": interest.topic_id,
            f"interests-{n}-mode": interest.mode,
        }
    return posted | fields


def add_form(**fields: Any) -> dict[str, Any]:
    """What a browser posts from the page that adds somebody."""
    asked = {"email": "new@example.org", "topics": "RAG", "consent": "ask"}
    return SCHEDULE | asked | fields


def text(response: Any) -> str:
    return str(response.content.decode())


def queries_of(staff: Client, url: str) -> int:
    staff.get(url)  # what is looked up once per process, such as content types
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(url).status_code == 200
    return len(captured)


def test_every_page_about_readers_and_staff_opens(staff: Client) -> None:
    subscriber = make_subscriber(
        wishes=Wishes(["RAG", "agents"], send_hour=7).to_json(), wish_asked_at=NOW
    )
    topic = follow(subscriber, "diffusion policy")
    gone, _ = Suppression.objects.suppress("gone@example.org", "bounce")
    rows = [subscriber, topic, gone, User.objects.get()]
    for row in rows:
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        for url in (
            reverse(f"{name}_changelist"),
            reverse(f"{name}_add"),
            reverse(f"{name}_change", args=[row.pk]),
        ):
            assert staff.get(url).status_code == 200, url
    page = text(staff.get(f"{LIST}{subscriber.pk}/change/"))
    assert "Topics: RAG, agents" in page
    assert "Asked on 22 Apr 2026, 12:00 UTC" in page
    assert staff.get("/admin/").status_code == 200
    assert staff.get("/admin/auth/group/add/").status_code == 200


def test_the_list_says_who_gets_mail_and_who_does_not(staff: Client) -> None:
    follow(make_subscriber(email="active@example.org"), "RAG")
    make_subscriber(email="paused@example.org", paused_until=timezone.now() + timedelta(days=3))
    make_subscriber(email="back@example.org", paused_until=timezone.now() - timedelta(days=3))
    make_subscriber(email="pending@example.org", status="pending", confirmed_at=None)
    make_subscriber(email="refused@example.org")
    Suppression.objects.suppress("refused@example.org", "complaint")
    rows = staff.get(LIST).context["cl"].result_list
    admin = staff.get(LIST).context["cl"].model_admin
    assert {row.email.split("@")[0]: admin.state(row)[1] for row in rows} == {
        "active": "active",
        "paused": "paused",
        "back": "active",
        "pending": "pending",
        "refused": "suppressed",
    }
    assert {row.email: admin.followed(row) for row in rows}["active@example.org"] == 1


def test_the_next_digest_is_told_in_the_readers_own_zone(staff: Client) -> None:
    make_subscriber(email="first@example.org", confirmed_at=timezone.now())
    make_subscriber(email="late@example.org", next_digest_at=NOW)
    make_subscriber(email="paused@example.org", paused_until=datetime(2099, 1, 1, tzinfo=UTC))
    due = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
    make_subscriber(email="tokyo@example.org", timezone="Asia/Tokyo", next_digest_at=due)
    make_subscriber(email="waiting@example.org", status="pending", confirmed_at=None)
    changes = staff.get(LIST).context["cl"]
    told = {row.email: changes.model_admin.next_digest(row) for row in changes.result_list}
    assert told == {
        "first@example.org": "at once",
        "late@example.org": "late since Wed 22 Apr, 12:00",
        "paused@example.org": "after the pause",
        "tokyo@example.org": "Fri 01 Feb, 08:30",
        "waiting@example.org": "–",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=berlin", ["berlin"]),
        ("status__exact=pending", ["pending"]),
        ("cadence__exact=weekly", ["berlin"]),
        ("zone=Europe", ["berlin"]),
        ("zone=UTC", ["pending", "refused"]),
        ("zone=Nowhere", ["berlin", "pending", "refused"]),
        ("address=suppressed", ["refused"]),
        ("address=reachable", ["berlin", "pending"]),
        ("address=suppressed&q=berlin", []),
        ("q=Berlin%40Example.org", ["berlin"]),
        ("q=erlin%40example.org", ["berlin"]),
    ],
)
def test_filters_and_search_find_what_they_say(staff: Client, query: str, found: list[str]) -> None:
    make_subscriber(email="berlin@example.org", timezone="Europe/Berlin", cadence="weekly")
    make_subscriber(email="pending@example.org", status="pending", confirmed_at=None)
    make_subscriber(email="refused@example.org")
    Suppression.objects.suppress("refused@example.org", "bounce")
    rows = staff.get(f"{LIST}?{query}").context["cl"].result_list
    assert sorted(row.email.split("@")[0] for row in rows) == found


def test_a_search_among_the_suppressed_goes_through_more_than_the_list_shows(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("early", "late"):
        make_subscriber(email=f"{name}@example.org")
        Suppression.objects.suppress(f"{name}@example.org", "bounce")
    monkeypatch.setattr(BoundedPaginator, "limit", 1)

    def list_found(query: str) -> list[str]:
        rows = staff.get(f"{LIST}?address=suppressed{query}").context["cl"].result_list
        return [row.email for row in rows]

    assert list_found("") == list_found("&q=") == ["late@example.org"]
    assert list_found("&q=early") == ["early@example.org"]


def test_no_column_of_fact_can_be_typed(staff: Client) -> None:
    """Dates, states and addresses are changed by acts alone, whatever somebody posts."""
    subscriber = make_subscriber(confirmed_at=NOW)
    before = Subscriber.objects.filter(pk=subscriber.pk).values().get()
    typed = {
        "email": "other@example.org",
        "status": "unsubscribed",
        "confirmed_at_0": "2020-01-01",
        "confirmed_at_1": "00:00:00",
        "unsubscribed_at_0": "2020-01-01",
        "unsubscribed_at_1": "00:00:00",
        "next_digest_at_0": "2030-01-01",
        "next_digest_at_1": "00:00:00",
        "paused_until_0": "2030-01-01",
        "paused_until_1": "00:00:00",
    }
    url = f"{LIST}{subscriber.pk}/change/"
    assert staff.post(url, form_of(subscriber, **typed)).status_code == 302
    after = Subscriber.objects.filter(pk=subscriber.pk).values().get()
    assert after == before | {
        "wants_everywhere": False,
        "wants_near": False,
    }  # boxes that are not ticked
    page = text(staff.get(url))
    assert not re.findall(r'name="(email|status|\w+_at_0|paused_until_0)"', page)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("send_hour", 24),
        ("max_papers", 0),
        ("max_papers", 51),
        ("cadence", "hourly"),
        ("timezone", "Mars/Olympus"),
        ("email", "nobody"),
    ],
)
def test_no_wrong_row_can_be_saved(staff: Client, field: str, value: Any) -> None:
    response = staff.post(ADD, add_form(**{field: value}))
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not Subscriber.objects.exists()


def test_one_address_is_one_subscriber_in_whatever_case_it_is_typed(staff: Client) -> None:
    assert staff.post(ADD, add_form(email="Ada@Example.org")).status_code == 302
    assert Subscriber.objects.get().email == "ada@example.org"
    response = staff.post(ADD, add_form(email="ADA@example.org"))
    assert "This address is here already" in text(response)


def test_a_topic_can_be_followed_only_once(staff: Client) -> None:
    subscriber = make_subscriber()
    topic = follow(subscriber, "RAG")
    posted = form_of(subscriber) | {
        "interests-TOTAL_FORMS": 2,
        "interests-1-subscriber": subscriber.pk,
        "interests-1-topic": topic.pk,
        "interests-1-mode": "mute",
    }
    response = staff.post(f"{LIST}{subscriber.pk}/change/", posted)
    page = text(response)
    # Django 5.2 says it of the whole list, 6.1 of the line.
    assert ("Please correct the duplicate" in page) or ("Topic already exists" in page)
    assert subscriber.interests.count() == 1


def test_another_hour_moves_the_next_digest(staff: Client) -> None:
    due = timezone.now().replace(microsecond=0) + timedelta(days=300)
    subscriber = make_subscriber(next_digest_at=due, timezone="Etc/GMT+3")
    page = text(staff.get(f"{LIST}{subscriber.pk}/change/"))
    assert "Etc/GMT+3" in page, "a zone that is no place must survive the form"
    posted = form_of(subscriber, send_hour=11, timezone="Etc/GMT+3")
    assert staff.post(f"{LIST}{subscriber.pk}/change/", posted).status_code == 302
    subscriber.refresh_from_db()
    assert subscriber.next_digest_at is not None
    assert subscriber.next_digest_at < timezone.now() + timedelta(days=1, minutes=1)
    assert subscriber.next_digest_at.hour == 14


def test_whoever_is_added_is_asked_to_confirm(staff: Client, mailoutbox: list[Any]) -> None:
    assert staff.post(ADD, add_form(topics="RAG\nworld model", send_hour=6)).status_code == 302
    added = Subscriber.objects.get()
    assert (added.status, added.confirmed_at) == ("pending", None)
    send_waiting(timezone.now())
    [mail] = mailoutbox
    assert mail.to == ["new@example.org"]
    link = read_dated(CONFIRM, re.findall(r"/confirm/([^/\s]+)/", mail.body)[0])
    assert link
    assert opt_in.confirm_by_link(link, "", timezone.now())
    added.refresh_from_db()
    assert (added.status, added.send_hour, added.topics.count()) == ("active", 6, 2)


def test_who_agreed_elsewhere_is_noted_with_the_day_the_place_and_who_vouches(
    staff: Client, mailoutbox: list[Any]
) -> None:
    elsewhere = {"consent": "elsewhere", "agreed_on": "2026-01-02"}
    refused = staff.post(ADD, add_form(consent="elsewhere"))
    assert "Say on which day they agreed." in text(refused)
    assert "Say where and how they agreed." in text(refused)
    future = add_form(**elsewhere | {"agreed_on": "2999-01-01"}, agreed_where="On paper")
    assert "This day has not come yet." in text(staff.post(ADD, future))
    assert not Subscriber.objects.exists()
    posted = add_form(**elsewhere, agreed_where="On the lab's sheet")
    assert staff.post(ADD, posted).status_code == 302
    added = Subscriber.objects.mailable().get()
    event = added.consent_events.get()
    assert (event.kind, event.by, event.note) == ("elsewhere", "hypatia", "On the lab's sheet")
    assert added.confirmed_at == event.happened_at == datetime(2026, 1, 2, tzinfo=UTC)
    page = text(staff.get(f"{LIST}{added.pk}/change/"))
    assert "02 Jan 2026, 00:00 UTC: confirmed elsewhere, vouched for by hypatia" in page
    assert not mailoutbox


def test_a_suppressed_address_is_not_added(staff: Client) -> None:
    Suppression.objects.suppress("new@example.org", "bounce")
    assert "This address is suppressed (bounce): lift that first." in text(
        staff.post(ADD, add_form())
    )
    assert not Subscriber.objects.exists()


def test_a_suppression_is_of_a_mailbox_and_keeps_no_address(staff: Client) -> None:
    url = "/admin/subscribers/suppression/"
    staff.post(f"{url}add/", {"email": "Gone+papers@Example.org", "reason": "complaint"})
    row = Suppression.objects.get()
    assert row in Suppression.objects.about("gone@example.org")
    assert "suppressed already (manual)" in text(
        staff.post(f"{url}add/", {"email": "gone@example.org"})
    )
    staff.post(f"{url}{row.pk}/change/", {"email": "other@example.org", "reason": "bounce"})
    assert Suppression.objects.get() in Suppression.objects.about("gone@example.org")
    assert Suppression.objects.get().reason == "manual"
    for term, count in (("GONE@example.org", 1), ("else@example.org", 0), (row.fingerprint[:9], 1)):
        assert staff.get(url, {"q": term}).context["cl"].result_count == count
    assert "gone" not in text(staff.get(f"{url}{row.pk}/change/")).lower()
    staff.post(f"{url}{row.pk}/delete/", {"post": "yes"})
    assert not Suppression.objects.exists()


def test_a_readers_page_shows_what_was_learned_and_saved_and_lets_nobody_change_it(
    staff: Client,
) -> None:
    reader = make_subscriber()
    page = staff.get(f"{LIST}{reader.pk}/change/").content.decode()
    assert page.count("Nothing.") == 3  # feedback, leanings, reading list
    Leaning.objects.create(subscriber=reader, kind="word", term="prune", said="<pruning>", steps=1)
    for n in range(21):
        paper = make_paper(title=f"Orcas <{n}>")
        SavedPaper.objects.create(subscriber=reader, paper=paper, saved_at=timezone.now())
    page = staff.get(f"{LIST}{reader.pk}/change/").content.decode()
    assert "papers with “&lt;pruning&gt;” in the title: a little earlier" in page
    assert "Orcas &lt;20&gt;" in page
    assert "Orcas &lt;0&gt;" not in page
    assert "and 1 more" in page
    assert 'name="leanings' not in page


def list_found(admin_client: Client, query: str) -> set[str]:
    page = admin_client.get(f"{LIST}?{query}").content.decode()
    return {email for email in re.findall(r"[\w.]+@[\w.]+", page) if email.startswith("found")}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=%40lab.example", {"found.ada@lab.example"}),
        ("q=topic:World+models", {"found.bob@sub.lab.example"}),
        ("q=topic:nobodys", set()),
        ("q=topic:-x", set()),
        ("q=found.b", {"found.bob@sub.lab.example"}),
        ("came=2026-03", {"found.ada@lab.example"}),
        ("came=1999-03", {"found.ada@lab.example", "found.bob@sub.lab.example"}),
    ],
)
@pytest.mark.usefixtures("that_wednesday")
def test_readers_are_found_by_domain_topic_part_of_an_address_and_month(
    admin_client: Client, query: str, found: set[str]
) -> None:
    march = datetime(2026, 3, 31, 23, tzinfo=UTC)
    make_subscriber(email="found.ada@lab.example", created_at=march)
    bob = make_subscriber(email="found.bob@sub.lab.example", created_at=NOW)
    follow(bob, "world model")
    assert list_found(admin_client, query) == found


@pytest.mark.parametrize(("days", "found"), [("7", {"lately"}), ("30", {"lately", "earlier"})])
@pytest.mark.usefixtures("that_wednesday")
def test_who_unsubscribed_lately_and_stayed_away_is_listed(
    admin_client: Client, days: str, found: set[str]
) -> None:
    for name, ago in {"lately": 6, "earlier": 8, "long": 31, "back": 2}.items():
        reader = make_subscriber(email=f"found.{name}@lab.example")
        reader.unsubscribe(NOW - timedelta(days=ago))
        if name == "back":
            less_mail.undo_unsubscribe(reader, NOW - timedelta(days=ago))
    make_subscriber(email="found.stays@lab.example")
    listed = list_found(admin_client, f"left={days}")
    assert listed == {f"found.{name}@lab.example" for name in found}
    page = text(admin_client.get(LIST, {"left": days}))
    assert "Left at, in UTC" in page
    assert f"{NOW - timedelta(days=6):%d %b %Y, %H:%M}" in page
    assert "Next digest" not in page
    one_press = f'href="{LIST}?left=7"'
    assert one_press in text(admin_client.get("/admin/"))


def test_the_hour_of_a_digest_says_in_whose_zone_it_is(admin_client: Client) -> None:
    reader = make_subscriber()
    pages = (reverse("admin:subscribers_subscriber_change", args=[reader.pk]), f"{LIST}add/")
    for page in pages:
        assert "Hour, in their time zone" in text(admin_client.get(page))


def test_a_page_asks_as_often_however_many_topics_its_reader_follows(admin_client: Client) -> None:
    asked = []
    for count in (1, 12):
        reader = make_subscriber()
        for n in range(count):
            follow(reader, f"robot arm {n}")
        admin_client.get(f"{LIST}{reader.pk}/change/")
        with CaptureQueriesContext(connection) as queries:
            page = admin_client.get(f"{LIST}{reader.pk}/change/").content.decode()
        assert f"robot arm {count - 1}" in page
        assert "Add a topic" in page
        assert "Interest" not in page.split("addText")[1][:60]
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_list_without_rows_says_so_and_leads_back_to_all(admin_client: Client) -> None:
    page = admin_client.get(f"{LIST}?q=nobody").content.decode()
    assert "Nothing found" in page
    assert "What can be searched for: Part of an address" in page
    assert "Show all, without search and filters" in page
    log = admin_client.get("/admin/admin/logentry/").content.decode()
    assert "Nothing here yet" in log
    assert "Create a new item" not in log  # nobody can
    assert "TOTP device" not in log  # a kind of row of which nothing is logged
