"""One day lived by the product: each stage through its own function, and what it costs.

    past days: list ─ ingest ─ score ─ match, for the matches that compose looks back to
    the day:   list ─ ingest ─ score ─ match ─ compose, hour by hour ─ deliver

Sizes and moments come from outside; nothing here looks into a stage.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import F, Func, IntegerField, Sum

from bench.copy_rows import analyze_tables, copy_rows
from bench.feeds import find_number, make_list
from bench.meter import measure_cost
from bench.papers import MadePaper, make_papers
from bench.readers import DAY, DAY_HOURS
from bench.sampler import sample_cpu
from bench.sink import read_counts
from bench.sizes import PAPER_DAYS
from digest import compose, deliver, ingest, match, score
from digest.flight.site_links import load_site
from digest.match import senses
from digest.match.process_cache import process_cache
from digest.models import Delivery, Paper, Snapshot, Source
from digest.tasks import DELIVER_SECONDS
from subscribers.models import Interest, Subscriber

LISTED_AFTER = -timedelta(minutes=30)  # midnight; the list of a day is read then
LOOK_SECONDS = 1.0
SLICE_HOURS = 13  # of the day have passed where only some of its readers are composed for
END_OF_DAY = DAY + timedelta(hours=DAY_HOURS - 1, minutes=59)


def add_source(address: str) -> None:
    """The list that the sink serves, as a source."""
    Source.objects.all().update(is_active=False)
    Source.objects.create(kind=Source.Kind.ARXIV, url=f"{address}list.xml", title="A list")


def take_day(papers: int, ago: int) -> list[MadePaper]:
    """The papers of the day so many days ago, of `papers` in all; 0 is the day of the run."""
    a_day = papers // PAPER_DAYS
    place = PAPER_DAYS - 1 - ago
    return list(make_papers(a_day, seed=100 + place, first=place * a_day))


def publish_list(folder: Path, papers: Sequence[MadePaper], at: datetime) -> None:
    """Put the list where the sink serves it, and let its source be due."""
    (folder / "list.xml").write_text(make_list(papers, at), encoding="utf-8")
    Source.objects.filter(is_active=True).update(next_fetch_at=None, etag="", last_modified="")


def run_ingest(folder: Path, papers: int, ago: int) -> dict[str, Any]:
    """Read one day's list; raises SystemExit where not all its papers came in."""
    made, now = take_day(papers, ago), find_morning(ago)
    publish_list(folder, made, now)
    before = Paper.objects.count()
    with measure_cost() as cost:
        reports = ingest.ingest_due(now)
    if (came := Paper.objects.count() - before) != len(made):
        raise SystemExit(f"{came} of {len(made)} papers came in: {reports[0].sentence}")
    count_votes(made, now)
    return cost.to_json() | {"units": len(made)}


def find_morning(ago: int) -> datetime:
    """When the list of the day so many days ago is read."""
    return DAY - timedelta(days=ago) + LISTED_AFTER


def count_votes(papers: Sequence[MadePaper], now: datetime) -> None:
    """Votes, as another source would count them, a part of them hours later."""
    names = {f"arxiv:{find_number(paper)}": paper.votes for paper in papers if paper.votes}
    ids = dict(Paper.objects.filter(identifier__in=names).values_list("identifier", "pk"))
    copy_rows(
        Snapshot,
        ("paper_id", "taken_at", "upvotes", "comments"),
        (
            (ids[name], now + timedelta(hours=hours), votes * share // 4, votes // 20)
            for name, votes in names.items()
            for hours, share in ((-3, 2), (0, 4))
        ),
    )


def run_score(ago: int) -> dict[str, Any]:
    with measure_cost() as cost:
        report = score.score_papers(find_morning(ago))
    return cost.to_json() | {"units": report.papers}


def run_match(ago: int, limit: int = 0) -> dict[str, Any]:
    """Match the day's papers with all topics.

    With a limit: the last so many papers, by a worker that is up, which has the index of topics;
    `index` is the CPU seconds that reading it takes, once in a worker's life.
    """
    if limit:
        leave_unmatched(limit)
    now = find_morning(ago)
    with measure_cost() as reading:
        if limit:
            process_cache.get_topic_index()
            process_cache.get_learned(now)
    with measure_cost() as cost, sample_cpu() as shares:
        report = match.match_papers(now)
    said = {"units": report.papers, "matches": report.matches, "index": reading.cpu}
    return cost.to_json() | said | {"where": shares.list_shares()}


def leave_unmatched(count: int) -> None:
    """Let match find exactly so many papers to do."""
    ids = list(Paper.objects.order_by("-pk").values_list("pk", flat=True)[:count])
    Paper.objects.filter(pk__in=ids).update(matched_at=None)
    Paper.objects.exclude(pk__in=ids).filter(matched_at=None).update(matched_at=DAY)


def live_past_days(folder: Path, papers: int, address: str) -> dict[str, Any]:
    """The days before: their papers come in, are matched, and are seen by compose."""
    add_source(address)
    for ago in range(PAPER_DAYS - 1, 0, -1):
        run_ingest(folder, papers, ago)
        run_score(ago)
        run_match(ago)
        compose.compose_due(find_morning(ago) - LISTED_AFTER)  # which notes that they are news
    _learn_senses(find_morning(1))
    analyze_tables()
    return {"units": Paper.objects.count()}


def _learn_senses(now: datetime) -> None:
    """All of them, of which a minute's run learns a part."""
    learned = process_cache.get_learned(now)
    while senses.has_due_senses(now):
        senses.renew_senses(now, learned)


def note_news() -> dict[str, Any]:
    """Let compose note, before anybody is due, that the day's papers are there to choose from."""
    report = compose.compose_due(DAY - timedelta(minutes=1))
    return {"units": report.planned}


def run_compose(limit: int = 0) -> dict[str, Any]:
    """Compose hour by hour for all who are due.

    With a limit: once, after SLICE_HOURS, for so many of those who are due by then or a few more.
    """
    done = planned = 0
    hours = range(SLICE_HOURS - 1, SLICE_HOURS) if limit else range(DAY_HOURS)

    def note(count: int) -> None:
        nonlocal done
        done += count

    with measure_cost() as cost, sample_cpu() as shares:
        for hour in hours:
            report = compose.compose_due(
                DAY + timedelta(hours=hour, minutes=59),
                progress=note,
                keep_going=lambda: not limit or done < limit,
            )
            planned += report.planned
    return cost.to_json() | {"units": done, "mails": planned, "where": shares.list_shares()}


def _deliver_in_runs() -> deliver.DeliverReport:
    """Runs as long as a task's, one after the other, until one has nothing left to take."""
    while True:
        ends_at = time.monotonic() + DELIVER_SECONDS
        options = deliver.RunOptions(keep_going=partial(_is_before, ends_at))
        report = deliver.deliver_planned(END_OF_DAY, options=options)
        if _is_before(ends_at):
            return report


def _is_before(moment: float) -> bool:
    return time.monotonic() < moment


def run_deliver(address: str, *, is_shared: bool = False) -> dict[str, Any]:
    """Hand over all that is planned, run by run as the task does; what the sink got is what counts.

    Where it `is_shared` with other workers, it looks again as long as anything is open, as beat
    would have it do: another one may be checking the edition. Raises SystemExit where an edition is
    held, or anything else kept mails back.
    """
    load_site()  # as a worker that is up has
    before = read_counts(address)
    with measure_cost() as cost, sample_cpu() as shares:
        report = _deliver_in_runs()
        while is_shared and Delivery.objects.open().has_rows():
            time.sleep(LOOK_SECONDS)
            report = _deliver_in_runs()
    if report.stopped:
        raise SystemExit(f"Not all was handed over: {report.stopped}")
    after = read_counts(address)
    mails = after.mails - before.mails
    return cost.to_json() | {
        "units": mails,
        "papers": count_sent_papers(),
        "bytes": (after.bytes - before.bytes) // max(mails, 1),
        "where": shares.list_shares(),
    }


def count_sent_papers() -> int:
    """How many papers the day's mails hold together."""
    sent = Delivery.objects.sent().filter(covers_until__gte=DAY)
    name = "jsonb_array_length" if connection.vendor == "postgresql" else "json_array_length"
    length = Func(F("contents__papers"), function=name, output_field=IntegerField())
    return int(sent.aggregate(papers=Sum(length))["papers"] or 0)


def plan_again() -> dict[str, Any]:
    """Let all that was handed over be planned once more, for other workers."""
    days = Delivery.objects.filter(covers_until__gte=DAY, status=Delivery.Status.SENT)
    count = days.update(
        status=Delivery.Status.PLANNED, sent_at=None, claimed_at=None, message_id="", attempts=0
    )
    analyze_tables()
    return {"units": count}


def measure_sizes() -> dict[str, Any]:
    """Bytes of the tables that grow with readers, indexes and all, for each reader."""
    readers = max(Subscriber.objects.count(), 1)
    models = (Subscriber, Interest, Delivery)
    with connection.cursor() as cursor:
        sizes = {}
        for model in models:
            cursor.execute("SELECT pg_total_relation_size(%s)", [model._meta.db_table])
            sizes[model._meta.verbose_name] = int(cursor.fetchone()[0]) // readers
    return {"readers": readers, "bytes": {str(name): size for name, size in sizes.items()}}
