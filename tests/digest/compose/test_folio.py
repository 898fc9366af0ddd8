"""A day is numbered from the first that brought papers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.compose.folio import number_day
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_days_are_counted_from_the_first_that_brought_papers() -> None:
    assert number_day(NOW.date()) == 0
    make_paper(news_at=NOW - DAY)
    assert number_day(NOW.date()) == 2
    assert number_day((NOW - DAY * 2).date()) == 0


def test_a_feed_that_holds_posts_of_years_ago_changes_no_number() -> None:
    make_paper(news_at=NOW - DAY * 3_000)
    assert number_day(NOW.date()) == 3_001  # there is nothing else to count from
    make_paper(news_at=NOW - DAY)
    assert number_day(NOW.date()) == 2
