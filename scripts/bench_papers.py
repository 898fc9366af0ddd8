"""The made-up papers that bench_pages.py measures pages over: words and names as frequent as real
ones are, a day of 300, topics with matches, and votes for the newest."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any
from urllib.parse import quote

DAYS, LONG_DAY, TOPICS, WORDS = 90, 300, 50, 180
PAPERS = int(os.environ.get("PAPERS", "20000"))
QUERIES = [
    "diffusion policies",
    "model",
    "MODEL",
    "robotics",
    "modeling",
    '"world model"',
    "robots + language -world",
    "title:model + title:language + title:learning",
    " + ".join(["model", "language", "learning", "image", "reward", "video", "agent"] * 3),
    "Ada Lovelace",
    "author:li",
    "cat:cs.CL",
    "nothing like this",
]
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
KNOWN = ["model", "language", "learning", "diffusion", "policy", "world", "robot", "agent", "image"]
KNOWN += ["reward", "video", "modeling", "robotics"]


def fill() -> list[tuple[str, str]]:
    """Put papers with topics and snapshots into the database; return the pages to ask for."""
    from django.db import connection  # noqa: PLC0415 (after django.setup)
    from django.utils import timezone  # noqa: PLC0415

    from digest.match.word_index import store_words  # noqa: PLC0415
    from digest.models import Entry, Match, Paper, Snapshot, Source  # noqa: PLC0415
    from subscribers.models import Topic  # noqa: PLC0415

    chance, now = random.Random(20), timezone.now()
    source = Source.objects.create(kind="feed", url="https://bench.invalid/", title="A bench")
    Paper.objects.bulk_create(papers(chance, now), batch_size=500)
    store_words(Paper.objects.iterator(500))
    rows = list(Paper.objects.order_by("pk").only("pk", "identifier"))
    moments = {"published_at": now, "seen_at": now}
    Entry.objects.bulk_create(
        [Entry(source=source, paper=paper, guid=paper.identifier, **moments) for paper in rows],
        batch_size=500,
    )
    Snapshot.objects.bulk_create(
        [
            Snapshot(paper=paper, taken_at=now - timedelta(hours=hour), upvotes=40 - hour)
            for paper in rows[:3_000]
            for hour in range(24, 0, -4)
        ],
        batch_size=500,
    )
    queries = [f"{KNOWN[n % len(KNOWN)]} topic {n}" for n in range(TOPICS)]
    topics = Topic.objects.get_or_create_topics(queries)
    matches = [
        Match(paper=paper, topic=topic, strength=1.0, where=KNOWN[0], made_at=now)
        for paper in rows[:8_000]
        for topic in chance.sample(topics, 3)
    ]
    Match.objects.bulk_create(matches, batch_size=500)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return pages(now, rows[0].identifier, topics[0].slug)


def pages(now: datetime, identifier: str, slug: str) -> list[tuple[str, str]]:
    """The name and the address of each."""
    long_day = (now - timedelta(days=3)).date()
    return [
        ("today", "/"),
        (f"a day with {LONG_DAY} papers", f"/papers/{long_day}/"),
        ("its month", f"/papers/{long_day:%Y-%m}/"),
        ("a paper", f"/paper/{identifier}/"),
        ("topics", "/topics/"),
        ("a topic", f"/topics/{slug}/"),
        ("the sign-up", "/subscribe/"),
        *((f"search {query}", f"/search?q={quote(query)}") for query in QUERIES),
        ("search model, by trend, page 10", "/search?q=model&sort=trend&page=10"),
        ("search robots…, page 10", f"/search?q={quote('robots + language -world')}&page=10"),
        ("feed of a topic", f"/feeds/topics/{slug}.atom"),
        ("feed of a search", f"/feeds/search.json?q={quote(QUERIES[0])}"),
        ("API papers by trend", "/api/v1/papers?sort=trend"),
        ("API papers of a category", "/api/v1/papers?category=cs.CL"),
        ("sitemap", "/sitemap.xml"),
    ]


def papers(chance: random.Random, now: datetime) -> Iterator[Any]:
    """Papers of words as frequent as words are, some days apart, and one long day."""
    from digest.models import Paper, TrendParts  # noqa: PLC0415 (after django.setup)
    from subscribers.topics import normal_form  # noqa: PLC0415

    words = [*KNOWN, *_words(chance, 30_000)]
    weights = list(accumulate(1 / (rank + 12) for rank in range(len(words))))
    first, last = _words(chance, 400), ["li", *_words(chance, 8_000)]
    shares = list(accumulate(1 / (rank + 20) for rank in range(len(last))))
    for n in range(PAPERS):
        text = chance.choices(words, cum_weights=weights, k=WORDS)
        if n % 40 == 0:
            text[20:22] = ["diffusion", "policy"]
        title, abstract = " ".join(text[:9]).capitalize(), " ".join(text[9:]).capitalize()
        age = timedelta(days=3) if n < LONG_DAY else timedelta(days=chance.uniform(0, DAYS))
        trend = max(0.0, 6 - n / 500) if n < 3_000 else 0.0
        given, names = chance.choices(first, k=5), chance.choices(last, cum_weights=shares, k=5)
        parts = TrendParts(trend=trend, votes=40, comments=3, parts={"votes": trend})
        people = [f"{a} {b}".title() for a, b in zip(given, names, strict=True)]
        yield Paper(
            identifier=f"arxiv:2604.{n:05}",
            title=title,
            folded_title=title.casefold(),
            abstract=f"{abstract}.",
            authors=[*people, *(["Ada Lovelace"] if n % 50 == 0 else [])],
            categories=["cs.CL" if n % 3 else "cs.CV", "cs.LG"],
            url=f"https://arxiv.org/abs/2604.{n:05}",
            published_at=now - age,
            first_seen_at=now - age,
            news_at=now - age,
            normal_form=f"{normal_form(title)}|{normal_form(abstract)}",
            matched_at=now - age,
            trend=trend,
            trend_parts=parts.to_json() if trend else {},
        )


def _words(chance: random.Random, count: int) -> Sequence[str]:
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(count)]
