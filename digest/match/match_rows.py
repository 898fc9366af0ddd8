"""Matches as rows: many at once, in one statement that other workers cannot get in the way of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from django.db import connection

from digest.models.papers import WHERE_CHARS, join_found_words
from subscribers.topics import TopicMatch

_ROWS_AT_ONCE = 10_000  # on PostgreSQL; some two megabytes

# Columns as arrays: as quick as COPY, which cannot deal with rows that are there already. A row
# that would not change is not written; xmax is 0 only for a new one. Topics that an admin deleted
# since the index was made are left out by the join.
_INSERT = """
    INSERT INTO digest_match (paper_id, topic_id, strength, "where", made_at)
    SELECT row.paper_id, row.topic_id, row.strength, row.words, %s
      FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::text[])
           AS row (paper_id, topic_id, strength, words)
      JOIN subscribers_topic topic ON topic.id = row.topic_id
    ON CONFLICT (topic_id, paper_id) DO UPDATE
       SET strength = excluded.strength, "where" = excluded."where"
     WHERE (digest_match.strength, digest_match."where")
           IS DISTINCT FROM (excluded.strength, excluded."where")
    RETURNING xmax = 0
"""


# Half the time of the above. A row that is there already would end it, and so would a topic that is
# not: those that are there are kept from being deleted meanwhile.
_COPY = """
    COPY digest_match (paper_id, topic_id, strength, "where", made_at) FROM STDIN (FORMAT BINARY)
"""
_COPIED_TYPES = ("int8", "int8", "float8", "text", "timestamptz")
_KEEP_TOPICS = """
    SELECT id FROM subscribers_topic WHERE id = ANY(%s::bigint[]) ORDER BY id FOR KEY SHARE
"""

# One statement for all rows, prepared once: what Django's bulk_create does takes ten times as long.
_SQLITE_INSERT = """
    INSERT INTO digest_match (paper_id, topic_id, strength, "where", made_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (topic_id, paper_id) DO UPDATE
       SET strength = excluded.strength, "where" = excluded."where"
     WHERE strength <> excluded.strength OR "where" <> excluded."where"
"""
_SQLITE_TOPICS = "SELECT id FROM subscribers_topic WHERE id IN (SELECT value FROM json_each(%s))"
_SQLITE_KNOWN = """
    SELECT paper_id, topic_id FROM digest_match
     WHERE paper_id IN (SELECT value FROM json_each(%s))
       AND topic_id IN (SELECT value FROM json_each(%s))
"""


class MatchRow(NamedTuple):
    """One topic found in one paper."""

    paper_id: int
    topic_id: int
    strength: float
    where: str


def make_match_row(paper_id: int, topic_id: int, match: TopicMatch) -> MatchRow:
    """The row of a match, with the found words cut to what the column holds."""
    where = join_found_words(match.words)[:WHERE_CHARS]
    return MatchRow(paper_id, topic_id, match.strength, where)


def write_matches(rows: Sequence[MatchRow], now: datetime) -> int:
    """Write the matches and return how many are new; the others keep their date."""
    if connection.vendor == "postgresql":
        starts = range(0, len(rows), _ROWS_AT_ONCE)
        return sum(_insert_arrays(rows[start : start + _ROWS_AT_ONCE], now) for start in starts)
    return _insert_each(rows, now, _read_known(rows)) if rows else 0


def add_matches(rows: Sequence[MatchRow], now: datetime) -> int:
    """Write matches of which none is there yet; return how many, which leaves deleted topics out.

    Call it in a transaction that has locked their papers, as whoever writes a paper's matches does.
    """
    if not rows or connection.vendor != "postgresql":
        return _insert_each(rows, now, set()) if rows else 0
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_TOPICS, [sorted({row.topic_id for row in rows})])
        kept = {pk for (pk,) in cursor.fetchall()}
        added = sort_rows(row for row in rows if row.topic_id in kept)
        with cursor.copy(_COPY) as copy:
            copy.set_types(_COPIED_TYPES)
            for row in added:
                copy.write_row((*row, now))
    return len(added)


def sort_rows(rows: Iterable[MatchRow]) -> list[MatchRow]:
    """In the order of the index of topics and papers, which is then written to page by page."""
    return sorted(rows, key=itemgetter(1, 0))


def _insert_arrays(rows: Sequence[MatchRow], now: datetime) -> int:
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [now, *columns])
        return sum(is_new for (is_new,) in cursor.fetchall())


def _read_known(rows: Sequence[MatchRow]) -> set[tuple[int, int]]:
    """Paper and topic of the matches that are there, among those of these papers and topics."""
    papers, topics = ({row[place] for row in rows} for place in (0, 1))
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE_KNOWN, [json.dumps(sorted(papers)), json.dumps(sorted(topics))])
        return set(cursor.fetchall())


def _insert_each(rows: Sequence[MatchRow], now: datetime, known: set[tuple[int, int]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE_TOPICS, [json.dumps(sorted({row.topic_id for row in rows}))])
        kept = {pk for (pk,) in cursor.fetchall()}
        written = [row for row in sort_rows(rows) if row.topic_id in kept]
        made_at = connection.ops.adapt_datetimefield_value(now)
        cursor.executemany(_SQLITE_INSERT, [(*row, made_at) for row in written])
    return sum(row[:2] not in known for row in written)
