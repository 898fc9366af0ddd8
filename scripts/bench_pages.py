"""Measure the public pages over 20,000 made-up papers: `python scripts/bench_pages.py`.

Fills a throwaway database, once SQLite and once a PostgreSQL of its own, serves it with gunicorn
and two workers as in production, and asks for each page one after another on a kept connection.
Prints milliseconds to the last byte (median and 95th percentile), those of them that a processor
worked for the page, bytes as sent and as read, and database queries. Nothing of yours is read or
written, and everything started is stopped.
"""

from __future__ import annotations

import gzip
import http.client
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAPERS, DAYS, LONG_DAY, TOPICS, WORDS = 20_000, 90, 300, 200, 180
REQUESTS = 40
QUERIES = [
    "diffusion policies",
    "model",
    '"world model"',
    "Ada Lovelace",
    "cat:cs.CL",
    "robots + language -world",
    "nothing like this",
]
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
KNOWN = [
    "model",
    "language",
    "learning",
    "diffusion",
    "policy",
    "world",
    "robot",
    "agent",
    "image",
    "reward",
    "video",
]


def main() -> None:
    if "--measure" in sys.argv:
        measure()
        return
    sys.path.insert(0, str(ROOT / "scripts"))
    from with_services import services  # noqa: PLC0415 (beside this file)

    with TemporaryDirectory(prefix="offprint-bench-") as folder:
        again(folder, {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "REDIS_URL": ""})
    with TemporaryDirectory(prefix="offprint-bench-") as folder, services() as servers:
        again(folder, servers.env)


def again(folder: str, env: dict[str, str]) -> None:
    """The same script on this database; settings are read once a process."""
    settings = {"VAR_DIR": folder, "LOG_LEVEL": "ERROR", "SECRET_KEY": "bench", "DEBUG": "0"}
    command = [sys.executable, __file__, "--measure"]
    subprocess.run(command, env={**os.environ, **settings, **env}, cwd=ROOT, check=True)


def measure() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django  # noqa: PLC0415 (reads the settings)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    pages = fill()
    print(f"\n{connection.vendor}, {PAPERS:,} papers, gunicorn with two workers")
    print(
        f"{'page':34} {'median':>7} {'p95':>7} {'work':>7} {'sent':>8} {'read':>8} {'queries':>8}"
    )
    with served() as port:
        warm(port)
        for name, path in pages:
            report(name, path, port)


def fill() -> list[tuple[str, str]]:
    """Papers with topics and snapshots; the pages to ask for."""
    from django.db import connection  # noqa: PLC0415 (after django.setup)
    from django.utils import timezone  # noqa: PLC0415

    from digest.models import Entry, Match, Paper, Snapshot, Source  # noqa: PLC0415
    from subscribers.models import Topic  # noqa: PLC0415

    chance, now = random.Random(20), timezone.now()
    source = Source.objects.create(kind="feed", url="https://bench.invalid/", title="A bench")
    Paper.objects.bulk_create(papers(chance, now), batch_size=500)
    rows = list(Paper.objects.order_by("pk"))
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
    topics = Topic.objects.get_or_create_topics(queries[:50])
    matches = [
        Match(paper=paper, topic=topic, strength=1.0, where=KNOWN[0], made_at=now)
        for paper in rows[:8_000]
        for topic in chance.sample(topics, 3)
    ]
    Match.objects.bulk_create(matches, batch_size=500)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    long_day = (now - timedelta(days=3)).date()
    return [
        ("today", "/"),
        (f"a day with {LONG_DAY} papers", f"/papers/{long_day}/"),
        ("its month", f"/papers/{long_day:%Y-%m}/"),
        ("a paper", f"/paper/{rows[0].identifier}/"),
        ("topics", "/topics/"),
        ("a topic", f"/topics/{topics[0].slug}/"),
        *((f"search {query}", f"/search?q={quoted(query)}") for query in QUERIES),
        ("feed of a topic", f"/feeds/topics/{topics[0].slug}.atom"),
        ("feed of a search", f"/feeds/search.json?q={quoted(QUERIES[0])}"),
        ("API papers by trend", "/api/v1/papers?sort=trend"),
        ("API papers of a category", "/api/v1/papers?category=cs.CL"),
        ("sitemap", "/sitemap.xml"),
    ]


def quoted(query: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 (used here alone)

    return quote(query)


def papers(chance: random.Random, now: datetime) -> Iterator[Any]:
    """Papers of words as frequent as words are, some days apart, and one long day."""
    from digest.models import Paper  # noqa: PLC0415 (after django.setup)
    from subscribers.topics import normal_form  # noqa: PLC0415

    made = ("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(30_000))
    words = [*KNOWN, *made]
    weights = list(accumulate(1 / (rank + 12) for rank in range(len(words))))
    for n in range(PAPERS):
        text = chance.choices(words, cum_weights=weights, k=WORDS)
        if n % 40 == 0:
            text[20:22] = ["diffusion", "policy"]
        title, abstract = " ".join(text[:9]).capitalize(), " ".join(text[9:]).capitalize()
        age = timedelta(days=3) if n < LONG_DAY else timedelta(days=chance.uniform(0, DAYS))
        trend = max(0.0, 6 - n / 500) if n < 3_000 else 0.0
        yield Paper(
            identifier=f"arxiv:2604.{n:05}",
            title=title,
            folded_title=title.casefold(),
            abstract=f"{abstract}.",
            authors=[
                "Ada Lovelace" if n % 50 == 0 else "Ben Berg",
                "Cleo Cruz",
                "Dan",
                "Eva",
                "Fi",
            ],
            categories=["cs.CL" if n % 3 else "cs.CV", "cs.LG"],
            url=f"https://arxiv.org/abs/2604.{n:05}",
            published_at=now - age,
            first_seen_at=now - age,
            news_at=now - age,
            normal_form=f"{normal_form(title)}|{normal_form(abstract)}",
            matched_at=now - age,
            trend=trend,
            trend_parts={"votes": 40, "comments": 3, "parts": {"votes": trend}} if trend else {},
        )


@contextmanager
def served() -> Iterator[int]:
    """gunicorn on a free port of this machine, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = ["-m", "gunicorn", "config.wsgi", "-w", "2", "--threads", "2"]
    command += ["--log-level", "warning", "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen([sys.executable, "-W", "ignore", *command], cwd=ROOT)
    try:
        while not answers(port):
            if process.poll() is not None:
                raise SystemExit("gunicorn did not start: see above.")
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def warm(port: int) -> None:
    """Each worker reads the papers once, for its first search: that is told apart."""
    first = max(ask(http.client.HTTPConnection("127.0.0.1", port), "/search?q=a1")[0] for _ in "12")
    for _ in range(12):
        ask(http.client.HTTPConnection("127.0.0.1", port), "/search?q=warm")
    print(f"{'the first search of a process':34} {first:7.0f}")


def ask(line: http.client.HTTPConnection, path: str) -> tuple[float, bytes]:
    """Milliseconds to the last byte, and the bytes as they were sent."""
    begun = time.perf_counter()
    line.request("GET", path, headers={"Accept-Encoding": "gzip", "Host": "localhost"})
    response = line.getresponse()
    body = response.read()
    taken = (time.perf_counter() - begun) * 1000
    if response.status != 200:
        raise SystemExit(f"{path} answered {response.status}.")
    return taken, body


def report(name: str, path: str, port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port)
    times, body = [], b""
    for _ in range(REQUESTS):
        taken, body = ask(line, path)
        times.append(taken)
    read = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    p95 = statistics.quantiles(times, n=20)[-1]
    work, queries = inside(path)
    print(
        f"{name:34} {statistics.median(times):7.1f} {p95:7.1f} {work:7.1f} {len(body):8,} "
        f"{len(read):8,} {queries:8}",
        flush=True,
    )


def inside(path: str) -> tuple[float, int]:
    """The page's own work in this process: milliseconds of processor time, database queries.

    Unlike the time on a clock this hardly depends on what else the machine does; a PostgreSQL works
    in processes of its own, which are not counted.
    """
    from django.db import connection  # noqa: PLC0415 (after django.setup)
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client = Client(headers={"Host": "localhost"})
    client.get(path)  # what a process keeps is read before
    times = []
    for _ in range(9):
        begun = time.process_time()
        client.get(path)
        times.append((time.process_time() - begun) * 1000)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return statistics.median(times), len(captured)


if __name__ == "__main__":
    main()
