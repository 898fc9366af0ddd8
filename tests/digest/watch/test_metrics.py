"""What Prometheus is told is what stands in the rows and in Redis."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import DatabaseError
from prometheus_client import CollectorRegistry, generate_latest

from digest.models import Delivery, DomainPause, Edition
from digest.watch import heartbeat, metrics
from digest.watch.metrics import ServiceCollector, read_metrics
from tests.factories import NOW, make_delivery, make_pause, make_reader, make_source

MINUTE = timedelta(minutes=1)
pytestmark = [pytest.mark.cached, pytest.mark.django_db]
Values = dict[str, dict[tuple[str, ...], float]]


def read_values() -> Values:
    """By name, and then by the values of the labels."""
    return {
        family.name: {tuple(one.labels.values()): one.value for one in family.samples}
        for family in read_metrics(NOW)
    }


def test_deliveries_are_counted_by_edition_and_state_and_zero_is_said() -> None:
    days = [NOW.date() - n * timedelta(days=1) for n in range(3)]
    editions = [Edition.objects.create(date=day) for day in days]
    for edition in editions:
        make_delivery(edition=edition, status="planned")
    make_delivery(edition=editions[0], status="in_doubt")
    make_delivery(edition=editions[2], status="in_doubt")
    values = read_values()
    counts = values["offprint_deliveries"]
    assert {edition for edition, _ in counts} == {"2026-04-22", "2026-04-21"}
    assert {state for _, state in counts} == set(Delivery.Status.values)
    assert counts["2026-04-22", "planned"] == counts["2026-04-22", "in_doubt"] == 1
    assert counts["2026-04-21", "sent"] == 0
    assert values["offprint_deliveries_in_doubt"] == {(): 2}


def test_what_waits_too_long_shows_by_its_age() -> None:
    make_delivery(status="planned", covers_until=NOW - 7 * MINUTE)
    make_delivery(status="planned", covers_until=NOW - MINUTE)
    make_delivery(status="quiet", quiet_reason="no_match", covers_until=NOW - 90 * MINUTE)
    make_reader("robots", next_digest_at=NOW - 3 * MINUTE)
    make_reader("robots", next_digest_at=NOW + MINUTE)
    values = read_values()
    assert values["offprint_delivery_oldest_waiting_seconds"] == {(): 420}
    assert values["offprint_compose_oldest_due_seconds"] == {(): 180}


def test_where_nothing_waits_nothing_is_old() -> None:
    values = read_values()
    assert values["offprint_delivery_oldest_waiting_seconds"] == {(): 0}
    assert values["offprint_compose_oldest_due_seconds"] == {(): 0}
    assert values["offprint_database_up"] == {(): 1}


def test_pauses_in_force_are_told() -> None:
    make_pause(provider="resend", paused_at=NOW - MINUTE, until=NOW + 2 * MINUTE)
    make_pause(provider="brevo", paused_at=NOW - 2 * MINUTE, until=NOW - MINUTE)
    for domain, until in (("a.example", NOW + MINUTE), ("b.example", NOW - MINUTE)):
        DomainPause.objects.create(domain=domain, paused_at=NOW - 5 * MINUTE, until=until)
    values = read_values()
    assert values["offprint_provider_pause_seconds"] == {("resend",): 120}
    assert values["offprint_paused_domains"] == {(): 1}


def test_each_active_source_says_when_it_was_read_last() -> None:
    read = make_source(title="Read", last_fetched_at=NOW)
    failing = make_source(title="Failing", failures=3, last_error="It is down.")
    stopped = make_source(title="Stopped", is_active=False)
    values = read_values()
    last = values["offprint_source_last_success_timestamp_seconds"]
    assert last[str(read.pk), "Read"] == NOW.timestamp()
    assert last[str(failing.pk), "Failing"] == 0
    assert (str(stopped.pk), "Stopped") not in last
    assert values["offprint_source_failures"][str(failing.pk), "Failing"] == 3


@pytest.mark.services
def test_queues_and_the_last_answer_are_read_from_redis() -> None:
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()
        heartbeat.note_answer("letters", NOW)
        current_app.send_task("digest.tasks.sweep")
        values = read_values()
        broker.default_channel.client.flushdb()
    assert sum(values["offprint_queue_length"].values()) == 1
    assert set(values["offprint_queue_length"]) == {(name,) for name in current_app.amqp.queues}
    assert values["offprint_redis_up"] == {(): 1}
    answered = values["offprint_worker_last_answer_timestamp_seconds"]
    assert (answered["letters",], answered["ingest",]) == (NOW.timestamp(), 0)


@pytest.mark.services
def test_a_redis_that_is_away_is_told_and_the_rest_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.forgiving_cache, "describe_outage", lambda: "refused")
    values = read_values()
    assert values["offprint_redis_up"] == {(): 0}
    assert "offprint_queue_length" not in values
    assert values["offprint_database_up"] == {(): 1}


def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise DatabaseError("away")

    monkeypatch.setattr(metrics, "_read_deliveries", fail)
    values = read_values()
    assert values["offprint_database_up"] == {(): 0}
    assert "offprint_deliveries" not in values


def test_who_asks_again_at_once_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def read(now: Any) -> list[Any]:
        asked.append(now)
        return []

    monkeypatch.setattr(metrics, "read_metrics", read)
    monkeypatch.setattr(metrics.connection, "close", lambda: None)
    collector = ServiceCollector(lambda: NOW)
    assert [list(collector.collect()) for _ in range(3)] == [[], [], []]
    assert asked == [NOW]


def test_the_answer_is_what_prometheus_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.connection, "close", lambda: None)
    make_delivery(status="planned")
    registry = CollectorRegistry()
    registry.register(ServiceCollector(lambda: NOW))
    said = generate_latest(registry).decode()
    assert '\noffprint_deliveries{edition="2026-04-22",state="planned"} 1.0\n' in said
    assert "@" not in said
