"""Many days lived by the product in one process: does its memory stay as it is?

Nothing is copied in but topics and readers. Each day its list is read, scored and matched, and
every few hours whoever is due is composed for and mailed. Some weeks of papers come before the
first mail: until there are as many as the product learns from, what it learned grows each day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.machine import read_memory_mb
from bench.papers import make_papers
from bench.readers import DAY
from bench.sink import read_counts
from bench.stages import LISTED_AFTER, add_source, publish_list
from digest import compose, deliver, ingest, match, score, track

HOURS = (2, 5, 8, 11, 14, 17, 20, 23)
SETTLED_AFTER = 10  # days: by then all that a process keeps for some days is there
ARCHIVE_DAYS = 20  # of papers alone, before: with 250 a day LEARN_FROM_PAPERS of match/learned.py


def live_days(folder: Path, address: str, days: int, papers: int) -> dict[str, Any]:
    """So many days with so many new papers each; megabytes in use after each of them."""
    add_source(address)
    for number in range(ARCHIVE_DAYS):
        live_morning(folder, DAY + timedelta(days=number - ARCHIVE_DAYS), number, papers)
    memory = []
    for number in range(days):
        live_day(folder, DAY + timedelta(days=number), number + ARCHIVE_DAYS, papers)
        memory.append(round(read_memory_mb() or 0.0, 1))
    settled = memory[min(SETTLED_AFTER, days) - 1]
    return {
        "units": days,
        "mails": read_counts(address).mails,
        "memory_mb": memory,
        "memory_growth": round(memory[-1] / settled, 3) if settled else None,
    }


def live_morning(folder: Path, day: datetime, number: int, papers: int) -> None:
    """One day's list: read, scored and matched."""
    listed_at = day + LISTED_AFTER
    made = list(make_papers(papers, seed=500 + number, first=number * papers))
    publish_list(folder, made, listed_at)
    ingest.ingest_due(listed_at)
    score.score_papers(day + timedelta(hours=HOURS[0]))
    match.match_papers(day + timedelta(hours=HOURS[0]))


def live_day(folder: Path, day: datetime, number: int, papers: int) -> None:
    """One day from its list to its last mails."""
    live_morning(folder, day, number, papers)
    for hour in HOURS:
        now = day + timedelta(hours=hour, minutes=59)
        score.score_papers(now)
        match.match_papers(now)
        compose.compose_due(now)
        deliver.deliver_planned(now)
        deliver.sweep(now)
        track.sweep_events(now)
