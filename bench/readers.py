"""Readers: what each follows, when they are due, and how they read."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bench.terms import weigh_terms
from subscribers.schedule import find_next_slot

Choice = TypeVar("Choice")

# A Wednesday, on which daily readers and those of weekdays are due, and weekly ones are not.
DAY = datetime(2026, 6, 10, tzinfo=UTC)
DAY_HOURS = 24
MOST_TOPICS = 20
# How many topics somebody follows falls as 1 / (n + 3): 6.6 at the mean, 20 for one in 40.
TOPIC_WEIGHTS = [1 / (n + 3) for n in range(1, MOST_TOPICS + 1)]
POPULARITY_OFFSET = 8.0  # of the ranks of topics: the first is followed by one in 15, of 20,000
BROAD_SHARE = 0.04  # readers of broad topics, who get several reasons for one paper
MUTE_SHARE = 0.06
# Where readers live, by the share of each zone, and at which hour of theirs they read.
ZONES = (
    ("America/New_York", 22),
    ("America/Los_Angeles", 14),
    ("Europe/Berlin", 18),
    ("Europe/London", 10),
    ("Asia/Shanghai", 14),
    ("Asia/Kolkata", 8),
    ("Asia/Tokyo", 7),
    ("Australia/Sydney", 3),
    ("America/Sao_Paulo", 4),
)
SEND_HOURS = ((8, 45), (7, 18), (9, 12), (6, 8), (12, 5), (18, 6), (20, 3), (0, 3))
CADENCES = (("daily", 80), ("weekdays", 14), ("weekly", 6))
MAX_PAPERS = ((10, 80), (5, 8), (20, 8), (3, 4))


@dataclass(frozen=True, slots=True)
class MadeReader:
    """One reader; topics go by their ranks in popularity, the first being 0."""

    number: int  # from 1 up
    timezone: str
    send_hour: int
    cadence: str
    max_papers: int
    follows: tuple[int, ...]
    mutes: tuple[int, ...]
    due_at: datetime  # the first time in the day or later

    @property
    def email(self) -> str:
        return f"reader{self.number}@example.org"


def make_readers(
    count: int, topics: int, broad: Sequence[int], seed: int = 3
) -> Iterator[MadeReader]:
    """So many readers of so many topics; `broad` are the ranks of those that fill every mail."""
    dice = random.Random(seed)
    weights = weigh_terms(topics, POPULARITY_OFFSET)
    for number in range(1, count + 1):
        wanted = dice.choices(range(1, MOST_TOPICS + 1), TOPIC_WEIGHTS)[0]
        ranks = dict.fromkeys(dice.choices(range(topics), cum_weights=weights, k=wanted))
        follows = tuple(broad) if broad and dice.random() < BROAD_SHARE else tuple(ranks)
        muted = dice.randrange(topics) if dice.random() < MUTE_SHARE else -1
        zone, hour = draw_weighted(dice, ZONES), draw_weighted(dice, SEND_HOURS)
        cadence = draw_weighted(dice, CADENCES)
        yield MadeReader(
            number=number,
            timezone=zone,
            send_hour=hour,
            cadence=cadence,
            max_papers=draw_weighted(dice, MAX_PAPERS),
            follows=follows,
            mutes=(muted,) if muted >= 0 and muted not in follows else (),
            due_at=find_next_slot(cadence, zone, hour, DAY - timedelta(seconds=1)),
        )


def draw_weighted(dice: random.Random, choices: Sequence[tuple[Choice, int]]) -> Choice:
    """One of the choices, each as often as the number beside it says."""
    return dice.choices([c for c, _ in choices], [weight for _, weight in choices])[0]
