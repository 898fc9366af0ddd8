"""Who is due is found along the clock, each once, whatever their number."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from digest.compose import compose_due
from digest.compose.due import DueSubscribers, find_waiting
from subscribers.models import FARTHEST_DIGEST, Interest, Topic
from tests.factories import NOW, make_delivery, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def lock_all(size: int) -> list[list[int]]:
    due, chunks = DueSubscribers(NOW), []
    with transaction.atomic():
        while rows := due.lock_next(size):
            chunks.append([row.pk for row in rows])
    return chunks


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_everybody_due_comes_once_the_first_digests_first(size: int) -> None:
    moments: list[datetime | None] = [NOW, NOW - HOUR, None, NOW - HOUR, NOW, None]
    moments += [NOW + FARTHEST_DIGEST + HOUR, NOW + HOUR]
    rows = [make_subscriber(next_digest_at=moment).pk for moment in moments]
    make_subscriber(status="unsubscribed", unsubscribed_at=NOW)
    in_order = [rows[place] for place in (2, 5, 1, 3, 0, 4, 6)]
    chunks = lock_all(size)
    assert [pk for chunk in chunks for pk in chunk] == in_order
    assert all(len(chunk) == size for chunk in chunks[:-1])


def test_who_was_passed_is_not_looked_at_again() -> None:
    """Or a million who are due at the same hour would cost each chunk more than the one before."""
    rows = [make_subscriber(next_digest_at=NOW).pk for _ in range(4)]
    due = DueSubscribers(NOW)
    with transaction.atomic():
        assert [row.pk for row in due.lock_next(2)] == rows[:2]
        with CaptureQueriesContext(connection) as queries:
            assert [row.pk for row in due.lock_next(2)] == rows[2:]
    [query] = queries
    assert f'"id" > {rows[1]}' in query["sql"]


def test_who_stays_due_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.compose.stage.CHUNK", 1)
    waiting = make_reader("never compared")
    Topic.objects.filter(query="never compared").update(matched_at=None)
    other = make_reader("robots")
    assert find_waiting([waiting.pk, other.pk]) == {waiting.pk}
    told: list[int] = []
    compose_due(NOW, progress=told.append)
    assert (waiting.deliveries.count(), other.deliveries.count()) == (0, 1)
    assert told == [1]


def test_whoever_had_a_digest_waits_for_older_papers_too() -> None:
    """A first digest reaches back a week, one after a pause perhaps farther."""
    readers = [make_reader("half compared", next_digest_at=None) for _ in range(3)]
    make_delivery(subscriber=readers[1])
    other = Topic.objects.get_or_create_topics(["never compared"])[0]
    Interest.objects.create(subscriber=readers[2], topic=other)
    Topic.objects.update(matched_at=None)
    ready = frozenset({Topic.objects.get(query="half compared").pk})
    ids = [reader.pk for reader in readers]
    assert find_waiting(ids, ready) == set(ids[1:])
    assert find_waiting(ids) == set(ids)
    compose_due(NOW, ready=ready)
    assert [reader.deliveries.count() for reader in readers] == [1, 1, 0]


def test_nobodys_interests_are_read_where_every_topic_was_compared() -> None:
    reader = make_reader("robots")
    with CaptureQueriesContext(connection) as queries:
        assert find_waiting([reader.pk]) == set()
    assert not any(Interest._meta.db_table in query["sql"] for query in queries)
