"""Operators hear of what is wrong, once an hour, by every way there is."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.pause_watch import PauseWatch
from digest.models import OperatorAlarm
from digest.watch import alarms
from digest.watch.alarms import raise_alarm, resolve_alarm
from tests.factories import NOW, make_source

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECRET = "/hook-with-a-secret"


@pytest.fixture(autouse=True)
def locmem(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.OPERATORS_EMAIL = ["ops@example.org"]
    settings.OPERATORS_WEBHOOK = ""


@pytest.fixture
def posts(settings: Any) -> Iterator[list[dict[str, Any]]]:
    """What a webhook on loopback is told; it answers 500."""
    told: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.OPERATORS_WEBHOOK = f"http://127.0.0.1:{server.server_port}{SECRET}"
        yield told
        server.shutdown()


def test_an_alarm_is_told_at_most_once_an_hour_while_it_lasts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    moments = [NOW, NOW + HOUR / 2, NOW + HOUR, NOW + HOUR * 1.5]
    assert [raise_alarm("x", "It burns.", at) for at in moments] == [True, False, True, False]
    assert [message.subject for message in mail.outbox] == ["Offprint: x"] * 2
    assert mail.outbox[0].body.startswith("It burns.")
    critical = [row for row in caplog.records if row.levelno == logging.CRITICAL]
    assert [row.getMessage() for row in critical] == ["It burns."] * 2


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    raise_alarm("x", "It burns.", NOW + 24 * HOUR)
    assert raise_alarm("x", "It burns.", NOW)


def test_what_is_over_is_shown_no_more_and_an_alarm_that_comes_back_is(
    admin_client: Client,
) -> None:
    raise_alarm("x", "It burns.", NOW)
    assert "It burns." in admin_client.get("/admin/").content.decode()
    assert resolve_alarm("x", NOW)
    assert not resolve_alarm("x", NOW)
    assert "It burns." not in admin_client.get("/admin/").content.decode()
    raise_alarm("x", "It burns again.", NOW + HOUR / 4)
    assert "It burns again." in admin_client.get("/admin/").content.decode()


def test_the_webhook_hears_it_though_the_mail_fails_and_no_log_names_its_address(
    posts: list[dict[str, Any]], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    raise_alarm("x", "It burns.", NOW)
    [post] = posts
    assert (post["kind"], post["text"]) == ("x", "Offprint: It burns.")
    assert "The operators could not be mailed" in caplog.text
    assert "webhook did not take it: HTTPError" in caplog.text
    assert alarms.tell_operators("x", "It burns.", NOW)["webhook"] == "it answered 500"
    assert SECRET not in caplog.text


def test_a_webhook_that_never_answers_holds_nobody_up_for_long(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "WEBHOOK_SECONDS", 0.2)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as deaf:
        settings.OPERATORS_WEBHOOK = f"http://127.0.0.1:{deaf.server_port}/"
        assert raise_alarm("x", "It burns.", NOW)


def test_a_provider_that_refuses_our_account_alarms_until_a_mail_gets_through() -> None:
    watch = PauseWatch("Postmark 12345678")
    watch.note_results([SendResult(Outcome.ACCOUNT_REFUSED, error="401")], NOW)
    alarm = OperatorAlarm.objects.get()
    assert (alarm.kind, alarm.resolved_at) == ("account-refused", None)
    assert alarm.sentence == (
        "The provider refuses our account: 401 Nothing is sent to it. First see whether its keys "
        "are right, then what its own pages say of the account."
    )
    assert watch.find_running(NOW + HOUR) is None
    watch.note_results([SendResult(Outcome.SENT)], NOW + HOUR)
    alarm.refresh_from_db()
    assert alarm.resolved_at == NOW + HOUR


def test_each_way_leads_to_the_page_where_the_first_step_is_taken(
    posts: list[dict[str, Any]], settings: Any
) -> None:
    source = make_source()
    settings.SITE_URL = "https://papers.example.org"
    for kind, url in {
        f"source-{source.pk}": f"/admin/digest/source/{source.pk}/change/",
        "disk-full": "/admin/",
    }.items():
        raise_alarm(kind, "Something is wrong.", NOW)
        assert f"\nhttps://papers.example.org{url}\n" in str(mail.outbox[-1].body)
        assert posts[-1]["url"] == f"https://papers.example.org{url}"
