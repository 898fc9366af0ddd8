"""A paper is measured against those of its days, its category and its age."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.score.peers import UsualVotes, rank_among_days
from digest.score.signals import PopularitySignals
from tests.factories import NOW

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def sign(
    number: int, votes: list[int], at: datetime = NOW, category: str = "cs.CL"
) -> PopularitySignals:
    """A paper whose votes were counted when it was listed and once a day since."""
    counted = [(at + n * DAY, count) for n, count in enumerate(votes)]
    return PopularitySignals(
        paper_id=number,
        category=category,
        listed_at=at,
        votes=votes[-1],
        velocity=0.0,
        pace=0.0,
        comments=0,
        stars=0,
        sources=0.0,
        mentioned_by=1,
        votes_since_yesterday=0,
        counted=counted,
    )


def test_votes_are_compared_with_those_that_others_had_at_the_same_age() -> None:
    old = [sign(n, [n, 10 * n, 20 * n], NOW - 2 * DAY) for n in range(1, 7)]
    fresh = sign(7, [9])
    usual = UsualVotes([*old, fresh])
    assert usual.find_usual(fresh, NOW) == 4  # of 1 to 6 and 9, as they were listed
    day_later = sign(8, [1, 2], NOW - DAY)
    assert UsualVotes([*old, day_later]).find_usual(day_later, NOW) == 30
    # Who is younger has no votes at this age yet, and who was counted later had none known.
    late = sign(9, [500], NOW - 2 * DAY + HOUR)
    assert UsualVotes([*old, day_later, late, fresh]).find_usual(day_later, NOW) == 35


def test_a_category_with_few_papers_borrows_from_its_archive_and_that_from_all() -> None:
    physics = [sign(n, [4], category="math.NA") for n in range(3)]
    archive = [sign(10 + n, [8], category="math.CO") for n in range(3)]
    others = [sign(20 + n, [90], category="cs.CL") for n in range(9)]
    usual = UsualVotes([*physics, *archive, *others])
    assert usual.find_usual(physics[0], NOW) == 6
    usual = UsualVotes([physics[0], *others])
    assert usual.find_usual(physics[0], NOW) == 90
    assert UsualVotes([]).find_usual(physics[0], NOW) == 0


def test_a_place_is_among_the_papers_of_its_day_and_the_two_before() -> None:
    days = [NOW - n * DAY for n in range(5)]
    papers = [sign(n, [n + 1], at) for n, at in enumerate(days)]
    silent = sign(9, [0])
    talked = {n: float(n) for n in range(5)} | {9: 0.0}
    places = {
        s.paper_id: (place, of) for s, place, of in rank_among_days([*papers, silent], talked)
    }
    # Each is less talked about than the one of the day before.
    assert places == {0: (3, 3), 1: (3, 3), 2: (3, 3), 3: (2, 2), 4: (1, 1)}
