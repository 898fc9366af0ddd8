"""The same with what PostgreSQL has: a stored tsquery a topic, one query a paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from bench.meter import measure_cost
from subscribers.topics import ParsedTopic, Text, TopicError, parse_topic

_FIND = (
    "WITH paper AS MATERIALIZED (SELECT to_tsvector('english', %s) AS words)"
    " SELECT stored.id, ts_rank(paper.words, stored.wanted)"
    " FROM stored, paper WHERE paper.words @@ stored.wanted"
)


def measure_tsqueries(topics: Iterable[str], texts: Sequence[Text]) -> dict[str, Any] | None:
    """Milliseconds a paper and its hits; None on SQLite, which has nothing like it."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE stored (id int, wanted tsquery)")
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        for number, query in enumerate(topics):
            sql, values = _make_tsquery(query)
            cursor.execute(f"INSERT INTO stored SELECT %s, {sql}", [number, *values])
        cursor.execute("DELETE FROM stored WHERE numnode(wanted) = 0")
        cursor.execute("ANALYZE stored")
        hits = 0
        with measure_cost() as cost:
            for text in texts:
                names = " ".join(text.authors)
                cursor.execute(_FIND, [f"{text.title}. {text.abstract} {names}"])
                hits += len(cursor.fetchall())
    return {"papers": len(texts), "ms": cost.cpu * 1e3 / len(texts), "hits": hits / len(texts)}


def _make_tsquery(query: str) -> tuple[str, list[str]]:
    try:
        topic: ParsedTopic = parse_topic(query)
    except TopicError:
        return "''::tsquery", []
    words = "phraseto_tsquery('english', %s)"
    parts = [words] * len(topic.wanted) + [f"!! {words}"] * len(topic.unwanted)
    return " && ".join(parts), [term.plain for term in (*topic.wanted, *topic.unwanted)]
