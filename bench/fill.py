"""Fill a database: python -m bench.fill --readers 2000 --topics 2000 --history 30

Topics, readers and past days go in by COPY; papers by `--papers`, matched with nothing, or in the
bench by the product itself (bench/stages.py). Give it an empty database that was migrated.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from bench.copy_rows import analyze_tables, copy_rows
from bench.feeds import find_number
from bench.papers import MadePaper, make_papers
from bench.readers import DAY, MadeReader, make_readers
from bench.topics import list_broad_topics, make_topics
from digest.match.word_index import store_words
from digest.models import Delivery, Edition, Entry, Paper, Source, TopicSense
from subscribers.models import Interest, Subscriber, Topic
from subscribers.models.leanings import Leaning
from subscribers.topics import choose_anchor, normal_form, parse_topic, slugify_topic
from subscribers.topics.terms import TopicError

FIRST_LONG_AGO = DAY - timedelta(days=400)
# Topics come one by one: those of the last hour may not all be there yet, and are asked for.
BETWEEN_TOPICS = timedelta(seconds=10)
FEEDBACK_SHARE = 0.01
WORDS_AT_ONCE = 2_000  # papers
PAST_COLUMNS = (
    *("edition_id", "subscriber_id", "status", "quiet_reason", "contents", "covers_until"),
    *("key", "claimed_at", "sent_at", "message_id", "attempts"),
)
PAPER_COLUMNS = (
    *("id", "identifier", "title", "folded_title", "abstract", "authors", "categories", "url"),
    *("published_at", "first_seen_at", "news_at", "available_at", "matched_at", "normal_form"),
)
QUIET_SHARE = 0.25  # of past days' readers had no mail
QUIET_CONTENTS = {"version": 1, "papers": [], "note": "None of the new papers is in your topics."}
EARLIER_PAPERS = 900_000_000  # ids that no paper has: what was in the mails of past days


def fill_topics(count: int) -> int:
    """So many topics, each followed by nobody yet and matched; the broad ones come last."""
    copy_rows(
        Topic,
        ("id", "query", "normal_form", "slug", "anchor", "created_at", "matched_at"),
        _make_topic_rows(count),
    )
    return count


def fill_senses() -> None:
    """Let what each topic's papers teach be due, as if they were all followed for long."""
    # All are read before COPY begins, which is alone on its connection.
    ids = list(Topic.objects.order_by("pk").values_list("pk", flat=True))
    rows = ((pk, 0.0, "", FIRST_LONG_AGO) for pk in ids)
    copy_rows(TopicSense, ("topic_id", "floor", "words", "due_at"), rows)


def _make_topic_rows(count: int) -> Iterator[tuple[Any, ...]]:
    forms, slugs, broad = set[str](), set[str](), list_broad_topics()[:count]
    candidates = (topic for topic in make_topics(2 * count + 20) if topic not in broad)
    pk = 0
    for query in _put_last(candidates, broad, count):
        try:
            topic = parse_topic(query)
        except TopicError:  # nobody could follow it: “some”
            continue
        slug = slugify_topic(topic.query)
        if topic.normal_form in forms:
            continue
        if slug in slugs:
            slug = slugify_topic(topic.query, topic.normal_form)
        pk += 1
        forms.add(topic.normal_form)
        slugs.add(slug)
        anchor, made_at = choose_anchor(topic), FIRST_LONG_AGO + pk * BETWEEN_TOPICS
        yield pk, topic.query, topic.normal_form, slug, anchor, made_at, made_at
        if pk == count:
            return


def _put_last(candidates: Iterator[str], broad: Sequence[str], count: int) -> Iterator[str]:
    """The broad topics first in the table's order would be the most followed: they are not."""
    yield from islice(candidates, max(count - len(broad), 0) // 2)
    yield from broad
    yield from candidates


def find_broad_ranks(count: int) -> list[int]:
    """The ranks (id - 1) of five broad topics among the first `count`."""
    broad = list_broad_topics()
    ids = Topic.objects.filter(query__in=broad, pk__lte=count).order_by("pk")
    return [pk - 1 for pk in ids.values_list("pk", flat=True)][:5]


def fill_readers(count: int, topics: int) -> list[MadeReader]:
    """So many active readers with their interests."""
    readers = list(make_readers(count, topics, find_broad_ranks(topics)))
    names = (
        "id",
        "email",
        "mailbox",
        "spelling",
        "status",
        "timezone",
        "send_hour",
        "cadence",
        "max_papers",
    )
    copy_rows(
        Subscriber,
        (*names, "next_digest_at", "created_at", "confirmed_at"),
        map(_make_subscriber_row, readers),
    )
    copy_rows(
        Interest,
        ("subscriber_id", "topic_id", "mode", "created_at"),
        (
            (r.number, rank + 1, mode, FIRST_LONG_AGO)
            for r in readers
            for mode, ranks in (("follow", r.follows), ("mute", r.mutes))
            for rank in ranks
        ),
    )
    fill_leanings(readers)
    return readers


def _make_subscriber_row(reader: MadeReader) -> tuple[Any, ...]:
    wish = (reader.timezone, reader.send_hour, reader.cadence, reader.max_papers)
    dates = (reader.due_at, FIRST_LONG_AGO, FIRST_LONG_AGO)
    hashes = Subscriber.hash_address(reader.email)
    return (reader.number, reader.email, *hashes.values(), "active", *wish, *dates)


def fill_leanings(readers: Sequence[MadeReader]) -> None:
    """What one reader in a hundred has said of papers, as the leanings that follow from it."""
    dice = random.Random(4)
    chosen = [r for r in readers if dice.random() < FEEDBACK_SHARE]
    copy_rows(
        Leaning,
        ("subscriber_id", "kind", "term", "said", "steps"),
        (
            (r.number, "topic", str(r.follows[0] + 1), "a topic", dice.choice((-2, 1, 3)))
            for r in chosen
        ),
    )


def fill_history(readers: Sequence[MadeReader], days: int) -> int:
    """A delivery to every reader on each of the days before; how many rows that are."""
    dice, rows = random.Random(5), 0
    for ago in range(days, 0, -1):
        day = (DAY - timedelta(days=ago)).date()
        edition, _ = Edition.objects.get_or_create(date=day)
        due = [r for r in readers if is_due_on(r, day.weekday())]
        copy_rows(
            Delivery,
            PAST_COLUMNS,
            (_make_past_row(dice, edition.pk, reader, ago) for reader in due),
        )
        rows += len(due)
    return rows


def is_due_on(reader: MadeReader, weekday: int) -> bool:
    """Whether somebody of this cadence gets a mail on that day of the week; Monday is 0."""
    days = {"daily": 7, "weekdays": 5, "weekly": 1}[reader.cadence]
    return weekday < days


def _make_past_row(
    dice: random.Random, edition: int, reader: MadeReader, ago: int
) -> tuple[Any, ...]:
    at = min(reader.due_at, DAY + timedelta(hours=23)) - timedelta(days=ago)
    key = UUID(int=dice.getrandbits(128), version=4)
    if dice.random() < QUIET_SHARE:
        row = (edition, reader.number, "quiet", "no_match", QUIET_CONTENTS, at)
        return (*row, key, None, None, "", 0)
    contents = make_past_contents(dice, reader, ago)
    return edition, reader.number, "sent", "", contents, at, key, at, at, key.hex, 1


def make_past_contents(dice: random.Random, reader: MadeReader, ago: int) -> dict[str, Any]:
    """As compose writes them, with papers that are no longer there."""
    first = EARLIER_PAPERS - 1_000 * ago
    topics = [[rank + 1, "a topic of theirs", "a topic"] for rank in reader.follows[:1]]
    papers = [
        {
            "id": first + dice.randrange(1_000),
            "section": "new",
            "topics": topics,
            "evidence": "",
            "lacks": "so",
        }
        for _ in range(min(reader.max_papers, dice.choice((1, 2, 4, 8))))
    ]
    return {
        "version": 1,
        "papers": papers,
        "seen": 250,
        "sources": [],
        "number": 400 - ago,
        "lists": "arXiv",
        "cadence": reader.cadence,
    }


def fill_papers(count: int, days: int, until: datetime = DAY) -> None:
    """So many papers spread over so many days up to `until`, matched with no topic."""
    source, _ = Source.objects.get_or_create(
        url="https://bench.example.org/list", defaults={"title": "A list", "kind": "feed"}
    )
    moments = [until - timedelta(days=days * (n + 0.5) / count) for n in range(count)][::-1]
    copy_rows(
        Paper,
        PAPER_COLUMNS,
        map(_make_paper_row, make_papers(count, seed=9, first=1), moments),
    )
    copy_rows(
        Entry,
        ("source_id", "paper_id", "guid", "published_at", "seen_at"),
        ((source.pk, n + 1, f"{n + 1}", at, at) for n, at in enumerate(moments)),
    )
    fill_words()


def fill_words() -> None:
    """What all papers are found by, as stage 3 would have written it."""
    ids = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), WORDS_AT_ONCE):
        store_words(Paper.objects.filter(pk__in=ids[start : start + WORDS_AT_ONCE]))


def _make_paper_row(paper: MadePaper, at: datetime) -> tuple[Any, ...]:
    number = find_number(paper)
    texts = (paper.title, paper.title.casefold(), paper.abstract)
    form = f"{normal_form(paper.title)}|{normal_form(paper.abstract)}"
    lists = (list(paper.authors), list(paper.categories))
    url = f"https://arxiv.org/abs/{number}"
    return (paper.number, f"arxiv:{number}", *texts, *lists, url, at, at, at, at, at, form)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("readers", 2_000), ("topics", 2_000), ("papers", 0), ("history", 30)):
        parser.add_argument(f"--{name}", type=int, default=number)
    sizes = parser.parse_args()
    if Subscriber.objects.exists() or Paper.objects.exists():
        sys.exit("This database is not empty. Name another one in DATABASE_URL, and migrate it.")
    fill_topics(sizes.topics)
    readers = fill_readers(sizes.readers, sizes.topics)
    fill_history(readers, sizes.history)
    if sizes.papers:
        fill_papers(sizes.papers, 365)
    analyze_tables()
    print(f"{len(readers):,} readers of {sizes.topics:,} topics, {sizes.history} days of history.")


if __name__ == "__main__":
    main()
