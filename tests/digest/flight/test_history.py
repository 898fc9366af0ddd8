"""An edition is compared with the last seven, and only where there is enough to compare with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.flight.history import compare_with_earlier, expect_mails
from digest.models import Delivery, Edition
from tests.digest.flight.editions import make_edition
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=1)


def make_days(days: int, mails: int, quiet: int = 0) -> None:
    for days_ago in range(1, days + 1):
        before = NOW - timedelta(days=days_ago, hours=2)
        make_edition(mails, days_ago, status="failed", covers_until=before)
        quiet_row = {"status": "quiet", "quiet_reason": "no_match", "covers_until": before}
        make_edition(quiet, days_ago, **quiet_row)


def compare(edition: Edition) -> list[str]:
    return compare_with_earlier(edition, NOW)


def test_a_volume_like_the_last_ones_is_well() -> None:
    make_days(3, 110)
    assert compare(make_edition(300)) == []


def test_far_more_mails_than_ever_are_named() -> None:
    make_days(3, 110)
    assert compare(make_edition(340)) == [
        "It has 340 mails by now, and the last 3 editions had 110 to 110 around this hour."
    ]


def test_far_fewer_are_named_too() -> None:
    make_days(3, 330)
    assert len(compare(make_edition(105))) == 1


def test_with_too_little_history_nothing_is_compared() -> None:
    make_days(2, 110)
    assert compare(make_edition(900)) == []
    make_edition(90, 3, status="failed")
    assert compare(make_edition(1)) == []


def test_it_is_compared_with_the_same_hour() -> None:
    make_days(3, 110)
    for days_ago in (1, 2, 3):
        evening = NOW + 5 * HOURS - timedelta(days=days_ago)
        make_edition(400, days_ago, status="failed", covers_until=evening)
    assert compare(make_edition(105)) == []
    assert expect_mails(Edition.objects.latest("date")) == 510


def test_far_more_quiet_than_ever_is_named() -> None:
    make_days(3, 110, quiet=40)
    edition = make_edition(60)
    make_edition(100, status="quiet", quiet_reason="no_match")
    assert compare(edition) == []
    make_edition(100, status="quiet", quiet_reason="no_match")
    [fault] = compare(edition)
    assert fault == "77% of its readers get no mail, and of the last 3 editions' 27% to 27%."


def test_far_more_papers_in_a_mail_are_named() -> None:
    make_days(3, 110)
    edition = make_edition(110)
    assert compare(edition) == []
    papers = Delivery.objects.filter(edition=edition)[0].contents["papers"] * 4
    Delivery.objects.filter(edition=edition).update(contents={"papers": papers})
    [fault] = compare(edition)
    assert fault == "Its mails hold 4.0 papers each, and those of the last 3 editions 1.0 to 1.0."
