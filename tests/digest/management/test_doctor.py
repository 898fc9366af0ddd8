"""manage.py doctor names what is missing for production, and what to do about it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from digest.management.doctor import database, examine
from digest.models import Source
from digest.watch import heartbeat
from tests.factories import NOW, make_delivery, make_pause, make_source, make_subscriber

GOOD = {
    "DEBUG": False,
    "SITE_URL": "https://papers.example.org",
    "SITE_IS_LOCAL": False,
    "ALLOWED_HOSTS": ["papers.example.org"],
    "SECRET_KEY": "k" * 50,
    "REDIS_URL": "redis://somewhere",
    "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
    "ANYMAIL": {
        "POSTMARK_SERVER_TOKEN": "token",
        "WEBHOOK_SECRET": "name:password",
        "SEND_DEFAULTS": {"track_opens": False},
    },
    "DEFAULT_FROM_EMAIL": "Offprint <digest@mail.example.org>",
    "POSTAL_ADDRESS": "Example Lab",
}


@pytest.fixture
def well(settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site that wants for nothing; the settings can be made worse from here."""
    # A test on SQLite must not hear that it is one, but for the test about that.
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    for name, value in GOOD.items():
        setattr(settings, name, value)
    heartbeat.note_answer(NOW)
    Source.objects.all().delete()
    make_source(title="cs.CL", last_fetched_at=NOW, next_fetch_at=NOW)
    get_user_model().objects.create(username="admin", is_staff=True)  # a hash would cost time
    return settings


def found() -> list[tuple[bool, str]]:
    return [(symptom.breaks_mail, symptom.found) for symptom in examine(NOW)]


def test_a_site_that_wants_for_nothing_is_told_so(well: Any) -> None:
    out = StringIO()
    call_command("doctor", now=NOW.isoformat(), stdout=out)
    assert out.getvalue() == "Nothing would break mail; nothing worth a look.\n"


@pytest.mark.parametrize(
    ("name", "value", "breaks", "said"),
    [
        ("DEBUG", True, False, "DEBUG is on"),
        ("SITE_IS_LOCAL", True, True, "leads to the reader's own machine"),
        ("SITE_URL", "http://papers.example.org", True, "without https"),
        ("ALLOWED_HOSTS", ["*"], False, "ALLOWED_HOSTS lets anybody"),
        ("SECRET_KEY", "django-insecure-" + "x" * 40, False, "SECRET_KEY is short, or an example"),
        ("SECRET_KEY", "short", False, "SECRET_KEY is short"),
        ("REDIS_URL", "", False, "REDIS_URL is not set"),
        ("EMAIL_BACKEND", settings.OUTBOX_BACKEND, True, "goes into the local outbox"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", True, "No mail leaves"),
        ("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend", False, "by SMTP"),
        ("ANYMAIL", {k: v for k, v in GOOD["ANYMAIL"].items() if "TOKEN" not in k}, True, "TOKEN"),
        ("ANYMAIL", GOOD["ANYMAIL"] | {"WEBHOOK_SECRET": "word"}, True, "WEBHOOK_SECRET"),
        ("ANYMAIL", GOOD["ANYMAIL"] | {"SEND_DEFAULTS": {}}, False, "told with each mail"),
        ("DEFAULT_FROM_EMAIL", "Offprint <offprint@localhost>", True, "nobody can look up"),
        ("DEFAULT_FROM_EMAIL", "a@elsewhere.org", False, "Mail comes from elsewhere.org"),
        ("POSTAL_ADDRESS", "", False, "POSTAL_ADDRESS is empty"),
    ],
)  # fmt: skip
def test_each_setting_that_is_amiss_is_named(
    name: str, value: Any, breaks: bool, said: str, well: Any
) -> None:
    setattr(well, name, value)
    [(breaks_mail, sentence)] = found()
    assert (breaks_mail, said in sentence) == (breaks, True)


def test_a_key_made_by_the_machine_itself_is_noticed(well: Any, tmp_path: Any) -> None:
    well.VAR_DIR = tmp_path
    (tmp_path / "secret_key").write_text(well.SECRET_KEY)
    [(breaks, sentence)] = found()
    assert (breaks, "one this machine made for itself" in sentence) == (False, True)


def test_sqlite_is_no_place_for_many_workers(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(well.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    [(breaks, sentence)] = found()
    assert (breaks, sentence.startswith("The database is SQLite")) == (False, True)


def test_a_redis_that_does_not_answer_breaks_mail(well: Any, monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionRefusedError("Connection refused")

    monkeypatch.setattr("django.core.cache.cache.get", refuse, raising=False)
    assert found() == [(True, "Redis does not answer: Connection refused.")]


def test_sources_in_trouble_are_named_with_what_they_say(well: Any) -> None:
    make_source(title="Down", state="failing", failures=3, last_error="HTTP 500.")
    make_source(title="Old", state="stale", note="Still Friday's.")
    make_source(title="Gone", state="stopped", is_active=False, last_error="HTTP 410.")
    Source.objects.update(last_fetched_at=NOW, next_fetch_at=NOW)
    assert found() == [
        (False, "Down has failed 3 times: HTTP 500."),
        (False, "Old is stale: Still Friday's."),
        (False, "Gone was stopped: HTTP 410."),
    ]


def test_no_working_source_at_all_breaks_mail(well: Any) -> None:
    Source.objects.update(state="failing", failures=9, last_error="HTTP 500.")
    assert found() == [(True, "cs.CL has failed 9 times: HTTP 500.")]
    Source.objects.all().delete()
    assert found() == [(True, "There is no active source, so no paper ever comes.")]


def test_a_worker_or_a_beat_that_does_not_run_is_noticed(well: Any) -> None:
    make_subscriber(next_digest_at=NOW - timedelta(hours=3))
    Source.objects.update(next_fetch_at=NOW - timedelta(hours=2))
    sentences = [sentence for breaks, sentence in found() if breaks]
    assert sentences == [
        "Sources that are due are not asked: no worker, or no beat, seems to run.",
        "Digests are over two hours late, for 1 subscriber.",
    ]


@pytest.mark.parametrize(
    ("answered", "since"),
    [(None, "so far"), (NOW - timedelta(minutes=6), "since 2026-04-22 11:54 UTC")],
)
def test_a_worker_that_nobody_wakes_is_noticed_before_anything_is_late(
    well: Any, answered: Any, since: str
) -> None:
    cache.delete(heartbeat._ANSWERED) if answered is None else heartbeat.note_answer(answered)
    assert found() == [(True, f"No worker has answered beat's calls {since}.")]


def test_what_the_provider_did_of_late_is_told(well: Any) -> None:
    make_delivery(status="failed")
    make_delivery(status="in_doubt")
    make_pause()
    make_pause(provider="another account", until=NOW + timedelta(minutes=9))
    Source.objects.update(last_fetched_at=NOW, next_fetch_at=NOW)
    assert [sentence for _, sentence in found()] == [
        "The provider asked for a pause, or refused our account, until 12:05 UTC.",
        "Deliveries since yesterday that are failed: 1.",
        "Deliveries since yesterday that are in doubt: 1.",
    ]


def test_nobody_who_can_sign_in_is_worth_a_look(well: Any) -> None:
    get_user_model().objects.update(is_staff=False)
    assert found() == [(False, "Nobody can sign in to the admin.")]


def test_pending_migrations_and_a_silent_database_are_all_that_is_said_of_rows(
    well: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one", "two"])
    [(breaks, sentence)] = found()
    assert (breaks, sentence.startswith("2 migrations are pending")) == (True, True)

    def refuse(*_: Any) -> None:
        raise OperationalError("connection refused\n  at port 5432")

    monkeypatch.setattr(MigrationExecutor, "migration_plan", refuse)
    assert found() == [(True, "The database does not answer: connection refused at port 5432")]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no clock of its own.")
def test_clocks_apart_are_noticed(well: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(database, "SKEW", timedelta(seconds=-1))
    [(breaks, sentence)] = found()
    assert (breaks, "seconds apart" in sentence) == (False, True)


def test_what_would_break_mail_comes_first_and_ends_in_exit_code_1(well: Any) -> None:
    well.DEBUG, well.POSTAL_ADDRESS, well.EMAIL_BACKEND = True, "", well.OUTBOX_BACKEND
    out = StringIO()
    with pytest.raises(CommandError, match=r"^1 thing would break mail, 2 more worth a look\.$"):
        call_command("doctor", now=NOW.isoformat(), stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("BREAKS MAIL: No mail leaves")
    assert lines[1] == (
        "    Set ANYMAIL_PROVIDER and its keys, or EMAIL_URL for an SMTP server; see .env.example."
    )
    assert [line.split(":")[0] for line in lines[2::2]] == ["Worth a look"] * 2
