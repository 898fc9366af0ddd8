"""The admin's pages about readers: what they show, what they do, and what they refuse."""

from __future__ import annotations

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
from subscribers.models import Interest, Leaning, Subscriber, Suppression, Topic
from tests.factories import NOW, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
LIST = "/admin/subscribers/subscriber/"
ADD = f"{LIST}add/"


def follow(subscriber: Subscriber, query: str, mode: str = "follow") -> Topic:
    [topic] = Topic.objects.get_or_create_topics([query])
    Interest.objects.create(subscriber=subscriber, topic=topic, mode=mode)
    return topic


def form_of(subscriber: Subscriber | None = None, **fields: Any) -> dict[str, Any]:
    """What a browser posts from the subscriber's page, with some fields changed."""
    interests = list(subscriber.interests.all()) if subscriber else []
    posted: dict[str, Any] = {
        "email": subscriber.email if subscriber else "new@example.org",
        "status": subscriber.status if subscriber else "pending",
        "cadence": "daily",
        "send_hour": 8,
        "timezone": "UTC",
        "max_papers": 10,
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
    for name in ("confirmed_at", "unsubscribed_at", "next_digest_at", "paused_until"):
        moment = getattr(subscriber, name, None)
        if moment:
            posted |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
    return posted | fields


def act(staff: Client, action: str, *subscribers: Subscriber) -> str:
    posted = {"action": action, "_selected_action": [s.pk for s in subscribers]}
    return staff.post(LIST, posted, follow=True).content.decode()


def text(response: Any) -> str:
    return str(response.content.decode())


def queries_of(staff: Client, url: str) -> int:
    staff.get(url)  # what is looked up once per process, such as content types
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(url).status_code == 200
    return len(captured)


def test_every_page_about_readers_and_staff_opens(staff: Client) -> None:
    subscriber = make_subscriber(
        wishes={"topics": ["RAG", "agents"], "send_hour": 7}, wish_asked_at=NOW
    )
    topic = follow(subscriber, "diffusion policy")
    gone = Suppression.objects.create(email="gone@example.org", reason="bounce")
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
    assert "topics: RAG, agents" in page
    assert "asked at: 2026-04-22T12:00:00+00:00" in page
    assert staff.get("/admin/").status_code == 200
    assert staff.get("/admin/auth/group/add/").status_code == 200


def test_the_list_says_who_gets_mail_and_who_does_not(staff: Client) -> None:
    follow(make_subscriber(email="active@example.org"), "RAG")
    make_subscriber(email="paused@example.org", paused_until=timezone.now() + timedelta(days=3))
    make_subscriber(email="back@example.org", paused_until=timezone.now() - timedelta(days=3))
    make_subscriber(email="pending@example.org", status="pending", confirmed_at=None)
    make_subscriber(email="refused@example.org")
    Suppression.objects.create(email="refused@example.org", reason="complaint")
    rows = staff.get(LIST).context["cl"].result_list
    admin = staff.get(LIST).context["cl"].model_admin
    assert {row.email.split("@")[0]: admin.state(row) for row in rows} == {
        "active": "active",
        "paused": "paused",
        "back": "active",
        "pending": "pending",
        "refused": "suppressed",
    }
    assert {row.email: admin.followed(row) for row in rows}["active@example.org"] == 1


def test_the_next_digest_is_told_in_the_readers_own_zone(staff: Client) -> None:
    make_subscriber(email="first@example.org")
    due = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
    make_subscriber(email="tokyo@example.org", timezone="Asia/Tokyo", next_digest_at=due)
    make_subscriber(email="waiting@example.org", status="pending", confirmed_at=None)
    changes = staff.get(LIST).context["cl"]
    told = {row.email: changes.model_admin.next_digest(row) for row in changes.result_list}
    assert told == {
        "first@example.org": "at once",
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
    ],
)
def test_filters_and_search_find_what_they_say(staff: Client, query: str, found: list[str]) -> None:
    make_subscriber(email="berlin@example.org", timezone="Europe/Berlin", cadence="weekly")
    make_subscriber(email="pending@example.org", status="pending", confirmed_at=None)
    make_subscriber(email="refused@example.org")
    Suppression.objects.create(email="refused@example.org", reason="bounce")
    rows = staff.get(f"{LIST}?{query}").context["cl"].result_list
    assert sorted(row.email.split("@")[0] for row in rows) == found


def test_an_active_subscriber_without_a_confirmation_comes_back_as_a_sentence(
    staff: Client,
) -> None:
    response = staff.post(ADD, form_of(status="active"))
    assert "An active subscriber has confirmed the address" in text(response)
    assert not Subscriber.objects.exists()


def test_an_unsubscribed_reader_without_a_date_comes_back_as_a_sentence(staff: Client) -> None:
    subscriber = make_subscriber()
    url = f"{LIST}{subscriber.pk}/change/"
    response = staff.post(url, form_of(subscriber, status="unsubscribed"))
    assert "must agree: an unsubscribed reader has a" in text(response)
    subscriber.refresh_from_db()
    assert subscriber.status == "active"


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
    response = staff.post(ADD, form_of(**{field: value}))
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not Subscriber.objects.exists()


def test_one_address_is_one_subscriber_in_whatever_case_it_is_typed(staff: Client) -> None:
    assert staff.post(ADD, form_of(email="Ada@Example.org")).status_code == 302
    assert Subscriber.objects.get().email == "ada@example.org"
    response = staff.post(ADD, form_of(email="ADA@example.org"))
    assert "already exists" in text(response)


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


def test_a_next_digest_that_was_typed_is_kept(staff: Client) -> None:
    subscriber = make_subscriber(next_digest_at=datetime(2030, 1, 1, 8, tzinfo=UTC))
    posted = form_of(subscriber, send_hour=11) | {
        "next_digest_at_0": "2030-02-02",
        "next_digest_at_1": "09:00:00",
    }
    assert staff.post(f"{LIST}{subscriber.pk}/change/", posted).status_code == 302
    subscriber.refresh_from_db()
    assert subscriber.next_digest_at == datetime(2030, 2, 2, 9, tzinfo=UTC)


def test_unsubscribe_stops_the_digests_and_keeps_the_first_date(staff: Client) -> None:
    earlier = datetime(2026, 1, 1, tzinfo=UTC)
    active = make_subscriber()
    gone = make_subscriber(status="unsubscribed", unsubscribed_at=earlier)
    assert "1 subscriber unsubscribed." in act(staff, "unsubscribe", active, gone)
    active.refresh_from_db()
    gone.refresh_from_db()
    assert (active.status, gone.unsubscribed_at) == ("unsubscribed", earlier)
    assert active.unsubscribed_at is not None


def test_suppress_and_resume_undo_each_other(staff: Client) -> None:
    subscriber = make_subscriber(paused_until=timezone.now() + timedelta(days=9))
    assert "1 subscriber suppressed." in act(staff, "suppress", subscriber)
    assert "0 subscribers suppressed." in act(staff, "suppress", subscriber)
    assert not Subscriber.objects.mailable().exists()
    assert "Ended 1 pauses and 1 suppressions made by hand." in act(staff, "resume", subscriber)
    assert list(Subscriber.objects.mailable()) == [subscriber]
    subscriber.refresh_from_db()
    assert subscriber.paused_until is None


def test_resume_overrules_neither_a_reader_nor_a_mailbox(staff: Client) -> None:
    gone = make_subscriber(status="unsubscribed", unsubscribed_at=timezone.now())
    refused = make_subscriber()
    Suppression.objects.create(email=refused.email, reason="complaint")
    assert "2 subscribers still get no digest" in act(staff, "resume", gone, refused)
    assert not Subscriber.objects.mailable().exists()


def test_a_suppression_is_lower_case_and_its_address_stays(staff: Client) -> None:
    url = "/admin/subscribers/suppression/"
    staff.post(f"{url}add/", {"email": "Gone@Example.org", "reason": "manual"})
    row = Suppression.objects.get()
    assert row.email == "gone@example.org"
    staff.post(f"{url}{row.pk}/change/", {"email": "other@example.org", "reason": "bounce"})
    row.refresh_from_db()
    assert (row.email, row.reason) == ("gone@example.org", "bounce")


def test_a_readers_page_shows_what_was_learned_and_saved_and_lets_nobody_change_it(
    staff: Client,
) -> None:
    reader = make_subscriber()
    page = staff.get(f"{LIST}{reader.pk}/change/").content.decode()
    assert page.count("Nothing.") == 2
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
