"""A link to confirm reaches whoever asked, and floods nobody."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from subscribers import tasks, tokens
from subscribers.models import Subscriber, Suppression
from subscribers.signup import opt_in, send_confirmation
from subscribers.signup.wishes import Wishes
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FAILURES: list[Exception] = []


class FailingBackend(BaseEmailBackend):
    """A mail server that fails as told, and otherwise takes everything."""

    def send_messages(self, email_messages: Any) -> int:
        if FAILURES:
            raise FAILURES[0]
        return len(email_messages)


@pytest.fixture
def failing(settings: Any) -> Any:
    settings.EMAIL_BACKEND = f"{__name__}.FailingBackend"
    FAILURES.clear()
    yield FAILURES
    FAILURES.clear()


def ask(email: str = "ada@example.org", *topics: str, now: Any = NOW) -> int:
    return opt_in.request_confirmation(email, Wishes(list(topics) or ["RAG", "world model"]), now)


def answered(status: int | None) -> AnymailAPIError:
    response = SimpleNamespace(status_code=status, reason="") if status else None
    error = AnymailAPIError("no")
    error.response = response
    return error


@pytest.mark.parametrize(("status", "again"), [(429, True), (403, True), (500, True), (400, False)])
def test_amazons_answer_is_read_as_any_others(status: int, again: bool) -> None:
    """boto3 hands it on as a dictionary."""
    error = AnymailAPIError("no")
    error.response = {"ResponseMetadata": {"HTTPStatusCode": status}}
    assert send_confirmation.may_retry(error) == again


def test_the_mail_says_how_many_topics_and_nothing_the_visitor_typed(mailoutbox: Any) -> None:
    send_confirmation.send_confirmation(ask("ada@example.org", "buy pills", "at evil.example"), NOW)
    [mail] = mailoutbox
    whole = mail.message().as_string()
    assert mail.to == ["ada@example.org"]
    assert "2 topics" in mail.body
    assert "pills" not in whole
    assert "evil" not in whole
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_linked_token_opens_the_subscribers_own_wish(mailoutbox: Any) -> None:
    send_confirmation.send_confirmation(ask(), NOW)
    subscriber = Subscriber.objects.get()
    assert subscriber.confirmation_sent_at == NOW
    [token] = re.findall(r"/confirm/([^/\s]+)/", mailoutbox[0].body)
    link = tokens.read_dated(tokens.CONFIRM, token)
    assert link is not None
    assert (link.subscriber_id, link.issued_at) == (subscriber.pk, NOW)


def test_an_address_gets_one_link_a_day(mailoutbox: Any) -> None:
    for minutes in range(0, 24 * 60, 60):
        now = NOW + timedelta(minutes=minutes)
        send_confirmation.send_confirmation(ask(now=now), now)
    assert len(mailoutbox) == 1


def test_after_three_links_without_an_answer_there_is_silence(mailoutbox: Any) -> None:
    for day in range(10):
        now = NOW + timedelta(days=day)
        send_confirmation.send_confirmation(ask(now=now), now)
    assert len(mailoutbox) == 3


def test_two_workers_send_one_link(mailoutbox: Any) -> None:
    subscriber_id = ask()
    assert send_confirmation._claim_confirmation(subscriber_id, NOW) is not None
    assert send_confirmation._claim_confirmation(subscriber_id, NOW) is None
    send_confirmation.send_confirmation(subscriber_id, NOW)
    assert not mailoutbox


def test_a_suppressed_address_gets_nothing(mailoutbox: Any) -> None:
    Suppression.objects.suppress("ada@example.org", "manual")
    send_confirmation.send_confirmation(ask(), NOW)
    send_confirmation.send_waiting(NOW)
    assert not mailoutbox


def test_someone_who_asked_for_nothing_gets_nothing(mailoutbox: Any) -> None:
    send_confirmation.send_confirmation(make_subscriber(status="pending").pk, NOW)
    send_confirmation.send_confirmation(999, NOW)
    assert not mailoutbox


def test_a_wish_whose_task_never_ran_is_found_by_the_sweep(mailoutbox: Any) -> None:
    ask("ada@example.org")
    ask("bob@example.org")
    send_confirmation.send_waiting(NOW + HOUR)
    assert sorted(mail.to[0] for mail in mailoutbox) == ["ada@example.org", "bob@example.org"]
    send_confirmation.send_waiting(NOW + 2 * HOUR)
    assert len(mailoutbox) == 2


def test_the_sweep_leaves_a_wish_that_came_too_soon_after_the_last_link(mailoutbox: Any) -> None:
    send_confirmation.send_confirmation(ask(), NOW)
    ask(now=NOW + 5 * HOUR)
    send_confirmation.send_waiting(NOW + 25 * HOUR)
    assert len(mailoutbox) == 1


def test_the_sweep_leaves_wishes_of_the_day_before(mailoutbox: Any) -> None:
    ask()
    send_confirmation.send_waiting(NOW + 25 * HOUR)
    assert not mailoutbox


def test_the_sweep_takes_a_share_at_a_time(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_confirmation, "SWEPT_AT_ONCE", 2)
    for n in range(3):
        ask(f"reader{n}@example.org")
    send_confirmation.send_waiting(NOW)
    assert len(mailoutbox) == 2
    send_confirmation.send_waiting(NOW)
    assert len(mailoutbox) == 3


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        smtplib.SMTPAuthenticationError(535, b"no"),
        smtplib.SMTPDataError(451, b"later"),
        answered(429),
        answered(401),
        answered(503),
    ],
)
def test_a_mail_that_surely_did_not_leave_is_tried_again(failing: Any, error: Exception) -> None:
    failing.append(error)
    subscriber_id = ask()
    assert not send_confirmation.send_confirmation(subscriber_id, NOW)
    failing.clear()
    send_confirmation.send_waiting(NOW + HOUR)
    subscriber = Subscriber.objects.get()
    assert subscriber.confirmation_sent_at == NOW + HOUR
    assert subscriber.confirmations_sent == 1


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPRecipientsRefused({}),
        answered(400),
        answered(None),
    ],
)
def test_a_mail_that_may_have_left_or_never_will_is_not_tried_again(
    failing: Any, error: Exception
) -> None:
    failing.append(error)
    send_confirmation.send_confirmation(ask(), NOW)
    failing.clear()
    send_confirmation.send_waiting(NOW + HOUR)
    assert Subscriber.objects.get().confirmation_sent_at == NOW


def test_a_sweep_stops_where_the_mail_server_is_down(failing: Any) -> None:
    failing.append(ConnectionRefusedError())
    ask("ada@example.org")
    ask("bob@example.org")
    send_confirmation.send_waiting(NOW)
    failing.clear()
    send_confirmation.send_waiting(NOW)
    assert {s.confirmation_sent_at for s in Subscriber.objects.all()} == {NOW}


@pytest.mark.parametrize("run", [lambda pk: tasks.send_confirmation(pk), None])
def test_a_task_takes_an_id_and_the_sweep_takes_nothing(run: Any, mailoutbox: Any) -> None:

    subscriber_id = ask(now=timezone.now())
    run(subscriber_id) if run else tasks.send_pending_confirmations()
    assert len(mailoutbox) == 1


def test_a_wish_typed_while_the_mailbox_is_looked_up_stays() -> None:
    pk = opt_in.request_confirmation("ada@example.org", Wishes(["RAG", "modèle du monde"]), NOW)
    as_claimed = Subscriber.objects.get()
    opt_in.request_confirmation("ada@example.org", Wishes(["agents"]), NOW)
    send_confirmation._stop_waiting(as_claimed)
    later = Subscriber.objects.get(pk=pk)
    assert (later.wishes["topics"], later.wish_asked_at) == (["agents"], NOW)
    opt_in.request_confirmation("ada@example.org", Wishes(["RAG", "modèle du monde"]), NOW)
    send_confirmation._stop_waiting(as_claimed)
    assert Subscriber.objects.get().wish_asked_at is None
