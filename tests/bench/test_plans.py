"""Query plans and processes, read as `make bench` reads them."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from bench import meter
from bench.idle import list_calls
from bench.machine import describe_machine, find_parent, read_family_cpu, read_own_cpu
from bench.meter import measure_cost
from bench.plans import list_scanned, record_statements, size_chunk
from digest.models import Paper


def test_sequential_scans_are_found_at_any_depth_of_a_plan() -> None:
    scan = {"Node Type": "Seq Scan", "Relation Name": "digest_delivery"}
    index = {"Node Type": "Index Scan", "Relation Name": "digest_paper"}
    plan = {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [index, scan]}]}
    assert list(list_scanned(plan)) == ["digest_delivery"]


@pytest.mark.parametrize(("readers", "chunk"), [(6_000, 12), (100_000, 200), (2_000_000, 2_000)])
def test_plans_are_of_as_many_readers_at_once_as_of_a_million(readers: int, chunk: int) -> None:
    assert size_chunk(readers) == chunk


@pytest.mark.django_db
def test_statements_are_recorded_once_and_counted_each_time() -> None:
    with record_statements() as statements, measure_cost() as cost:
        for number in (1, 2):
            Paper.objects.filter(pk=number).exists()
    assert len([sql for sql in statements if "digest_paper" in sql]) == 1
    assert cost.queries == 2
    assert (cost.database is None) == (connection.vendor != "postgresql")


@pytest.mark.django_db
def test_what_it_takes_to_measure_is_none_of_the_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    used = [0.0]

    def look_at_database(*_: object) -> float:
        used[0] += 5.0
        return used[0]

    monkeypatch.setattr(meter, "read_own_cpu", lambda: used[0])
    monkeypatch.setattr(meter, "read_database_cpu", look_at_database)
    monkeypatch.setattr(
        meter, "_read_database_counts", lambda: (int(look_at_database()), int(used[0]))
    )
    with measure_cost() as cost:
        used[0] += 1.0
    assert cost.client == 1.0


def test_an_idle_minute_calls_what_beat_calls_as_often_as_beat_does() -> None:
    calls = {task.name: times for task, _, times in list_calls()}
    assert calls["digest.tasks.compose_due"] == 1
    assert calls["digest.tasks.deliver_planned"] == 4
    assert "subscribers.tasks.forget_unconfirmed" not in calls


def test_processes_are_read_from_proc_and_the_machine_is_described() -> None:
    assert read_own_cpu() > 0
    assert "system" in describe_machine()
    if os.path.exists("/proc/self/stat"):
        assert find_parent(os.getpid()) == os.getppid()
        assert read_family_cpu(os.getpid()) > 0
    assert read_family_cpu(-1) is None
