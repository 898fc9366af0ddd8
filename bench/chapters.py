"""What a run measures, chapter by chapter; each says what it does and hands on figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.databases import EMPTY, Databases
from bench.load import measure_page, read_server_peak, serve
from bench.sink import read_counts
from bench.sizes import PAPER_DAYS, Sizes
from bench.summary import divide_cpu
from bench.work import WorkFailed, do_work, start_work

BASE = "bench_base"  # topics, eight days of papers and their matches; no reader is due
WORKERS_OF_A_MILLION = 2
MAIN = "bench_main"  # the same with readers and their past mails
Found = dict[str, Any]


@dataclass
class Bench:
    """One run: its sizes, where it works, and whom it tells what it does."""

    sizes: Sizes
    databases: Databases
    sink: str
    folder: Path
    say: Callable[[str], None]
    base_costs: Found = field(default_factory=dict)  # of the stages that made BASE

    def do(self, database: str, name: str, **options: Any) -> Found:
        """One piece of work on a database, told when it is done. Raises WorkFailed."""
        return self.do_in(self.databases.make_environment(database), name, **options)

    def do_in(self, env: dict[str, str], name: str, **options: Any) -> Found:
        began = time.monotonic()
        found = do_work(env, name, **options)
        self.say(f"  {name} {describe(options)}: {time.monotonic() - began:.0f} s")
        return found


def describe(options: Found) -> str:
    """The sizes among the options, as words of a line of progress."""
    shown = {k: v for k, v in options.items() if k not in ("folder", "address")}
    return ", ".join(f"{v:,} {k}" if isinstance(v, int) else str(v) for k, v in shown.items())


def measure_day(bench: Bench) -> Found:
    """Every stage of one day, and the three plain loops on the same readers and papers."""
    sizes, stages = bench.sizes, make_base(bench)
    bench.databases.copy(BASE, MAIN)
    bench.do(MAIN, "fill", readers=sizes.readers, topics=0, history=sizes.history_days)
    plain = {
        variant: bench.do(MAIN, "plain", variant=variant, limit=limit, address=bench.sink)
        for variant, limit in sizes.plain_readers
    }
    stages["compose"] = bench.do(MAIN, "compose")
    stages["deliver"] = bench.do(MAIN, "deliver", address=bench.sink)
    ready = bench.do(MAIN, "ready", limit=sizes.ready_mails, address=bench.sink)
    found = {"stages": stages, "plain": plain, "ready": ready}
    return found | {"sizes": bench.do(MAIN, "sizes")}


def make_base(bench: Bench) -> Found:
    """Topics and eight days of papers, read, scored and matched; what the last of them cost."""
    if not bench.base_costs:
        papers, folder = bench.sizes.papers, str(bench.folder)
        bench.databases.copy(EMPTY, BASE)
        bench.do(BASE, "fill_followers", topics=bench.sizes.topics)
        bench.do(BASE, "past", folder=folder, papers=papers, address=bench.sink)
        ingest = bench.do(BASE, "ingest", folder=folder, papers=papers, ago=0)
        score, match = bench.do(BASE, "score", ago=0), bench.do(BASE, "match", ago=0)
        bench.do(BASE, "note_news")
        bench.base_costs = {"ingest": ingest, "score": score, "match": match}
    return dict(bench.base_costs)


def measure_workers(bench: Bench) -> Found:
    """The same mails once more, by several processes at once: mails a second of the wall clock."""
    rates: dict[str, float] = {}
    for workers in bench.sizes.workers:
        mails = bench.do(MAIN, "plan_again")["units"]
        env = bench.databases.make_environment(MAIN)
        running = [start_work(env, "deliver", address=bench.sink) for _ in range(workers)]
        walls = [work.finish()["wall"] for work in running]
        rates[str(workers)] = round(mails / max(walls), 1)
        bench.say(f"  {workers} workers: {rates[str(workers)]} mails a second")
    return rates


def measure_first_digest(bench: Bench) -> Found:
    """Somebody confirms on the evening of the day."""
    return bench.do(MAIN, "first_digest", address=bench.sink)


def measure_readers(bench: Bench) -> list[Found]:
    """Compose for equally many readers, of ever more; how the queries go about it, of the most."""
    make_base(bench)
    sizes, found = bench.sizes, []
    for readers in sizes.readers_axis:
        with bench.databases.borrow(BASE) as env:
            cost = _compose_slice(bench, env, readers=readers, history=1)
            if readers == sizes.readers_axis[-1]:
                cost["plans"] = bench.do_in(env, "plans", limit=sizes.slice_readers)
            found.append(cost | {"at": readers})
    return found


def measure_history(bench: Bench) -> list[Found]:
    """Compose for equally many readers, with ever more past mails; then minutes with none due."""
    make_base(bench)
    sizes, found = bench.sizes, []
    for days in sizes.history_axis:
        with bench.databases.borrow(BASE) as env:
            cost = _compose_slice(bench, env, readers=sizes.readers_axis[0], history=days)
            idle = bench.do_in(env, "idle", minutes=sizes.idle_minutes)
            found.append(cost | {"at": days, "idle": idle})
    return found


def _compose_slice(bench: Bench, env: dict[str, str], *, readers: int, history: int) -> Found:
    bench.do_in(env, "fill", readers=readers, topics=0, history=history)
    return bench.do_in(env, "compose", limit=bench.sizes.slice_readers)


def measure_days(bench: Bench) -> Found:
    """Many days lived in one process, whose memory is to stay flat."""
    sizes = bench.sizes
    with bench.databases.borrow(EMPTY) as env:
        bench.do_in(env, "fill", readers=sizes.days_readers, topics=sizes.topics, history=0)
        papers = sizes.papers // PAPER_DAYS
        options = {"folder": str(bench.folder), "address": bench.sink, "papers": papers}
        return bench.do_in(env, "days", days=sizes.days, **options)


def measure_lab(bench: Bench) -> Found:
    """A lab on SQLite, in one process: a day's list is read, and its readers get their mails."""
    sizes, address = bench.sizes, bench.sink
    env = bench.databases.make_environment("lab")
    env["DATABASE_URL"] = f"sqlite:///{bench.folder}/lab.sqlite3"
    del env["REDIS_URL"]
    bench.do_in(env, "migrate")
    bench.do_in(env, "fill_followers", topics=sizes.lab_readers)
    past = {"folder": str(bench.folder), "papers": PAPER_DAYS * sizes.lab_papers}
    bench.do_in(env, "past", address=address, **past)
    bench.do_in(env, "fill", readers=sizes.lab_readers, topics=0, history=1)
    stages = {"ingest": bench.do_in(env, "ingest", ago=0, **past)}
    for name, options in (("score", {"ago": 0}), ("match", {"ago": 0}), ("compose", {})):
        stages[name] = bench.do_in(env, name, **options)
    stages["deliver"] = bench.do_in(env, "deliver", address=address)
    return {"readers": sizes.lab_readers, "stages": stages}


def measure_million(bench: Bench) -> Found:
    """One edition of a million readers by two workers: composed, set and handed over.

    Of what both workers see whole, as PostgreSQL's CPU, the one that worked longer tells.
    """
    make_base(bench)
    with bench.databases.borrow(BASE) as env:
        bench.do_in(env, "fill", readers=bench.sizes.million_readers, topics=0, history=1)
        found: Found = {"workers": WORKERS_OF_A_MILLION, "readers": bench.sizes.million_readers}
        before = read_counts(bench.sink)
        found["compose"] = _share_work(bench, env, "compose")
        found["deliver"] = _share_work(bench, env, "deliver", address=bench.sink, is_shared=True)
        after = read_counts(bench.sink)
    mails = after.mails - before.mails
    found["deliver"]["units"] = mails  # the sink tells each worker of those of both
    return found | {"mails": mails, "calls": after.calls - before.calls}


def _share_work(bench: Bench, env: dict[str, str], name: str, **options: Any) -> Found:
    """The same piece of work by several processes at once, as one cost."""
    began = time.monotonic()
    running = [start_work(env, name, **options) for _ in range(WORKERS_OF_A_MILLION)]
    costs = [work.finish() for work in running]
    bench.say(f"  {name} by {len(costs)} workers: {time.monotonic() - began:.0f} s")
    longest = max(costs, key=lambda cost: float(cost["wall"]))
    shared = {key: longest[key] for key in ("wall", "database", "rows", "wal")}
    sums = {key: sum(cost[key] for cost in costs) for key in ("client", "queries", "units")}
    return longest | shared | sums | {"peak_mb": max(cost["peak_mb"] for cost in costs)}


def measure_topics(bench: Bench) -> list[Found]:
    """Match equally many papers with ever more topics."""
    sizes, found = bench.sizes, []
    for topics in sizes.topics_axis:
        with bench.databases.borrow(EMPTY) as env:
            bench.do_in(env, "fill_followers", topics=topics)
            bench.do_in(env, "fill_papers", papers=4 * sizes.match_papers, days=PAPER_DAYS)
            cost = bench.do_in(env, "match", ago=0, limit=sizes.match_papers)
            bench.say(f"  {topics:,} topics: {divide_cpu(cost):.1f} ms a paper")
            found.append(cost | {"at": topics})
    return found


def measure_papers(bench: Bench) -> list[Found]:
    """Match one new topic with ever more papers of the last 30 days."""
    found = []
    for papers in bench.sizes.papers_axis:
        with bench.databases.borrow(EMPTY) as env:
            bench.do_in(env, "fill_papers", papers=papers, days=29)
            found.append(bench.do_in(env, "new_topic") | {"at": papers})
    return found


def measure_pages(bench: Bench) -> Found:
    """Each public page under load, and a plain Django page on the same server and papers."""
    seconds = bench.sizes.page_seconds
    with bench.databases.borrow(EMPTY) as env:
        pages = bench.do_in(env, "fill_site", papers=bench.sizes.site_papers)
        found: Found = {"papers": bench.sizes.site_papers}
        with serve(env, "config.wsgi") as (port, server):
            for name, path in pages.items():
                found[name] = measure_page(port, server, path, seconds)
                bench.say(f"  {path}: {found[name]['requests_per_second']} a second")
            found["peak_mb"] = read_server_peak(server)
        with serve(env, "bench.plain_site") as (port, server):
            found["plain"] = measure_page(port, server, "/", seconds)
            bench.say(f"  a plain page: {found['plain']['requests_per_second']} a second")
    return found


CHAPTERS: tuple[tuple[str, Callable[[Bench], Any]], ...] = (
    ("day", measure_day),
    ("workers", measure_workers),
    ("first_digest", measure_first_digest),
    ("readers", measure_readers),
    ("history", measure_history),
    ("topics", measure_topics),
    ("papers", measure_papers),
    ("pages", measure_pages),
    ("lab", measure_lab),
    ("days", measure_days),
    ("million", measure_million),
)
AFTER_DAY = {"workers", "first_digest"}
# Measured only where CHAPTERS names them: each takes as long as all the rest.
RARE = {"days", "million"}
CHAPTERS_OF_A_RUN = {name for name, _ in CHAPTERS} - RARE


def run_chapters(bench: Bench, only: frozenset[str] = frozenset()) -> Found:
    """All chapters; one that fails says why in its place, and the others go on."""
    found: Found = {}
    for name, measure in CHAPTERS:
        if name not in (only or CHAPTERS_OF_A_RUN):
            continue
        if name in AFTER_DAY and "stages" not in found.get("day", {}):
            found[name] = {"failed": "It works on what the chapter “day” leaves, which is missing."}
            continue
        bench.say(name)
        try:
            found[name] = measure(bench)
        except WorkFailed as error:
            bench.say(f"  not measured: {error}")
            found[name] = {"failed": str(error)}
    return found
