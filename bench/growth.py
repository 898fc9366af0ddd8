"""What the growth axes run on: databases of several sizes, filled by COPY."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bench.copy_rows import analyze_tables, copy_rows, finish_writing
from bench.fill import (
    FIRST_LONG_AGO,
    fill_history,
    fill_papers,
    fill_readers,
    fill_senses,
    fill_topics,
)
from bench.readers import DAY
from subscribers.models import Interest, Subscriber, Topic

FOLLOWED_BY_ONE = 20
LONG_AGO = (FIRST_LONG_AGO, FIRST_LONG_AGO)
FIRST_FOLLOWER = 50_000_000  # an id above those of all readers who get mails
# Not within the day of the run, nor farther than eight days from the earliest past day: that would
# be taken for the work of a clock that went wrong, and be due.
NEVER_DUE = DAY + timedelta(days=1)


def fill_all(readers: int, topics: int, history: int) -> dict[str, Any]:
    """Topics, readers and past days; only the others where the topics are there already."""
    if topics and not Topic.objects.exists():
        fill_topics(topics)
        fill_senses()
    rows = 0
    if readers:
        made = fill_readers(readers, Topic.objects.count())
        rows = fill_history(made, history)
    analyze_tables()
    finish_writing()
    return {"readers": readers, "topics": topics, "deliveries": rows}


def fill_followers(topics: int) -> dict[str, Any]:
    """So many topics, each followed by exactly one reader, who follows twenty."""
    fill_topics(topics)
    readers = -(-topics // FOLLOWED_BY_ONE)
    copy_rows(
        Subscriber,
        (
            "id",
            "email",
            "mailbox",
            "spelling",
            "status",
            "next_digest_at",
            "created_at",
            "confirmed_at",
        ),
        (
            (
                FIRST_FOLLOWER + n,
                email,
                *Subscriber.hash_address(email).values(),
                "active",
                NEVER_DUE,
                *LONG_AGO,
            )
            for n, email in ((n, f"follower{n}@example.org") for n in range(readers))
        ),
    )
    copy_rows(
        Interest,
        ("subscriber_id", "topic_id", "mode", "created_at"),
        (
            (FIRST_FOLLOWER + n // FOLLOWED_BY_ONE, n + 1, "follow", FIRST_LONG_AGO)
            for n in range(topics)
        ),
    )
    analyze_tables()
    return {"topics": topics}


def fill_recent_papers(papers: int, days: int) -> dict[str, Any]:
    """So many papers of the last days up to the day of the run."""
    fill_papers(papers, days)
    analyze_tables()
    return {"papers": papers}
