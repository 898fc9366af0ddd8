"""The edition that leaves now: its bar adds up, its pace is told, its buttons fit its state."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.admin.live_edition import Pace, list_live, write_pace
from digest.models import Delivery, Edition
from digest.watch import edition_counts
from digest.watch.daily_figures import update_figures
from digest.watch.figures import read_figures
from tests.digest.flight.editions import make_edition, make_flight
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def send(edition: Edition, count: int, claimed_at: object = NOW) -> None:
    rows = Delivery.objects.filter(edition=edition, status="planned")[:count]
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        status="sent", claimed_at=claimed_at, sent_at=NOW
    )


def test_what_was_planned_is_the_sum_of_what_became_of_it() -> None:
    edition = make_edition(3)
    make_edition(2, status="quiet", quiet_reason="no_match")
    make_edition(1, status="in_doubt")
    make_edition(1, status="claimed", claimed_at=NOW)
    send(edition, 1)
    [live] = list_live(NOW, may_change=False)
    assert live.sentence == (
        "planned 7 = sent 1 + quiet 2 + suppressed 0 + failed 0 + expired 0 + in doubt 1"
        " + waiting 3"
    )
    assert sum(share.count for share in live.shares) == live.planned == 7


def test_the_edition_before_is_there_as_long_as_any_of_its_mails_waits() -> None:
    make_edition(1)
    before = make_edition(1, days_ago=1)
    assert [one.edition.date.day for one in list_live(NOW, may_change=False)] == [22, 21]
    Delivery.objects.filter(edition=before).update(status="sent", sent_at=NOW)
    later = list_live(NOW + 10 * SECOND, may_change=False)
    assert [one.edition.date.day for one in later][:1] == [22]


def test_the_pace_is_that_of_the_last_minutes_and_says_how_long_it_still_takes() -> None:
    edition = make_edition(400)
    send(edition, 100, NOW - 50 * SECOND)
    [live] = list_live(NOW, may_change=False)
    assert live.pace == Pace(100, 50.0)
    assert live.going == "300 mails still to leave: 2 a second, so about 2 min more."


@pytest.mark.parametrize(
    ("pace", "waiting", "said"),
    [
        (Pace(0, 1.0), 0, "Nothing waits."),
        (Pace(0, 1.0), 2, "2 mails wait, and none left in the last 5 minutes."),
        (Pace(3, 300.0), 1, "1 mail still to leave: under one a minute, so about 1 min more."),
    ],
)
def test_it_is_said_where_nothing_leaves(pace: Pace, waiting: int, said: str) -> None:
    assert pace.describe(waiting) == said


def test_a_pace_is_told_by_the_second_or_by_the_minute() -> None:
    assert [write_pace(n) for n in (1200.0, 0.5, 0.001)] == [
        "1,200 a second",
        "30 a minute",
        "under one a minute",
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "flying"}, ["Hold it …"]),
        ({"state": "canary"}, ["Let the others follow now …", "Hold it …"]),
        ({"state": "preflight"}, ["Hold it …"]),
        ({"state": "held", "held_in": "flying", "reason": "Bounces."}, ["Release it …"]),
    ],
)
def test_only_what_can_be_done_now_has_a_button(fields: dict[str, str], words: list[str]) -> None:
    make_flight(make_edition(2), **fields)
    [live] = list_live(NOW, may_change=True)
    assert [said for said, _ in live.buttons] == words
    [seen] = list_live(NOW, may_change=False)
    assert seen.buttons == []


def test_an_edition_that_has_left_has_nothing_to_hold() -> None:
    make_flight(make_edition(1, status="sent", sent_at=NOW))
    [live] = list_live(NOW, may_change=True)
    assert live.buttons == []


def test_of_very_many_what_a_task_counted_lately_is_shown_with_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edition = make_edition(3)
    update_figures(NOW)
    send(edition, 1)
    figures = read_figures(NOW.date(), 1)
    for most, at, sent in ((5, NOW + SECOND, 1), (2, NOW, 0)):
        monkeypatch.setattr(edition_counts, "MOST_COUNTED", most)
        [live] = list_live(NOW + SECOND, figures, may_change=False)
        assert (live.counted_at, live.counts["sent"]) == (at, sent)
        assert live.planned == 3
    [late] = list_live(NOW + timedelta(minutes=5), figures, may_change=False)
    assert late.counts["sent"] == 1, "whatever it takes: nobody has counted since"
