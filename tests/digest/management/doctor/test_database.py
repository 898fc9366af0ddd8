"""What the rows of a running service say of its health."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from digest.management.doctor import database
from digest.models import DailyFigure, ProviderEvent, Source
from digest.watch import clock, heartbeat
from digest.watch.daily_figures import write_figures
from tests.digest.management.doctor.healthy_site import found
from tests.factories import NOW, make_delivery, make_pause, make_source, make_subscriber
from tests.fake_clocks import FakeClocks


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
    ("queues", "named"),
    [(["deliver"], "deliver"), (["letters", "deliver"], "letters and deliver")],
)
def test_a_queue_that_no_worker_looks_into_is_noticed_before_anything_is_late(
    well: Any, queues: list[str], named: str
) -> None:
    for queue in queues:
        heartbeat.note_answer(queue, NOW - timedelta(minutes=4))
    said = f"No worker has answered beat's calls to {named} in the last three minutes."
    assert found() == [(True, said)]


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


def test_a_clock_that_was_set_is_told_until_it_is_right_or_accepted(
    well: Any, clocks: FakeClocks
) -> None:
    clocks.wall += timedelta(days=1)
    clock.read_now()
    [(breaks, sentence)] = found()
    assert (breaks, sentence.split(".")[0]) == (
        False,
        "The clock was set forward by 1 day",
    )
    clock.accept_clock()
    clock.read_now()
    assert found() == []


def test_a_webhook_that_was_never_heard_is_noticed_once_there_was_something_to_report(
    well: Any,
) -> None:
    sent = make_delivery(contents={}, status="sent", sent_at=NOW - timedelta(minutes=5))
    assert found() == [], "it takes a while"
    type(sent).objects.update(sent_at=NOW - timedelta(hours=2))
    [(breaks, said)] = found()
    assert (breaks, said.startswith("postmark has reported nothing")) == (True, True)
    ProviderEvent.objects.create(
        provider="postmark",
        event_id="1",
        kind="delivered",
        verdict="arrived",
        happened_at=NOW,
        received_at=NOW,
    )
    assert found() == []


def test_a_backup_that_is_old_or_was_never_made_is_noticed(well: Any) -> None:
    write_figures(NOW.date(), "backup", {"": (NOW - timedelta(days=3)).timestamp()})
    assert found() == [(False, "The last backup was made on 19 April 2026.")]
    DailyFigure.objects.all().delete()
    assert found() == [(False, "manage.py backup was never run.")]
