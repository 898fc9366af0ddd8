"""How PostgreSQL goes about each query of compose, deliver and an idle minute.

Each distinct statement is explained with the values it had, on the database as it is then. What is
looked for are sequential scans of tables that grow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from bench import idle, stages
from bench.copy_rows import analyze_tables
from digest import deliver

SHORTEST = 5_000  # rows: a table below is read faster from end to end than by an index
EXPLAINED = ("SELECT", "UPDATE", "DELETE", "INSERT")
Statement = tuple[str, Any]


def find_sequential_scans(limit: int) -> dict[str, Any]:
    """Compose for some, deliver that, and live an idle minute: the tables read from end to end."""
    large = list_large_tables()
    works: tuple[tuple[str, Callable[[], object]], ...] = (
        ("compose", lambda: stages.run_compose(limit)),
        ("deliver", lambda: deliver.deliver_planned(stages.END_OF_DAY)),
        ("idle minute", lambda: idle.run_minute(idle.list_calls())),
    )
    found: dict[str, Any] = {"tables": large}
    for name, work in works:
        if name == "idle minute":
            idle.let_nothing_be_due()
        with record_statements() as statements:
            work()
        analyze_tables()
        scans = {table for one in statements.items() for table in explain(one) if table in large}
        found[name] = {"statements": len(statements), "scanned": sorted(scans)}
    return found


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
