"""How PostgreSQL goes about each query of compose, deliver and an idle minute.

Each distinct statement is explained with the values it had, on the database as it is then. What is
looked for are sequential scans of tables that grow. Composing takes as many readers at once as it
does of a million, in proportion: a sixteenth of all rows is read faster from end to end, however
many there will be. What is done once an edition, or once an hour, is told apart from the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from bench import idle, stages
from bench.copy_rows import analyze_tables
from digest import deliver
from digest.compose import stage as compose_stage
from subscribers.models import Subscriber

SHORTEST = 5_000  # rows: a table below is read faster from end to end than by an index
A_MILLION = 1_000_000  # readers: what is asked for is in proportion to them
FEWEST, MOST_CHUNKS = 4, 4
SHOWN = 600  # characters of a statement that reads a table from end to end
EXPLAINED = ("SELECT", "UPDATE", "DELETE", "INSERT")
Statement = tuple[str, Any]


def find_sequential_scans(limit: int) -> dict[str, Any]:
    """Compose for some, deliver that, and live an idle minute: the tables read from end to end."""
    large = list_large_tables()

    def hand_over() -> None:
        deliver.deliver_planned(stages.END_OF_DAY)

    def live_minute() -> None:
        idle.run_minute(idle.list_calls())

    works: tuple[tuple[str, Callable[[], object], Callable[[], object]], ...] = (
        ("compose", lambda: compose_in_proportion(limit), list),
        ("an edition begins", hand_over, list),
        ("deliver", hand_over, stages.plan_again),
        ("an hour begins", live_minute, idle.let_nothing_be_due),
        ("idle minute", live_minute, list),
    )
    found: dict[str, Any] = {"tables": large}
    for name, work, prepare in works:
        prepare()
        with record_statements() as statements:
            work()
        analyze_tables()
        scans = {
            table: one[0][:SHOWN]
            for one in statements.items()
            for table in explain(one)
            if table in large
        }
        found[name] = {"statements": len(statements), "scanned": sorted(scans), "by": scans}
    return found


def compose_in_proportion(limit: int) -> None:
    """Compose for some of those who are due, so many at once as `size_chunk` says."""
    chunk = size_chunk(Subscriber.objects.count())
    with mock.patch.object(compose_stage, "CHUNK", chunk):
        stages.run_compose(min(limit, MOST_CHUNKS * chunk))


def size_chunk(readers: int) -> int:
    """How many readers are composed for at once of so many, where it is CHUNK of a million."""
    return max(FEWEST, compose_stage.CHUNK * min(readers, A_MILLION) // A_MILLION)


def list_large_tables() -> dict[str, int]:
    """The tables with SHORTEST rows or more, and how many that are by the last ANALYZE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint FROM pg_class JOIN pg_namespace n "
            "ON n.oid = relnamespace WHERE relkind IN ('r', 'p') AND nspname = 'public' "
            "AND reltuples >= %s ORDER BY relname",
            [SHORTEST],
        )
        return dict(cursor.fetchall())


@contextmanager
def record_statements() -> Iterator[dict[str, Any]]:
    """Every distinct statement of the block, with the values of the first time."""
    statements: dict[str, Any] = {}

    def record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many and sql.lstrip().upper().startswith(EXPLAINED):
            statements.setdefault(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


def explain(statement: Statement) -> set[str]:
    """The tables that this statement reads from end to end; it is planned, not executed."""
    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        [[plans]] = cursor.fetchall()
    plan = json.loads(plans) if isinstance(plans, str) else plans
    return set(list_scanned(plan[0]["Plan"]))


def list_scanned(node: dict[str, Any]) -> Iterator[str]:
    """The tables of all sequential scans at this node of a plan and below it."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from list_scanned(below)
