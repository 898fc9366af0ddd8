"""How large a run is: whole, quick, or just large enough to try the bench itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """What a run makes and measures; the growth axes from the smallest to the largest."""

    readers: int
    topics: int
    papers: int  # over PAPER_DAYS days, each matched by the product itself
    history_days: int
    plain_readers: tuple[tuple[str, int], ...]  # of each variant of the plain loop
    ready_mails: int  # handed over with bodies that are ready
    slice_readers: int  # composed at each size of the growth axes
    readers_axis: tuple[int, ...]
    history_axis: tuple[int, ...]
    topics_axis: tuple[int, ...]
    papers_axis: tuple[int, ...]
    match_papers: int  # matched at each size of the topics axis
    workers: tuple[int, ...]
    idle_minutes: int
    days: int  # lived in one process
    days_readers: int
    million_readers: int
    lab_readers: int  # of one process on SQLite
    lab_papers: int  # a day
    site_papers: int  # that the public pages are about
    page_seconds: float  # of load on each page


PAPER_DAYS = 8
QUICK = Sizes(
    readers=1_500,
    topics=2_000,
    papers=400,
    history_days=30,
    plain_readers=(("tuned", 1_500), ("orm", 100), ("marks", 1_500)),
    ready_mails=1_000,
    slice_readers=500,
    readers_axis=(1_500, 6_000),
    history_axis=(1, 60),
    topics_axis=(1_000, 10_000),
    papers_axis=(1_000, 4_000),
    match_papers=40,
    workers=(1, 2),
    idle_minutes=10,
    days=6,
    days_readers=300,
    million_readers=6_000,
    lab_readers=500,
    lab_papers=50,
    site_papers=2_000,
    page_seconds=2.0,
)
WHOLE = Sizes(
    readers=20_000,
    topics=20_000,
    papers=2_000,
    history_days=30,
    plain_readers=(("tuned", 20_000), ("orm", 500), ("marks", 5_000)),
    ready_mails=4_000,
    slice_readers=2_000,
    readers_axis=(10_000, 100_000, 1_000_000),
    history_axis=(1, 30, 365),
    topics_axis=(1_000, 10_000, 1_000_000),
    papers_axis=(20_000, 100_000, 200_000),
    match_papers=100,
    workers=(1, 2, 4),
    idle_minutes=20,
    days=30,
    days_readers=10_000,
    million_readers=1_000_000,
    lab_readers=2_000,
    lab_papers=250,
    site_papers=100_000,
    page_seconds=8.0,
)
TINY = Sizes(
    readers=200,
    topics=300,
    papers=80,
    history_days=3,
    plain_readers=(("tuned", 200), ("orm", 30), ("marks", 30)),
    ready_mails=30,
    slice_readers=50,
    readers_axis=(100, 200),
    history_axis=(1, 3),
    topics_axis=(100, 300),
    papers_axis=(50, 100),
    match_papers=10,
    workers=(1, 2),
    idle_minutes=2,
    days=2,
    days_readers=50,
    million_readers=400,
    lab_readers=100,
    lab_papers=10,
    site_papers=200,
    page_seconds=0.5,
)
SIZES = {"whole": WHOLE, "quick": QUICK, "tiny": TINY}
