"""What beat's calls do where something they lean on is away, and when they call for more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import Error, OperationalError, ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerIsGone
from redis.exceptions import ConnectionError as RedisIsGone

from bench.idle import list_calls, run_minute
from digest import deliver, match, tasks
from digest.models import Delivery, Paper, ProviderEvent
from digest.watch import heartbeat
from subscribers.models import Acronym, Topic
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader

pytestmark = pytest.mark.django_db
# In a minute. The clock of tests is no server's, so that the time is read with its rows by two
# statements where one does it.
MOST_QUESTIONS = 92


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """After how many seconds workers were called for."""
    called: list[float] = []

    def call(countdown: float, **_: Any) -> None:
        called.append(countdown)

    monkeypatch.setattr(tasks.deliver_planned, "apply_async", call)
    return called


def test_without_a_redis_papers_are_scored_and_matched_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisIsGone

    make_paper()
    monkeypatch.setattr(cache, "get", fail)
    monkeypatch.setattr(cache, "set", fail)
    tasks.score_and_match()
    assert Paper.objects.get().matched_at is not None


def test_the_sweep_forgets_old_reports() -> None:
    old = timezone.now() - timedelta(days=31)
    ProviderEvent.objects.create(
        provider="Postmark",
        event_id="1",
        kind="x",
        verdict="none",
        happened_at=old,
        received_at=old,
    )
    tasks.sweep()
    assert not ProviderEvent.objects.exists()


@pytest.mark.cached
def test_a_queue_is_answered_for_itself() -> None:
    cache.clear()
    tasks.answer("letters")
    answers = heartbeat.read_answers(["letters", "deliver"])
    assert (answers["letters"] is None, answers["deliver"]) == (False, None)


def test_a_run_whose_time_is_up_calls_for_another(
    woken: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_delivery(covers_until=timezone.now())
    tasks.deliver_planned()
    assert woken == []
    make_delivery(covers_until=timezone.now())
    monkeypatch.setattr(tasks, "DELIVER_SECONDS", -1.0)
    tasks.deliver_planned()
    assert woken == [0.0]


def test_a_worker_that_is_told_to_end_begins_no_first_digest(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = make_delivery(covers_until=timezone.now())
    monkeypatch.setattr(tasks, "is_ending", lambda: True)
    tasks.deliver_first(delivery.subscriber_id)
    assert not mailoutbox
    monkeypatch.setattr(tasks, "is_ending", lambda: False)
    tasks.deliver_first(delivery.subscriber_id)
    assert [mail.to for mail in mailoutbox] == [[delivery.subscriber.email]]


def test_whoever_composes_a_first_digest_does_not_wait_for_the_provider(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_match(make_paper(), "diffusion policy")
    reader = make_reader("diffusion policy", next_digest_at=None)
    called: list[tuple[int, ...]] = []
    monkeypatch.setattr(tasks.deliver_first, "apply_async", lambda args, **_: called.append(args))
    tasks.first_digest(reader.pk)
    assert (called, len(mailoutbox)) == ([(reader.pk,)], 0)
    tasks.first_digest(reader.pk)  # a call that comes twice
    assert len(called) == 1
    tasks.deliver_first(reader.pk)
    tasks.deliver_first(999)  # is gone
    assert [mail.to for mail in mailoutbox] == [[reader.email]]


def test_a_first_digest_is_composed_before_its_topics_are_matched_with_older_papers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_paper(title="Robots grasp", news_at=timezone.now(), first_seen_at=timezone.now())
    match.match_papers(timezone.now())
    Acronym.objects.create(short="RAG", stems="retriev", papers=3, learned_on=NOW.date())
    reader = make_reader("robots", next_digest_at=None)
    Topic.objects.update(matched_at=None)
    called: list[str] = []
    for task in (tasks.deliver_first, tasks.score_and_match):
        monkeypatch.setattr(
            task, "apply_async", lambda *_, name=task.name, **__: called.append(name)
        )
    tasks.first_digest(reader.pk)
    assert [d.status for d in reader.deliveries.all()] == ["planned"]
    assert Topic.objects.get().matched_at is None
    assert called == ["digest.tasks.deliver_first", "digest.tasks.score_and_match"]
    tasks.score_and_match()
    assert Topic.objects.get().matched_at


def test_composing_makes_room_for_other_calls_and_goes_on_in_another_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_match(make_paper(), "diffusion policy")
    make_reader("diffusion policy")
    called: list[float] = []
    monkeypatch.setattr(
        tasks.compose_due, "apply_async", lambda **how: called.append(how["expires"])
    )
    monkeypatch.setattr(tasks, "COMPOSE_SECONDS", -1.0)
    tasks.compose_due()
    assert (len(called), Delivery.objects.count()) == (1, 0)
    monkeypatch.setattr(tasks, "COMPOSE_SECONDS", 30.0)
    tasks.compose_due()
    assert (len(called), Delivery.objects.count()) == (1, 1)


def test_after_a_providers_pause_a_run_is_called_for_the_moment_it_ends(
    woken: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    until = timezone.now() + timedelta(seconds=20)
    report = deliver.DeliverReport(stopped="It asked for a pause.", waits_until=until)
    monkeypatch.setattr(deliver, "deliver_planned", lambda *_, **__: report)
    tasks.deliver_planned()
    assert 18 < woken[0] <= 20


def test_where_more_is_in_doubt_another_run_is_called_for(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[float] = []

    def settle(*_: Any, on_more: Any, **__: Any) -> None:
        on_more(12.0)

    monkeypatch.setattr(deliver, "settle_doubts", settle)
    monkeypatch.setattr(
        tasks.settle_doubts, "apply_async", lambda countdown, **_: called.append(countdown)
    )
    tasks.settle_doubts()
    assert called == [12.0]
    monkeypatch.setattr(tasks, "is_ending", lambda: True)
    tasks.settle_doubts()
    assert called == [12.0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OperationalError("connection\n refused"), "is away (connection refused)"),
        (ProgrammingError("column x does not exist\nLINE 1: x"), "run `manage.py migrate`"),
        (OperationalError("no such column: x"), "run `manage.py migrate`"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line_in_the_log(
    error: Error, said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(deliver, "deliver_planned", fail)
    tasks.deliver_planned()
    [record] = caplog.records
    assert (record.levelname, record.exc_info) == ("ERROR", None)
    assert said in record.getMessage()
    assert "\n" not in record.getMessage()


def test_where_no_worker_can_be_called_beat_will_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise BrokerIsGone

    monkeypatch.setattr(tasks.deliver_planned, "apply_async", fail)
    tasks.wake_deliverer()


@pytest.mark.cached
def test_a_minute_with_nothing_due_asks_few_questions() -> None:
    """All that beat calls, some of it four times: a question each is what remains of most."""
    calls = list_calls()
    for _ in range(2):
        run_minute(calls)
    with CaptureQueriesContext(connection) as captured:
        run_minute(calls)
    assert len(captured) <= MOST_QUESTIONS, [query["sql"][:90] for query in captured]
