"""Who lost their link gets it by mail; a stranger learns nothing and floods nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from subscribers import tasks
from subscribers.account import address, send_links
from subscribers.limits import rate_limits
from subscribers.models import Subscriber, Suppression
from subscribers.signup import mailbox_limits
from tests.factories import NOW, allow, make_reader, make_subscriber
from tests.subscribers.signup.test_send_confirmation import FAILURES, FailingBackend

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.org"
MINUTE = timedelta(minutes=1)


def link_in(body: str, page: str) -> str:
    return str(urlsplit(re.findall(rf"https?://\S+/{page}/\S+", body)[0]).path)


@pytest.mark.parametrize("page", ["/preferences/"])
def test_everybody_gets_the_very_same_answer(client: Client, page: str) -> None:
    make_reader("agents", email="active@example.org")
    make_subscriber(email="left@example.org").unsubscribe(NOW)
    make_subscriber(email="pending@example.org", status="pending", confirmed_at=None)
    answers = []
    for name in ("nobody", "active", "left", "pending"):
        answer = client.post(page, {"email": f"{name}@example.org"})
        headers = {k: v for k, v in answer.headers.items() if k != "Content-Length"}
        answers.append((answer.status_code, answer.content.decode().replace(name, "x"), headers))
    assert answers[0][0] == 200
    assert all(answer == answers[0] for answer in answers)


def test_the_mail_holds_the_lasting_link_and_a_fresh_one(client: Client, mailoutbox: Any) -> None:
    make_reader("agents", email=ADDRESS)
    client.post("/preferences/", {"email": "Ada@Example.org"})
    tasks.send_asked_links()
    [mail] = mailoutbox
    assert mail.to == [ADDRESS]
    assert client.get(link_in(mail.body, "preferences")).status_code == 200
    assert client.get(link_in(mail.body, "account")).status_code == 200
    for link in re.findall(r"https?://\S+", mail.body):
        assert link in mail.alternatives[0][0] or link.endswith(":8000")
    assert "<mj-" not in mail.alternatives[0][0]


def test_the_unknown_the_unconfirmed_and_the_suppressed_get_nothing(mailoutbox: Any) -> None:
    make_subscriber(email="pending@example.org", status="pending", confirmed_at=None)
    make_subscriber(email="bounced@example.org")
    Suppression.objects.suppress("bounced@example.org", "manual")
    for name in ("pending", "bounced", "nobody"):
        address.request_link(f"{name}@example.org", NOW)
    assert send_links.send_asked_links(NOW) == 0
    assert not mailoutbox


def test_a_link_goes_at_most_every_quarter_of_an_hour_and_three_times_a_day(
    mailoutbox: Any,
) -> None:
    make_reader("agents", email=ADDRESS)
    for minutes in [*range(0, 60, 5), *range(60, 24 * 60, 15)]:
        now = NOW + minutes * MINUTE
        address.request_link(ADDRESS, now)
        send_links.send_asked_links(now)
    assert len(mailoutbox) == 3
    address.request_link(ADDRESS, NOW + timedelta(days=2))
    assert send_links.send_asked_links(NOW + timedelta(days=2)) == 1


def test_a_mail_that_could_not_leave_is_tried_again_for_an_hour(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{FailingBackend.__module__}.FailingBackend"
    FAILURES[:] = [ConnectionRefusedError()]
    reader = make_reader("agents", email=ADDRESS)
    address.request_link(ADDRESS, NOW)
    address.request_move(reader, "new@example.org", NOW)
    assert send_links.send_asked_links(NOW) == 0
    FAILURES.clear()
    assert send_links.send_asked_links(NOW + MINUTE) == 2
    address.request_link(ADDRESS, NOW + 30 * MINUTE)
    FAILURES[:] = [ConnectionRefusedError()]
    assert send_links.send_asked_links(NOW + 30 * MINUTE) == 0
    FAILURES.clear()
    assert send_links.send_asked_links(NOW + 100 * MINUTE) == 0
    assert not Subscriber.objects.get().link_asked_at


def test_a_mail_that_may_have_left_is_not_sent_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{FailingBackend.__module__}.FailingBackend"
    FAILURES[:] = [TimeoutError()]
    make_reader("agents", email=ADDRESS)
    address.request_link(ADDRESS, NOW)
    send_links.send_asked_links(NOW)
    FAILURES.clear()
    assert send_links.send_asked_links(NOW + 20 * MINUTE) == 0


def test_a_move_that_fails_to_leave_ends_the_run_and_is_tried_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{FailingBackend.__module__}.FailingBackend"
    FAILURES[:] = [ConnectionRefusedError()]
    address.request_move(make_reader("agents"), "new@example.org", NOW)
    assert send_links.send_asked_links(NOW) == 0
    FAILURES.clear()
    assert send_links.send_asked_links(NOW + MINUTE) == 1


@pytest.mark.parametrize("typed", ["", "ada@"])
def test_a_bad_address_is_answered_beside_its_field(client: Client, typed: str) -> None:
    answer = client.post("/preferences/", {"email": typed})
    assert answer.status_code == 422
    assert b"errorlist" in answer.content


def test_a_program_gets_the_page_and_nothing_else(client: Client) -> None:
    make_reader("agents", email=ADDRESS)
    client.post("/preferences/", {"email": ADDRESS, "website": "https://pills.example"})
    assert Subscriber.objects.get().link_asked_at is None


def test_whoever_asks_too_often_is_told_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, "LINKS", 0)
    answer = client.post("/preferences/", {"email": ADDRESS})
    assert answer.status_code == 429
    assert b"Too many requests for a link" in answer.content


def test_the_page_shows_a_field_and_another_sites_page_cannot_send_it(client: Client) -> None:
    assert b"Send me my link" in client.get("/preferences/").content
    evil = {"Origin": "https://evil.example"}
    assert client.post("/preferences/", {"email": ADDRESS}, headers=evil).status_code == 403


def test_a_digests_own_link_has_a_fresh_one_sent(client: Client, mailoutbox: Any) -> None:
    reader = make_reader("agents", email=ADDRESS)
    from subscribers.mail.mail_links import preferences_url  # noqa: PLC0415

    page = client.post(urlsplit(preferences_url(reader.pk)).path, {"send_link": "1"})
    assert b"Look into your inbox" in page.content
    send_links.send_asked_links(timezone.now())
    assert [mail.to for mail in mailoutbox] == [[ADDRESS]]


def ask_as_strangers(client: Client, now: Any) -> None:
    """As often as anybody may, over the whole day before."""
    for hours in range(24, 0, -1):
        address.request_link(ADDRESS, now - timedelta(hours=hours))
        send_links.send_asked_links(now - timedelta(hours=hours))
        address.request_link(ADDRESS, now)


def test_what_strangers_ask_for_never_keeps_the_owner_from_a_link(
    client: Client, mailoutbox: Any
) -> None:
    now = timezone.now()
    reader = make_reader("agents", email=ADDRESS)
    ask_as_strangers(client, now)
    assert len(mailoutbox) == 3
    assert send_links.send_asked_links(now) == 0
    from subscribers.mail.mail_links import account_url, preferences_url  # noqa: PLC0415

    client.post(urlsplit(preferences_url(reader.pk)).path, {"send_link": "1"})
    address.request_link(ADDRESS, timezone.now())  # and a stranger again, in this moment
    assert send_links.send_asked_links(timezone.now()) == 1
    fresh = link_in(mailoutbox[-1].body, "account")
    Subscriber.objects.update(own_link_sent_at=now - timedelta(hours=2))
    old = urlsplit(account_url(reader, now - timedelta(hours=2))).path
    assert b"Look into your inbox" in client.post(old).content
    assert send_links.send_asked_links(timezone.now()) == 1
    # The one before stays good for its hour.
    assert client.get(fresh).status_code == 200


def test_an_owner_has_a_limit_too(mailoutbox: Any) -> None:
    reader = make_reader("agents", email=ADDRESS)
    for minutes in range(60):
        address.request_own_link(reader, NOW + minutes * MINUTE)
        send_links.send_asked_links(NOW + minutes * MINUTE)
    assert len(mailoutbox) == send_links.OWNERS.most_a_day


def test_strangers_who_sign_an_address_up_keep_no_digest_from_moving_there(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = "new@example.org"
    for days in range(3):
        assert mailbox_limits.claim_mail(new, NOW + timedelta(days=days))
    now = NOW + timedelta(days=2)
    reader = make_reader("agents", email=ADDRESS)
    monkeypatch.setattr(rate_limits, "may_get_mail", lambda *_: False)  # a flood at the domain
    address.request_move(reader, new, now)
    assert send_links.send_asked_links(now) == 0
    monkeypatch.undo()
    assert send_links.send_asked_links(now + MINUTE) == 1
    assert mailoutbox[-1].to == [new]
