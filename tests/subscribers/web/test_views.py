"""Sign up, confirm, change, leave and come back: GET shows, POST acts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.test import Client
from django.utils import timezone

from subscribers import tokens
from subscribers.mail import mail_links
from subscribers.models import Subscriber, Topic
from subscribers.signup import send_confirmation
from subscribers.web import forms
from tests.factories import NOW, allow, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.org"
DAY = timedelta(days=1)


def path(url: str) -> str:
    return urlsplit(url).path


def sign_up(client: Client, **fields: str) -> Any:
    return client.post("/subscribe/", {"email": ADDRESS, "topics": "RAG"} | fields)


def preferences(**changes: str) -> dict[str, str]:
    fields = {"cadence": "daily", "send_hour": "8", "timezone": "UTC", "max_papers": "10"}
    return {"followed": "RAG", "muted": "", "paused_until": ""} | fields | changes


# Sign-up


def test_the_page_can_be_filled_in_by_its_address(client: Client) -> None:
    page = client.get("/subscribe/?t=rlhf&t=%22world+model%22&t=a,b")
    assert 'rlhf\n"world model"\na\nb' in unescape(page.content.decode())


def test_a_prefilled_page_has_a_limit(client: Client) -> None:
    page = client.get("/subscribe/?" + "&".join(f"t=topic{n}" for n in range(500)))
    assert "topic49\n" not in page.content.decode()
    assert "topic49" in page.content.decode()
    assert "450 topics of this address are left out" in page.content.decode()


def test_fifty_long_topics_fill_in_the_page_and_none_is_cut(client: Client) -> None:
    topics = [f'"{"long " * 38}{n:02}"' for n in range(50)]
    page = client.get("/subscribe/", {"t": [*topics, "x" * 201]}).content.decode()
    assert "\n".join(topics) in unescape(page)
    assert "1 topic of this address is left out" in page
    assert "left out" not in client.get("/subscribe/", {"t": topics}).content.decode()


def test_new_pending_active_and_departed_addresses_get_the_very_same_page(client: Client) -> None:
    make_subscriber(email="pending@example.org", status="pending", confirmed_at=None)
    make_reader("agents", email="active@example.org")
    make_subscriber(email="left@example.org").unsubscribe(NOW)
    pages = []
    for name in ("new", "pending", "active", "left"):
        answer = sign_up(client, email=f"{name}@example.org")
        headers = {k: v for k, v in answer.headers.items() if k != "Content-Length"}
        pages.append((answer.status_code, answer.content.decode().replace(name, "x"), headers))
    assert pages[0][0] == 200
    assert all(page == pages[0] for page in pages)


def test_signing_up_costs_the_same_queries_for_every_address(
    client: Client, django_assert_num_queries: Any
) -> None:
    make_reader("agents", email="active@example.org")
    for name in ("new", "active"):
        with django_assert_num_queries(1):
            sign_up(client, email=f"{name}@example.org")


def test_signing_up_an_active_reader_changes_nothing_about_them(client: Client) -> None:
    reader = make_reader("agents", email=ADDRESS)
    sign_up(client, topics="spam", cadence="weekly")
    reader.refresh_from_db()
    assert reader.cadence == "daily"
    assert [topic.query for topic in reader.topics.all()] == ["agents"]


def test_topics_are_made_only_when_the_address_is_confirmed(client: Client) -> None:
    sign_up(client)
    assert not Topic.objects.exists()


def test_nothing_typed_is_lost_when_something_is_wrong(client: Client) -> None:
    answer = sign_up(client, email="ada@", topics="RAG\n-power", cadence="weekly", max_papers="7")
    shown = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert 'value="ada@"' in shown
    assert "RAG\n-power" in shown
    assert 'value="weekly" selected' in shown
    assert 'value="7"' in shown
    assert shown.count('class="errorlist"') == 2
    assert 'aria-invalid="true"' in shown
    assert not Subscriber.objects.exists()


def test_what_is_typed_is_shown_as_text(client: Client) -> None:
    answer = sign_up(client, email="<script>alert(1)</script>", topics="<b>x</b>")
    assert b"<script>alert" not in answer.content
    assert b"<b>x" not in answer.content


def test_a_program_that_fills_in_everything_gets_the_page_and_nothing_else(client: Client) -> None:
    answer = sign_up(client, website="https://pills.example")
    assert b"Check your inbox" in answer.content
    assert not Subscriber.objects.exists()


def test_too_many_sign_ups_get_a_page_that_says_when_to_try_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "SIGN_UPS", 1)
    assert sign_up(client).status_code == 200
    answer = sign_up(client, email="bob@example.org")
    assert answer.status_code == 429
    said = answer.content.decode()
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert re.search(r"Too many sign-ups came from your network.* in (a minute|\d+ minutes)", said)
    assert "what you typed is still in the form" in said
    assert not Subscriber.objects.filter(email="bob@example.org").exists()


def test_a_form_filled_in_faster_than_a_person_types_is_shown_once_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "HASTY_SIGN_UPS", 1)
    assert sign_up(client).status_code == 200  # a password manager may be so quick
    stamps = [
        tokens.sign_stamp(timezone.now()),
        "forged",
        tokens.sign_stamp(NOW - timedelta(days=9)),
        "",
    ]
    for stamp in stamps:
        answer = sign_up(client, email="bob@example.org", shown_at=stamp)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "press Subscribe once more" in page
        assert 'value="bob@example.org"' in page
        assert not Subscriber.objects.filter(email="bob@example.org").exists()
    kept = re.findall(r'name="shown_at" value="([^"]+)"', page)[0]
    monkeypatch.setattr(forms, "_LEAST_FILL", timedelta(0))
    assert sign_up(client, email="bob@example.org", shown_at=kept).status_code == 200


@pytest.mark.cached
def test_one_stamp_serves_one_sign_up(client: Client) -> None:
    stamp = tokens.sign_stamp(timezone.now() - timedelta(minutes=1))
    wrong = sign_up(client, email="ada@", shown_at=stamp)
    assert wrong.status_code == 422  # a mistake uses nothing up
    assert sign_up(client, shown_at=stamp).status_code == 200
    again = sign_up(client, email="bob@example.org", shown_at=stamp)
    page = again.content.decode()
    assert again.status_code == 422
    assert "This form has been sent already" in page
    assert 'value="bob@example.org"' in page
    assert not Subscriber.objects.filter(email="bob@example.org").exists()
    fresh = re.findall(r'name="shown_at" value="([^"]+)"', page)[0]
    assert fresh != stamp
    assert sign_up(client, email="bob@example.org", shown_at=fresh).status_code == 200


def test_another_sites_page_cannot_sign_people_up(client: Client) -> None:
    fields = {"email": ADDRESS, "topics": "RAG"}
    for origin in ("https://evil.example", "null", "http://[", "http://5℀"):
        answer = client.post("/subscribe/", fields, headers={"Origin": origin})
        assert answer.status_code == 403
    ours = client.post("/subscribe/", fields, headers={"Origin": "http://testserver"})
    assert ours.status_code == 200


def test_the_letter_goes_when_the_wish_is_written(
    client: Client, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(current_app.conf, "task_always_eager", True)
    with django_capture_on_commit_callbacks(execute=True):
        sign_up(client)
    assert Subscriber.objects.get().confirmations_sent == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_nobody_their_sign_up(
    client: Client, monkeypatch: pytest.MonkeyPatch, mailoutbox: Any
) -> None:
    monkeypatch.setitem(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app, "_pool", None)
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    assert b"Check your inbox" in sign_up(client).content
    assert not mailoutbox
    send_confirmation.send_waiting(timezone.now())
    assert [mail.to for mail in mailoutbox] == [[ADDRESS]]


def test_the_local_outbox_is_pointed_at_only_where_there_is_one(
    client: Client, settings: Any
) -> None:
    assert b"/outbox/" not in sign_up(client).content
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    assert b"/outbox/" in sign_up(client).content


# Preferences


def test_preferences_show_what_is_kept_and_keep_what_is_changed(client: Client) -> None:
    reader = make_reader("agents", mutes=("survey",), timezone="Asia/Tokyo", next_digest_at=NOW)
    link = path(mail_links.preferences_url(reader.pk))
    page = client.get(link).content.decode()
    assert "agents" in page
    assert "survey" in page
    assert 'value="Asia/Tokyo" selected' in page
    answer = client.post(link, preferences(followed="RAG, agents", cadence="weekly"))
    assert answer.status_code == 302
    assert b"Saved." in client.get(answer["Location"]).content
    reader.refresh_from_db()
    assert reader.cadence == "weekly"
    assert {topic.query for topic in reader.topics.all()} == {"agents", "RAG"}


@pytest.mark.parametrize(
    "changes", [{"send_hour": "21"}, {"timezone": "Asia/Tokyo"}, {"cadence": "weekly"}]
)
def test_a_new_hour_zone_or_cadence_moves_the_next_digest(
    client: Client, changes: dict[str, str]
) -> None:
    reader = make_reader("RAG", next_digest_at=NOW)
    client.post(path(mail_links.preferences_url(reader.pk)), preferences(**changes))
    reader.refresh_from_db()
    assert reader.next_digest_at is not None
    assert reader.next_digest_at > timezone.now()


def test_other_changes_leave_the_next_digest_where_it_was(client: Client) -> None:
    reader = make_reader("RAG", next_digest_at=NOW)
    link = path(mail_links.preferences_url(reader.pk))
    client.post(link, preferences(followed="agents", max_papers="3"))
    reader.refresh_from_db()
    assert (reader.next_digest_at, reader.max_papers) == (NOW, 3)


def test_the_paper_from_everywhere_is_switched_off_and_on_again(client: Client) -> None:
    reader = make_reader("RAG")
    link = path(mail_links.preferences_url(reader.pk))
    assert client.get(link).context["form"].initial["wants_everywhere"] is True
    for typed, wanted in (({}, False), ({"wants_everywhere": "on"}, True)):
        client.post(link, preferences(followed="RAG", **typed))
        reader.refresh_from_db()
        assert reader.wants_everywhere is wanted


def test_a_first_digest_still_leaves_at_once_after_a_change(client: Client) -> None:
    reader = make_reader("RAG", next_digest_at=None)
    client.post(path(mail_links.preferences_url(reader.pk)), preferences(send_hour="3"))
    reader.refresh_from_db()
    assert (reader.next_digest_at, reader.send_hour) == (None, 3)


def test_a_pause_ends_at_midnight_in_the_readers_zone(client: Client) -> None:
    reader = make_reader("RAG")
    link = path(mail_links.preferences_url(reader.pk))
    day = timezone.now().date() + timedelta(days=30)
    client.post(link, preferences(paused_until=day.isoformat(), timezone="Asia/Kathmandu"))
    reader.refresh_from_db()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert reader.paused_until == midnight - timedelta(hours=5, minutes=45)
    assert f'value="{day.isoformat()}"' in client.get(link).content.decode()
    for past in (date(2020, 1, 1), date.min):
        client.post(link, preferences(paused_until=past.isoformat(), timezone="Asia/Tokyo"))
        reader.refresh_from_db()
        assert reader.paused_until is None


def test_wrong_preferences_are_not_saved_and_not_lost(client: Client) -> None:
    reader = make_reader("agents")
    link = path(mail_links.preferences_url(reader.pk))
    answer = client.post(link, preferences(followed="-power", muted="survey"))
    assert answer.status_code == 422
    assert b"-power" in answer.content
    assert b"survey" in answer.content
    assert [topic.query for topic in reader.topics.all()] == ["agents"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "unsubscribed", "unsubscribed_at": NOW}, "You are unsubscribed"),
        ({"status": "pending", "confirmed_at": None}, "not confirmed yet"),
        ({"next_digest_at": NOW}, "was due on Wednesday 22 April"),
        ({"next_digest_at": NOW, "paused_until": NOW + 9999 * DAY}, "It is paused until"),
    ],
)
def test_preferences_say_when_the_next_digest_comes(
    client: Client, fields: dict[str, Any], said: str
) -> None:
    reader = make_subscriber(**fields)
    assert said in client.get(path(mail_links.preferences_url(reader.pk))).content.decode()


# Unsubscribe


def test_the_link_shows_one_button_and_the_button_unsubscribes(client: Client) -> None:
    reader = make_reader("RAG")
    link = path(mail_links.unsubscribe_url(reader.pk))
    page = client.get(link)
    assert re.findall(rb"<button[^>]*>([^<]+)", page.content)[0] == b"Unsubscribe"
    assert page.content.count(b'<button type="submit">') == 1
    assert Subscriber.objects.get().status == "active"
    answer = client.post(link)
    assert answer.status_code == 200
    assert b"You are unsubscribed" in answer.content
    assert Subscriber.objects.get().status == "unsubscribed"


def test_a_mailbox_unsubscribes_without_cookie_or_token() -> None:
    reader = make_reader("RAG")
    mailbox = Client(enforce_csrf_checks=True)
    answer = mailbox.post(
        path(mail_links.unsubscribe_url(reader.pk)),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert not answer.cookies
    assert Subscriber.objects.get().status == "unsubscribed"


def test_unsubscribing_twice_keeps_the_first_date(client: Client) -> None:
    link = path(mail_links.unsubscribe_url(make_reader("RAG").pk))
    client.post(link)
    first = Subscriber.objects.get().unsubscribed_at
    assert client.post(link).status_code == 200
    assert Subscriber.objects.get().unsubscribed_at == first


def test_undo_brings_the_reader_back(client: Client) -> None:
    link = path(mail_links.unsubscribe_url(make_reader("RAG").pk))
    client.post(link)
    assert b"Undo" in client.get(link).content
    assert b"As if nothing had happened" in client.post(link, {"undo": "1"}).content
    reader = Subscriber.objects.get()
    assert (reader.status, reader.topics.count()) == ("active", 1)


def test_undo_is_not_offered_after_a_day(client: Client) -> None:
    reader = make_reader("RAG")
    reader.unsubscribe(NOW)
    link = path(mail_links.unsubscribe_url(reader.pk))
    assert b"Undo" not in client.get(link).content
    assert b"You are unsubscribed" in client.post(link, {"undo": "1"}).content
    assert Subscriber.objects.get().status == "unsubscribed"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (tokens.sign(tokens.UNSUBSCRIBE, 999), b"You get no mail from Offprint"),
        # Whoever has only half of their link must not believe that they are rid of it.
        (tokens.sign(tokens.UNSUBSCRIBE, 999)[:-4], b"This link is not whole"),
        ("garbage", b"This link is not whole"),
    ],
)
def test_an_unknown_or_deleted_subscriber_gets_a_kind_page(
    client: Client, token: str, said: bytes
) -> None:
    for answer in (client.get(f"/unsubscribe/{token}/"), client.post(f"/unsubscribe/{token}/")):
        assert answer.status_code == 200
        assert said in answer.content


@pytest.mark.parametrize(
    ("button", "said", "changed"),
    [
        ("pause", "Paused for a month", "paused_until"),
        ("weekly", "Once a week, then", "cadence"),
        ("fewer", "Three papers, then", "max_papers"),
    ],
)
def test_less_mail_is_an_honest_alternative_and_can_be_undone(
    client: Client, button: str, said: str, changed: str
) -> None:
    reader = make_reader("RAG", next_digest_at=NOW)
    link = path(mail_links.unsubscribe_url(reader.pk))
    page = client.post(link, {"instead": button}).content.decode()
    after = Subscriber.objects.get()
    assert said in page
    assert after.status == "active"
    assert getattr(after, changed) != getattr(reader, changed)
    before = unescape(re.findall(r'name="before" value="([^"]*)"', page)[0])
    answer = client.post(link, {"back": button, "before": before})
    assert b"As if nothing had happened" in answer.content
    assert getattr(Subscriber.objects.get(), changed) == getattr(reader, changed)


def test_what_nobodys_button_says_changes_nothing(client: Client) -> None:
    reader = make_reader("RAG")
    link = path(mail_links.unsubscribe_url(reader.pk))
    for forged in ({"back": "fewer", "before": "51"}, {"back": "weekly", "before": "hourly"}):
        assert client.post(link, forged).status_code == 200
        after = Subscriber.objects.get()
        assert (after.status, after.max_papers, after.cadence) == ("active", 10, "daily")


# Every form


def test_every_field_has_a_label_and_every_error_a_place(client: Client) -> None:
    page = sign_up(client, email="ada@", topics="").content.decode()
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    labelled = set(re.findall(r'\bfor="([^"]+)"', page))
    assert labelled <= ids
    typed = re.findall(r"<(?:input|textarea|select)\b[^>]*>", page)
    fields = [tag for tag in typed if 'type="hidden"' not in tag and "aria-label=" not in tag]
    assert len(fields) >= 6
    assert {re.findall(r'\bid="([^"]+)"', tag)[0] for tag in fields} <= labelled
    described = [set(said.split()) for said in re.findall(r'aria-describedby="([^"]+)"', page)]
    errors = set(re.findall(r'class="errorlist[^"]*"[^>]*\bid="([^"]+)"', page))
    assert len(errors) == 2
    assert errors <= set[str]().union(*described) <= ids
