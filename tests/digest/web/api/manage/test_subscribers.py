"""A script does for subscribers what the admin does, by the same acts, and the log says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from subscribers.models import ConsentEvent, Subscriber, Suppression
from tests.digest.web.api.manage.asking import fits, make_script, make_token
from tests.factories import make_reader, make_subscriber

pytestmark = pytest.mark.django_db
NEW = {"email": "Ada@Example.org", "topics": ["world model", "RAG"], "send_hour": 7}


def read_log() -> list[tuple[str, str, str]]:
    rows = LogEntry.objects.order_by("pk")
    return list(rows.values_list("user__username", "object_repr", "change_message"))


def test_somebody_new_is_asked_to_confirm_and_gets_nothing_before() -> None:
    said = make_script().post("subscribers", NEW, 201)
    fits(said, "Subscriber")
    row = Subscriber.objects.get()
    assert (row.email, row.status, row.wish_asked_at is None) == (
        "ada@example.org",
        "pending",
        False,
    )
    assert (said["asked_for"], said["topics"]) == (["world model", "RAG"], [])
    assert not Subscriber.objects.mailable().exists()


def test_who_agreed_elsewhere_is_confirmed_and_it_is_noted_by_whom() -> None:
    agreed = {"agreed_on": "2026-04-01", "agreed_where": "on the lab's sheet"}
    said = make_script().post("subscribers", NEW | agreed, 201)
    assert (said["status"], said["topics"], said["send_hour"]) == (
        "active",
        ["RAG", "world model"],
        7,
    )
    event = ConsentEvent.objects.get()
    assert (event.kind, event.by, event.note) == ("elsewhere", "noether", "on the lab's sheet")


def test_topics_are_told_as_their_reader_typed_them_whatever_others_type() -> None:
    script, ada, bob = make_script(), make_reader(), make_reader()
    script.ask("PATCH", f"subscribers/{ada.pk}", {"topics": ["World-Model!"]})
    script.ask("PATCH", f"subscribers/{bob.pk}", {"topics": ["world model"]})
    assert script.get(f"subscribers/{ada.pk}")["topics"] == ["World-Model!"]


def test_half_a_consent_is_none() -> None:
    problem = make_script().post("subscribers", NEW | {"agreed_on": "2026-04-01"}, 422)
    assert problem["errors"] == {"agreed_where": ["Say where and how they agreed."]}
    assert not Subscriber.objects.exists()


def test_whoever_is_there_or_suppressed_is_not_added() -> None:
    script = make_script()
    known = make_subscriber(email="ada@example.org")
    assert f"subscriber {known.pk}" in script.post("subscribers", NEW, 409)["detail"]
    Suppression.objects.suppress("bob@example.org", "bounce")
    problem = script.post("subscribers", NEW | {"email": "bob@example.org"}, 422)
    assert "suppressed (bounce)" in problem["detail"]


def test_every_filter_narrows_and_following_next_shows_everybody_once() -> None:
    script = make_script()
    ada = make_reader("world model", email="ada@lab.example")
    make_reader("RAG", email="bob@example.org")
    make_subscriber(email="eve@example.org", status="pending", confirmed_at=None)
    found: dict[str, Any] = {
        query: [one["email"] for one in script.get(f"subscribers?{query}")["subscribers"]]
        for query in (
            "status=pending",
            "email=ADA@lab.example",
            "domain=example.org",
            "topic=World+models",
            "",
        )
    }
    assert found["status=pending"] == ["eve@example.org"]
    assert found["email=ADA@lab.example"] == found["topic=World+models"] == [ada.email]
    assert found["domain=example.org"] == ["eve@example.org", "bob@example.org"]
    page, all_of_them = "subscribers?limit=2", []
    while page:
        said = script.get(page)
        fits(said, "Subscribers")
        all_of_them += [one["email"] for one in said["subscribers"]]
        page = said["next"]
    assert all_of_them == found[""]
    assert len(all_of_them) == 3
    assert "status is one of" in script.get("subscribers?status=gone", 400)["detail"]
    assert "no parameter “stauts”" in script.get("subscribers?stauts=x", 400)["detail"]
    script.get("subscribers?cursor=x", 400)


def test_a_page_asks_the_database_as_often_whatever_is_on_it() -> None:
    script = make_script()
    counts = []
    for _ in range(2):
        for _ in range(5):
            make_reader("world model", "RAG")
        script.get("subscribers")
        with CaptureQueriesContext(connection) as asked:
            script.get("subscribers")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6
    assert not any("COUNT(" in one["sql"] for one in asked)


def test_what_is_named_changes_and_all_else_stays() -> None:
    script = make_script()
    reader = make_reader("world model", "RAG", mutes=("crypto",), send_hour=7)
    reader.next_digest_at = timezone.now() + timedelta(days=2)
    reader.save()
    said = script.ask("PATCH", f"subscribers/{reader.pk}", {"topics": ["RAG", "agents"]})
    assert (said["topics"], said["muted"], said["send_hour"]) == (["agents", "RAG"], ["crypto"], 7)
    before = said["next_digest_at"]
    changes = {"send_hour": 9, "wants_near": False}
    said = script.ask("PATCH", f"subscribers/{reader.pk}", changes)
    assert (said["topics"], said["wants_near"]) == (["agents", "RAG"], False)
    assert said["next_digest_at"] != before
    wrong = script.ask("PATCH", f"subscribers/{reader.pk}", {"muted": ["RAG"]}, 422)
    assert "You follow “RAG” as well" in wrong["detail"]


def test_the_topics_of_whoever_has_not_confirmed_are_their_own_wish() -> None:
    script = make_script()
    pk = script.post("subscribers", NEW, 201)["id"]
    said = script.ask("PATCH", f"subscribers/{pk}", {"topics": ["agents"]}, 409)
    assert "has not confirmed" in said["detail"]


def test_acts_do_what_the_buttons_of_the_admin_do() -> None:
    token, secret = make_token()
    script = make_script()
    script = type(script)(secret)
    reader = make_reader("RAG")
    at = f"subscribers/{reader.pk}"
    until = (timezone.now() + timedelta(days=20)).date()
    assert script.post(f"{at}/pause", {"until": str(until)})["paused_until"]
    assert script.post(f"{at}/resume")["paused_until"] is None
    assert script.post(f"{at}/unsubscribe")["status"] == "unsubscribed"
    assert "unsubscribed already" in script.post(f"{at}/unsubscribe", status=409)["detail"]
    assert script.post(f"{at}/restore")["status"] == "active"
    assert script.post(f"{at}/suppress")["is_suppressed"] is True
    assert script.post(f"{at}/lift")["is_suppressed"] is False
    assert script.post(f"{at}/pause", status=422)["errors"]["until"]
    script.post(f"{at}/move", {"new_email": "new@example.org", "how": "at-once"})
    script.post(f"{at}/export", status=404)
    script.ask("DELETE", at, status=204)
    script.get(at, 404)
    done = ["Paused", "Going on", "Unsubscribed", "Subscribed as before", "Suppressed"]
    done += ["No longer suppressed", "Moved, or asked at the new address", "Deleted with all data"]
    by = f", through the API with token {token.pk}."
    assert read_log() == [("noether", f"subscriber {reader.pk}", one + by) for one in done]
    left = ConsentEvent.objects.filter(kind="left")
    assert not left.exists()


def test_what_is_not_done_is_not_logged() -> None:
    script = make_script()
    script.post(f"subscribers/{make_subscriber().pk}/lift", status=409)
    assert read_log() == []
