"""Many days lived by the product in one process: does its memory stay as it is?

Nothing is copied in but topics and readers. Each day its list is read, scored and matched, and
every few hours whoever is due is composed for and mailed.
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


def live_days(folder: Path, address: str, days: int, papers: int) -> dict[str, Any]:
    """So many days with so many new papers each; megabytes in use after each of them."""
    add_source(address)
    memory = []
    for number in range(days):
        live_day(folder, DAY + timedelta(days=number), number, papers)
        memory.append(round(read_memory_mb() or 0.0, 1))
    settled = memory[min(SETTLED_AFTER, days) - 1]
    return {
        "units": days,
        "mails": read_counts(address).mails,
        "memory_mb": memory,
        "memory_growth": round(memory[-1] / settled, 3) if settled else None,
    }


def live_day(folder: Path, day: datetime, number: int, papers: int) -> None:
    """One day from its list to its last mails."""
    listed_at = day + LISTED_AFTER
    made = list(make_papers(papers, seed=500 + number, first=number * papers))
    publish_list(folder, made, listed_at)
    ingest.ingest_due(listed_at)
    for hour in HOURS:
        now = day + timedelta(hours=hour, minutes=59)
        score.score_papers(now)
        match.match_papers(now)
        compose.compose_due(now)
        deliver.deliver_planned(now)
        deliver.sweep(now)
        track.sweep_events(now)
