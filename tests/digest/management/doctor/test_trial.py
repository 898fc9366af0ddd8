"""A test mail goes out for real, and what the provider's webhook says of it is awaited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from digest.deliver.outbox import read_outbox
from digest.management.doctor.trial import send_trial
from subscribers.models import Suppression
from tests.factories import NOW
from tests.provider_server import Server, provider_server

ADDRESS = "me@example.org"
HEADERS = {"Authorization": "Basic bmFtZTpwYXNzd29yZA=="}  # name:password


@pytest.fixture
def server(well: Any) -> Iterator[Server]:
    """Postmark on loopback."""
    cache.clear()
    with provider_server() as server:
        well.ANYMAIL = well.ANYMAIL | {"POSTMARK_API_URL": server.url}
        yield server


def report_to_webhook(server: Server, what: dict[str, str]) -> None:
    """What Postmark posts: https://postmarkapp.com/developer/webhooks/delivery-webhook."""
    [row] = server.book.accepted
    said = {"Recipient": row["To"], "Metadata": row["Metadata"], "MessageID": "of-postmark", **what}
    url = "/anymail/postmark/tracking/"
    client = Client(SERVER_NAME="papers.example.org")
    answer = client.post(url, json.dumps(said), "application/json", headers=HEADERS)
    assert answer.status_code == 200


def test_the_report_that_comes_back_is_said(server: Server) -> None:
    looks: list[float] = []

    def report_at_the_second_look(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            report_to_webhook(server, {"RecordType": "Delivery"})

    trial = send_trial(ADDRESS, 60, report_at_the_second_look)
    assert trial.said == "The test mail was handed over and reported as delivered."
    assert (trial.is_good, len(looks)) == (True, 2)
    [row] = server.book.accepted
    assert row["Subject"] == "A test mail of Offprint"
    assert (row["TrackOpens"], row["To"]) == (False, ADDRESS)


def test_a_test_mail_that_bounces_is_no_good(server: Server) -> None:
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "Email": ADDRESS, "ID": "1"}
    trial = send_trial(ADDRESS, 60, lambda _seconds: report_to_webhook(server, bounce))
    assert (trial.is_good, "reported as bounced" in trial.said) == (False, True)


def test_where_no_report_comes_the_webhook_is_to_be_looked_at(server: Server) -> None:
    trial = send_trial(ADDRESS, 0, lambda _seconds: None)
    assert not trial.is_good
    assert "https://papers.example.org/anymail/postmark/tracking/" in trial.said


def test_what_the_provider_refuses_is_said_in_its_words(server: Server) -> None:
    server.book.refused[ADDRESS] = 406
    trial = send_trial(ADDRESS, 60)
    assert trial.said == "The test mail did not leave (rejected): Refused with code 406."


def test_of_a_mail_whose_call_got_no_answer_nobody_says_that_it_did_not_leave(
    server: Server,
) -> None:
    server.book.faults.append("drop")
    trial = send_trial(ADDRESS, 60)
    assert not trial.is_good
    assert trial.said.startswith("Nobody knows whether the test mail left:")
    assert len(server.book.accepted) == 1


def test_a_suppressed_address_gets_no_test_mail_either(server: Server) -> None:
    Suppression.objects.suppress(ADDRESS, "manual")
    trial = send_trial("Me@example.org", 60)
    assert (trial.is_good, server.book.calls) == (False, [])
    assert "is suppressed" in trial.said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REDIS_URL", "", "without REDIS_URL is not heard"),
        ("EMAIL_BACKEND", "digest.deliver.outbox.OutboxBackend", "takes an email provider"),
    ],
)
def test_where_no_report_can_be_heard_nobody_waits(
    name: str, value: str, said: str, server: Server, well: Any
) -> None:
    setattr(well, name, value)
    trial = send_trial(ADDRESS, 60)
    assert (trial.is_good, said in trial.said) == (True, True)
    if name == "EMAIL_BACKEND":
        [letter] = read_outbox(well.OUTBOX_DIR)
        assert letter.to == ADDRESS


def test_the_command_says_what_became_of_it(server: Server, capsys: Any) -> None:
    with pytest.raises(CommandError, match="within 0 seconds nothing was reported"):
        call_command("doctor", offline=True, now=NOW.isoformat(), send_to=ADDRESS, wait=0)
    with pytest.raises(CommandError, match="--send-to: “nobody” is no address"):
        call_command("doctor", offline=True, now=NOW.isoformat(), send_to="nobody")
    with pytest.raises(CommandError, match="“soon” is no number of seconds from 0 to 3600"):
        call_command("doctor", "--send-to", ADDRESS, "--wait", "soon")
    assert len(server.book.accepted) == 1
