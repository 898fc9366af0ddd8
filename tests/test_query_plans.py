"""What runs every minute reads no table that grows from end to end, on PostgreSQL.

Thousands of synthetic rows stand in for millions: enough for the planner to see that an index is
cheaper. The statistics are those of the middle of an edition, when half of all deliveries were
open, though none is any more: so a planner sees the table through most of a night.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from digest import compose, tasks
from digest.compose.profiles import read_profiles
from digest.deliver.call_marks import begin_calls, give_back
from digest.deliver.claims import claim
from digest.flight import history
from digest.flight.history import compare_with_earlier
from digest.match.spelling_hint import suggest_spelling
from digest.models import Delivery, Edition
from digest.watch import clock
from subscribers import tasks as subscriber_tasks
from subscribers.models import Subscriber
from tests.factories import make_source

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="It is about PostgreSQL's plans."),
]
GROWING = {
    *("digest_delivery", "digest_match", "digest_paper", "digest_entry", "digest_snapshot"),
    *("digest_providerevent", "digest_mailtrace", "subscribers_topic", "subscribers_interest"),
    *("subscribers_subscriber", "subscribers_leaning", "subscribers_formeraddress"),
}
MINUTE: list[Callable[[], Any]] = [
    tasks.ingest_due,
    tasks.score_and_match,
    tasks.compose_due,
    tasks.deliver_planned,
    tasks.sweep,
    tasks.settle_doubts,
    tasks.count_figures,
    subscriber_tasks.send_pending_confirmations,
    subscriber_tasks.send_asked_links,
]
# Eight days of 2,000 subscribers with a few of 30,000 topics each, all sent; 40 papers a day for
# seven months.
ROWS = """
INSERT INTO subscribers_topic (id, query, normal_form, slug, anchor, created_at, matched_at)
  SELECT i, 'topic ' || i, ' topic ' || i || ' ', 'topic-' || i, 'topic', now(), now()
  FROM generate_series(1, 30000) i;
INSERT INTO digest_paper (id, identifier, doi, title, folded_title, abstract, authors, organization,
    url, code_url, categories, summary, published_at, first_seen_at, news_at, available_at,
    normal_form, matched_at, trend, trend_parts)
  SELECT i, 'arxiv:' || i, '', 'Paper ' || i, 'paper ' || i, '', '[]', '', 'https://example.org',
    '', '["cs.CL"]', '', at, at, at, at, ' paper ', at, i % 7, '{"version": 1}'
  FROM generate_series(1, 8400) i,
    LATERAL (SELECT now() - interval '1 day' * (8400 - i) / 40) t(at);
INSERT INTO digest_match (paper_id, topic_id, strength, "where", made_at)
  SELECT p.id, 1 + (p.id * 31 + k * 97) % 2000, 1, 'topic',
    greatest(p.matched_at, now() - interval '20 days')
  FROM digest_paper p, generate_series(1, 4) k;
INSERT INTO digest_snapshot (paper_id, taken_at, upvotes, comments)
  SELECT id, news_at, 3, 0 FROM digest_paper;
INSERT INTO digest_entry (source_id, paper_id, guid, announce_type, published_at, seen_at)
  SELECT (SELECT max(id) FROM digest_source), id, identifier, 'new', news_at, news_at
  FROM digest_paper;
INSERT INTO subscribers_subscriber (id, email, mailbox, spelling, status, timezone, send_hour,
    cadence, max_papers, next_digest_at, created_at, confirmed_at, confirmations_sent, wishes)
  SELECT i, 'reader' || i || '@example.org', md5(i::text), md5(i::text), 'active', 'UTC', 8,
    'daily', 10, now() + interval '1 hour' * (1 + i % 23), now(), now(), 1, '{}'
  FROM generate_series(1, 2000) i;
INSERT INTO subscribers_interest (subscriber_id, topic_id, mode)
  SELECT id, 1 + (id * 13 + k * 7) % 2000, 'follow'
  FROM subscribers_subscriber, generate_series(1, 5) k;
INSERT INTO subscribers_leaning (subscriber_id, kind, term, said, steps)
  SELECT id, 'word', 'stem', 'word', 2 FROM subscribers_subscriber;
INSERT INTO subscribers_formeraddress (subscriber_id, email, left_at, told_at)
  SELECT id, 'former' || id || '@example.org', now(), now() FROM subscribers_subscriber;
INSERT INTO digest_mailtrace (fingerprint, mailed_at, left_at)
  SELECT id, now(), now() FROM subscribers_subscriber;
INSERT INTO digest_edition (id, date)
  SELECT 1000000 + d, current_date - d FROM generate_series(1, 8) d;
INSERT INTO digest_delivery (edition_id, subscriber_id, status, quiet_reason, contents,
    covers_until, key, attempts, provider, call, message_id, error, claimed_at, maybe_sent_at)
  SELECT 1000000 + d, s.id, CASE WHEN d <= 4 THEN 'planned' ELSE 'failed' END, '',
    '{"version": 1, "papers": []}', at, gen_random_uuid(), 1, 'test', '', s.id || '-' || d, '',
    at, at
  FROM generate_series(1, 8) d, subscribers_subscriber s,
    LATERAL (SELECT now() - interval '1 day' * d) t(at);
INSERT INTO digest_providerevent (provider, event_id, kind, verdict, said, happened_at, received_at,
    effect, message_id, mailbox, domain, subscriber_id, delivery_id)
  SELECT 'test', id::text, 'delivered', 'arrived', '', covers_until, covers_until, 'noted',
    message_id, 'a', 'example.org', subscriber_id, id
  FROM digest_delivery WHERE edition_id <= 1000003;
"""
SENT = "UPDATE digest_delivery SET status = 'sent', sent_at = claimed_at"
Query = tuple[str, Any]


@pytest.fixture
def now() -> datetime:
    """A database in which everything was done an hour ago; its present time."""
    make_source(is_active=False)
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL random_page_cost = 1.1")  # as of a disk without a head to move
        cursor.execute(SENT)
    return clock.read_now()


@contextmanager
def captured() -> Iterator[list[Query]]:
    """The queries that are sent meanwhile, with their values."""
    queries: list[Query] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield queries


def list_whole_reads(queries: list[Query]) -> list[str]:
    """The growing tables that these queries read from end to end, each with the query."""
    reads = []
    for sql, params in queries:
        if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (plans,) = cursor.fetchone()
        plans = json.loads(plans) if isinstance(plans, str) else plans
        tables = {node.get("Relation Name") for node in walk(plans[0]["Plan"]) if is_whole(node)}
        reads += [f"{table}: {sql[:400]}" for table in sorted(tables & GROWING)]
    return reads


def is_whole(node: dict[str, Any]) -> bool:
    return node["Node Type"] in {"Seq Scan", "Parallel Seq Scan"}


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from walk(below)


def test_what_runs_every_minute_reads_no_growing_table_from_end_to_end(now: datetime) -> None:
    """One after the other, since the rows take seconds to write."""
    assert _find_reads_of_an_idle_minute() == []
    assert _find_reads_of_composing(now) == []
    assert _find_reads_of_claiming(now) == []


def _find_reads_of_an_idle_minute() -> list[str]:
    for _ in range(3):  # the first of an hour scores papers; old matches go in slices
        tasks.score_and_match()
    tasks.count_figures()  # the first of an hour counts whole tables
    with captured() as queries:
        for task in MINUTE:
            task()
    return list_whole_reads(queries)


def _find_reads_of_composing(now: datetime) -> list[str]:
    moved = {"next_digest_at": now - timedelta(minutes=5), "send_hour": 0}
    Subscriber.objects.filter(pk__lte=4).update(**moved)
    with captured() as queries:
        report = compose.compose_due(now)
    assert report.planned + sum(report.quiet.values()) == 4
    return list_whole_reads(queries)


def test_many_readers_at_once_read_neither_all_topics_nor_all_leanings(now: datetime) -> None:
    """Half of all readers, with a fifth of all topics; few of them gave feedback."""
    subscribers = list(Subscriber.objects.filter(pk__lte=1_000))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM subscribers_leaning WHERE subscriber_id < 981")
        cursor.execute("DELETE FROM subscribers_topic WHERE id > 10000")
        cursor.execute("ANALYZE subscribers_leaning, subscribers_topic")
    with captured() as queries:
        profiles = read_profiles(subscribers, now)
    assert {len(profile.follows) for profile in profiles.values()} == {5}
    assert {pk for pk, profile in profiles.items() if profile.leanings} == set(range(981, 1_001))
    reads = list_whole_reads(queries)
    assert [r for r in reads if r.startswith(("subscribers_topic:", "subscribers_leaning:"))] == []


def _find_reads_of_claiming(now: datetime) -> list[str]:
    edition = Edition.objects.create(date=now.date() + timedelta(days=9))
    rows = [
        Delivery(edition=edition, subscriber_id=pk, covers_until=now, contents={})
        for pk in range(1, 201)
    ]
    Delivery.objects.bulk_create(rows)
    with captured() as queries:
        assert len(claim(now, size=4)) == 4  # in proportion to so few rows
    return list_whole_reads(queries)


def test_an_edition_that_no_statistics_know_yet_is_not_gone_through_for_each_chunk(
    now: datetime,
) -> None:
    """They are of the hours before it, when nothing was open, as they are when mails leave."""
    edition = Edition.objects.create(date=now.date())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE digest_delivery")
        cursor.execute(OPEN_ROWS, [edition.pk, now])
    due = {"next_digest_at": now - timedelta(minutes=5), "send_hour": 0}
    Subscriber.objects.filter(pk__lte=4).update(**due)
    with wasted() as counts:
        report = compose.compose_due(now)
        assert report.planned + sum(report.quiet.values()) == 4
        taken = claim(now, size=4)
        assert len(begin_calls(taken, now)) == 4
        give_back(taken)
        compare_with_earlier(edition, now)
        assert history._count_papers(Edition.objects.get(pk=1000002)) == 0.0
    assert [said for count, said in counts if count > 500] == []


OPEN_ROWS = """
INSERT INTO digest_delivery (edition_id, subscriber_id, status, quiet_reason, contents,
    covers_until, key, attempts, provider, call, message_id, error)
  SELECT %s, id, 'planned', '', '{"version": 1, "papers": [{"id": 1}]}', %s, gen_random_uuid(), 0,
    '', '', '', ''
  FROM subscribers_subscriber WHERE id > 4;
"""


@contextmanager
def wasted() -> Iterator[list[tuple[int, str]]]:
    """How many deliveries each query reads meanwhile and drops; tried out before it is made."""
    counts: list[tuple[int, str]] = []

    def try_out(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE")) and "digest_delivery" in sql:
            point = transaction.savepoint()
            with connection.wrap_database_errors, connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                (plans,) = cursor.fetchone()
            transaction.savepoint_rollback(point)
            nodes = walk(plans[0]["Plan"])
            counts.append((sum(map(count_dropped, nodes)), sql[:400]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(try_out):
        yield counts


def count_dropped(node: dict[str, Any]) -> int:
    if node.get("Relation Name") != "digest_delivery":
        return 0
    return int(node.get("Rows Removed by Filter", 0) * node["Actual Loops"])


WORDS = """
INSERT INTO digest_paper (id, identifier, doi, title, folded_title, abstract, authors, organization,
    url, code_url, categories, summary, published_at, first_seen_at, news_at, available_at,
    normal_form, matched_at, trend, trend_parts)
  SELECT i, 'arxiv:' || i, '', 'Paper ' || i, 'paper ' || i, '', '[]', '', 'https://example.org',
    '', '["cs.CL"]', '', now(), now(), now(), now(), ' paper ', now(), 1, '{"version": 1}'
  FROM generate_series(1, 3000) i;
INSERT INTO digest_paperwords (paper_id, title, abstract, names)
  SELECT id, ' paper number' || id || ' ', ' many word' || id || ' ', '' FROM digest_paper
  ON CONFLICT DO NOTHING;
ANALYZE digest_paperwords;
"""


def test_words_that_no_paper_holds_are_looked_up_in_their_index(
    django_assert_max_num_queries: Any,
) -> None:
    """What a slip of the pen may have meant: five hundred words, for anybody who types one."""
    with connection.cursor() as cursor:
        cursor.execute(WORDS)
    asked = list[tuple[str, Any]]()

    def keep(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if "digest_paperwords" in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep), django_assert_max_num_queries(20):
        assert suggest_spelling("solugonalo") == ""
    assert len(asked) == 2
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in asked:
            cursor.execute(f"EXPLAIN {sql}", params)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Bitmap Index Scan on digest_paperwords_index" in plan, plan
            assert "Backward" not in plan
