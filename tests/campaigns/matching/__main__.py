"""What matching costs in milliseconds of the processor, as one line of JSON.

python -m tests.campaigns.matching [--topics N] [--stored N] [--texts FILE] [--no-tsqueries]

Asks the database of DATABASE_URL, which must be empty; on PostgreSQL its own stored tsqueries are
measured beside ours (scripts/with_services.py brings one). `per_paper` is reading a paper, finding
which of all topics may be in it, and matching these with strength and words; `stage` is all of
stage 3 for 200 papers, rows included; `new_topic` is one new topic against all stored papers;
`first_digest` is what a confirmation with three topics leads to before a mail is handed over.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench.copy_rows import analyze_tables, copy_rows  # noqa: E402
from bench.fill import fill_words  # noqa: E402
from bench.meter import measure_cost  # noqa: E402
from digest.compose import compose_due  # noqa: E402
from digest.match import match_papers  # noqa: E402
from digest.match.process_cache import process_cache  # noqa: E402
from digest.models import Delivery, Entry, Match, Paper, Source  # noqa: E402
from subscribers.models import Interest, Subscriber, Topic  # noqa: E402
from subscribers.topics import (  # noqa: E402
    Text,
    TopicError,
    choose_anchor,
    find_topic,
    normal_form,
    parse_once,
    parse_topic,
)
from subscribers.topics import read_text as read  # noqa: E402
from tests.campaigns.matching.material import make_material  # noqa: E402
from tests.campaigns.matching.tsqueries import measure_tsqueries  # noqa: E402

NOW = datetime(2026, 4, 22, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
MEASURED, STAGE_PAPERS, NEW_TOPICS, TSQUERY_PAPERS = 200, 200, 40, 20
TOPIC_COLUMNS = ("id", "query", "normal_form", "slug", "anchor", "created_at", "matched_at")
PAPER_COLUMNS = (
    *("id", "identifier", "title", "folded_title", "abstract", "authors", "categories", "url"),
    *("published_at", "first_seen_at", "news_at", "available_at", "matched_at", "normal_form"),
)


def main() -> None:
    options = read_options()
    call_command("migrate", verbosity=0)
    if Paper.objects.exists() or Topic.objects.exists():
        sys.exit("This database is not empty. Name another one in DATABASE_URL.")
    papers, queries = make_material(options.texts, options.topics)
    store_topics(queries)
    store_papers(papers, options.stored)
    analyze_tables()
    said: dict[str, Any] = {"topics": options.topics, "stored": options.stored}
    said |= {"database": connection.vendor, "texts": str(options.texts or "bench")}
    said["per_paper"] = measure_papers(list(islice(papers, MEASURED)))
    said["stage"] = measure_stage(papers)
    said["new_topic"] = measure_new_topics()
    said["first_digest"] = measure_first_digest()
    if not options.no_tsqueries:
        stored = Topic.objects.values_list("query", flat=True).iterator()
        said["tsqueries"] = measure_tsqueries(stored, list(islice(papers, TSQUERY_PAPERS)))
    print(json.dumps(said))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", type=int, default=100_000, metavar="N")
    parser.add_argument("--stored", type=int, default=100_000, metavar="N", help="papers")
    parser.add_argument("--texts", type=Path, metavar="FILE", help="JSONL: title, abstract, …")
    parser.add_argument("--no-tsqueries", action="store_true")
    return parser.parse_args()


def store_topics(queries: Iterable[str]) -> None:
    """Topics that one reader follows, compared with all papers, made one after another."""
    reader = Subscriber.objects.create(email="reader@example.org", status="pending")
    copy_rows(Topic, TOPIC_COLUMNS, make_topic_rows(queries))
    ids = Topic.objects.values_list("pk", flat=True)
    copy_rows(Interest, ("subscriber_id", "topic_id"), ((reader.pk, pk) for pk in ids))


def make_topic_rows(queries: Iterable[str]) -> Iterator[Sequence[Any]]:
    forms, spelled = set[str](), set[str]()
    for query in queries:
        try:
            topic = parse_topic(query)
        except TopicError:
            continue
        if topic.normal_form in forms or topic.query in spelled:
            continue
        forms.add(topic.normal_form)
        spelled.add(topic.query)
        number, anchor = len(forms), choose_anchor(topic)
        made_at = LONG_AGO + timedelta(seconds=number)
        yield number, topic.query, topic.normal_form, f"t-{number}", anchor, made_at, LONG_AGO


def store_papers(papers: Iterator[Text], count: int) -> None:
    """Papers of the last four weeks that were matched before, each listed by one source."""
    source = Source.objects.create(kind="feed", url="https://feed.example.org/a", title="A list")
    step = timedelta(days=28) / max(count, 1)
    moments = [NOW - step * (count - n) for n in range(count)]
    copy_rows(
        Paper,
        PAPER_COLUMNS,
        (make_row(n, text, at) for n, (text, at) in enumerate(zip(papers, moments, strict=False))),
    )
    copy_rows(
        Entry,
        ("source_id", "paper_id", "guid", "published_at", "seen_at"),
        ((source.pk, n + 1, str(n), at, at) for n, at in enumerate(moments)),
    )
    fill_words()


def make_row(number: int, text: Text, at: datetime) -> Sequence[Any]:
    form = f"{normal_form(text.title)}|{normal_form(text.abstract)}"
    lists = (list(text.authors), list(text.categories), f"https://arxiv.org/abs/{number}")
    texts = (text.title, f"paper {number}", text.abstract)
    return (number + 1, f"arxiv:{number}", *texts, *lists, at, at, at, at, at, form)


def measure_papers(texts: Sequence[Text]) -> dict[str, float]:
    index, learned = process_cache.get_topic_index(), process_cache.get_learned(NOW)
    queries = dict(Topic.objects.values_list("pk", "query"))
    hits, found = 0, []
    with measure_cost() as reading:
        readings = [read(text, learned.acronyms, learned.statistics) for text in texts]
        forms = [reading.normal_form for reading in readings]
    with measure_cost() as finding:
        for text, form in zip(texts, forms, strict=True):
            found.append(index.find_candidates(form, text, learned.acronyms))
    topics = {pk: parse_once(queries[pk]) for pk in set().union(*found)}
    with measure_cost() as matching:
        for paper, candidates in zip(readings, found, strict=True):
            hits += sum(find_topic(topics[pk], paper) is not None for pk in candidates)
    return {
        "hits": hits / len(texts),
        "candidates": sum(map(len, found)) / len(texts),
        "read_ms": reading.client * 1e3 / len(texts),
        "find_ms": finding.client * 1e3 / len(texts),
        "match_ms": matching.client * 1e3 / len(texts),
        "whole_ms": (reading.client + finding.client + matching.client) * 1e3 / len(texts),
    }


def measure_stage(papers: Iterator[Text]) -> dict[str, float]:
    first = Paper.objects.order_by("-pk").values_list("pk", flat=True)[0]
    rows = [make_row(first + n, next(papers), NOW) for n in range(STAGE_PAPERS)]
    copy_rows(Paper, PAPER_COLUMNS, ([*row[:-2], None, ""] for row in rows))
    with measure_cost() as cost:
        report = match_papers(NOW)
    return {
        "papers": report.papers,
        "matches": report.matches,
        "own_ms_per_paper": cost.client * 1e3 / STAGE_PAPERS,
        "database_ms_per_paper": (cost.database or 0.0) * 1e3 / STAGE_PAPERS,
    }


def measure_new_topics() -> dict[str, Any]:
    """Each topic alone, as somebody who confirms brings it; those that are popular are among it."""
    count = Topic.objects.count()
    places = sorted({round(count ** (n / NEW_TOPICS)) for n in range(NEW_TOPICS)})
    costs = []
    for topic in Topic.objects.filter(pk__in=places):
        Match.objects.filter(topic=topic).delete()
        Topic.objects.filter(pk=topic.pk).update(matched_at=None)
        with measure_cost() as cost:
            report = match_papers(NOW)
        costs.append((round(cost.cpu * 1e3, 1), report.matches, topic.query))
    costs.sort()
    return {
        "topics": len(costs),
        "median_ms": median(cost for cost, *_ in costs),
        "mean_ms": sum(cost for cost, *_ in costs) / len(costs),
        "ms_per_match": sum(cost for cost, *_ in costs) / sum(found for _, found, _ in costs),
        "most": costs[-3:],
        "median_matches": median(matches for _, matches, _ in costs),
    }


def measure_first_digest() -> dict[str, Any]:
    """Somebody confirms three topics, one of them popular, in a process that is just up."""
    reader = Subscriber.objects.create(
        email="first@example.org",
        status="active",
        confirmed_at=NOW,
        next_digest_at=NOW,
        wants_passing=True,  # a small catalogue has little that is all about a topic
    )
    topics = Topic.objects.filter(pk__in=(20, 500, 3_000))
    topics.update(matched_at=None)
    Match.objects.filter(topic__in=topics).delete()
    Interest.objects.bulk_create(Interest(subscriber=reader, topic=topic) for topic in topics)
    process_cache.forget_all()
    with measure_cost() as matching:
        report = match_papers(NOW)
    with measure_cost() as composing:
        compose_due(NOW, only=reader.email)
    [delivery] = Delivery.objects.filter(subscriber=reader)
    return {
        "matches": report.matches,
        "status": delivery.status,
        "papers": len(delivery.contents["papers"]),
        "match_ms": matching.cpu * 1e3,
        "compose_ms": composing.cpu * 1e3,
    }


if __name__ == "__main__":
    main()
