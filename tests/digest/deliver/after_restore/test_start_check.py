"""At each start the provider's newest messages are compared with what the database knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from digest.deliver import copies, deliver_planned
from digest.deliver.after_restore import start_check
from digest.deliver.after_restore.unknown_mails import TRIAL_SUBJECT
from digest.high_water.hold import end_hold, find_hold, has_lost_marks, name_installation
from digest.high_water.senders import note_sender
from digest.models import CallCount, Delivery, MailSender
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery
from tests.provider_keys import use_provider
from tests.provider_server import Server, provider_server

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[Server]:
    with provider_server() as server:
        server.book.accepted_at = (NOW + 3 * HOUR).isoformat()
        yield server


@pytest.fixture(params=["postmark", "resend"])
def provider(request: pytest.FixtureRequest, settings: Any, server: Server) -> str:
    name: str = request.param
    use_provider(name, server, settings)
    return name


@pytest.fixture
def reader() -> Subscriber:
    """A reader of a database that mailed three hours ago, and of which no mark is left."""
    delivery = make_delivery(status="sent", sent_at=NOW, maybe_sent_at=NOW, message_id="old")
    Subscriber.objects.filter(pk=delivery.subscriber_id).update(created_at=NOW - 99 * HOUR)
    CallCount.objects.create(slot=1, number=3, counted_at=NOW)
    name_installation()
    return delivery.subscriber


def accept(server: Server, to: str, subject: str = "News", key: Any = None) -> None:
    row = {"To": to, "to": [to], "Subject": subject, "subject": subject}
    server.book.accepted.append(row | {"Metadata": {"delivery": str(key or uuid4())}})


def start() -> str:
    start_check.on_start()
    return start_check.find_reason_to_wait()


@pytest.mark.usefixtures("provider")
def test_a_mail_that_the_database_knows_nothing_of_holds_it(
    server: Server, reader: Subscriber
) -> None:
    accept(server, reader.email)
    assert "older than what was mailed" in start()
    hold = find_hold()
    assert hold
    assert hold.promised_at == NOW + 3 * HOUR
    assert "older than what was mailed" in deliver_planned(NOW).stopped


def test_what_it_knows_and_what_is_no_digest_of_its_readers_holds_nothing(
    server: Server, reader: Subscriber, provider: str, settings: Any
) -> None:
    settings.OPERATORS_EMAIL = [reader.email]
    server.book.page_size = 10  # only the first page is read
    accept(server, "stranger@example.org")
    accept(server, reader.email, TRIAL_SUBJECT)
    if provider == "resend":  # whose list tells no keys; letters to operators have none
        accept(server, reader.email, "Offprint: source-7")
        accept(server, reader.email, "Copy of a reader's digest: News")
        accept(server, reader.email, "Your invoice")  # of a shop with the same account
        server.book.accepted[-1]["from"] = "A shop <shop@example.net>"
    accept(server, reader.email, "Your link to Offprint", key=None)
    if provider == "postmark":
        server.book.accepted[-1]["Metadata"] = {"delivery": ""}  # letters have no key
    begun = make_delivery()
    Subscriber.objects.update(created_at=NOW - 99 * HOUR)
    Delivery.objects.filter(pk=begun.pk).update(
        status="in_doubt", maybe_sent_at=NOW + 3 * HOUR - timedelta(minutes=2)
    )
    accept(server, begun.subscriber.email, key=begun.key)
    assert start() == ""
    assert not has_lost_marks()  # they were written anew
    assert len(server.book.searched) >= 1


@pytest.mark.parametrize(
    ("subject", "sender"),
    [
        ("News", "News <digest@xn--bcher-kva.example>"),  # as it goes over the wire
        ("Offprint: a paper of that name", "digest@bücher.example"),
    ],
)
def test_a_digest_is_not_taken_for_anothers_mail_for_how_it_is_written(
    server: Server,
    reader: Subscriber,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    subject: str,
    sender: str,
) -> None:
    use_provider("resend", server, settings)
    settings.DEFAULT_FROM_EMAIL = "News <Digest@bücher.example>"
    settings.OPERATORS_EMAIL = ["ada@example.org"]
    accept(server, reader.email, subject)
    server.book.accepted[-1]["from"] = sender
    assert "older than what was mailed" in start()
    assert "nobody knows whether those were digests" not in caplog.text


def test_a_digest_sent_under_an_earlier_address_is_still_known_for_one(
    server: Server, reader: Subscriber, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    use_provider("resend", server, settings)
    settings.DEFAULT_FROM_EMAIL = "News <old@before.example>"
    with django_capture_on_commit_callbacks(execute=True):
        assert start() == ""
    settings.DEFAULT_FROM_EMAIL = "News <new@example.org>"
    accept(server, reader.email)
    server.book.accepted[-1]["from"] = "News <Old@before.example>"
    MailSender.objects.all().delete()  # a database that is older than that knows it by the file
    assert "older than what was mailed" in start()


def test_an_address_of_our_domain_that_nobody_knows_holds_until_it_is_said_whose_it_is(
    server: Server, reader: Subscriber, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use_provider("resend", server, settings)
    settings.DEFAULT_FROM_EMAIL = "News <new@example.org>"
    accept(server, reader.email)
    server.book.accepted[-1]["from"] = "Shop <shop@example.org>"
    assert "older than what was mailed" in start()
    assert "came from shop@example.org by our account" in caplog.text
    note_sender("Shop@example.org", is_ours=False)
    end_hold(NOW)
    assert start() == ""


@pytest.mark.usefixtures("provider")
def test_what_an_operator_had_sent_once_more_holds_nothing(
    server: Server, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = Delivery.objects.all()
    monkeypatch.setattr(copies, "send_message", lambda _: None)  # the server has it below
    copies.send_again(row, NOW + 3 * HOUR)
    accept(server, reader.email, key=row.key)
    assert start() == ""


@pytest.mark.usefixtures("provider")
def test_it_is_asked_once_for_each_start_and_not_for_each_chunk(
    server: Server, reader: Subscriber
) -> None:
    assert start() == ""
    asked = len(server.book.searched)
    assert asked == 1
    deliver_planned(NOW)
    deliver_planned(NOW)
    assert len(server.book.searched) == asked
    assert reader.pk


@pytest.mark.usefixtures("provider", "reader")
def test_where_the_provider_does_not_answer_and_the_mark_is_lost_the_log_says_what_is_unknown(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.book.search_status = 401
    assert start() == ""
    assert "The high-water mark is lost" in caplog.text
    assert not has_lost_marks()


def test_a_database_that_never_mailed_asks_nobody(server: Server, provider: str) -> None:
    assert start() == ""
    assert server.book.searched == []
    assert provider
