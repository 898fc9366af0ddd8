"""The dashboard says what the figures say, in a drawing, in words, and in numbers."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest import tasks
from digest.admin import dashboard, strips
from digest.models import DailyFigure
from digest.watch.daily_figures import update_figures, write_figures
from digest.watch.figures import read_figures
from tests.digest.flight.editions import make_edition
from tests.factories import NOW, make_reader, make_source

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)
Name = DailyFigure.Name


def fill(**counts: float) -> None:
    """An edition of today, and what was reported of it."""
    write_figures(TODAY, Name.DELIVERIES, {"sent": counts.get("sent", 1000), "failed": 2})
    write_figures(TODAY, Name.COMPLAINED, {"": counts.get("complained", 0)})
    write_figures(TODAY, Name.BOUNCED, {"": counts.get("bounced", 0)})


def test_deliveries_are_told_in_a_sentence_and_day_by_day() -> None:
    fill()
    write_figures(TODAY - DAY, Name.DELIVERIES, {"sent": 10, "quiet": 5})
    block = dashboard.draw_deliveries(read_figures(TODAY, 30))
    assert block.sentence == (
        "In 30 days: 1,010 sent, 5 quiet, 0 suppressed, 2 failed, expired or in doubt."
    )
    assert block.chart.rows[-2:] == [
        (TODAY - DAY, ["10", "5", "0", "0"]),
        (TODAY, ["1,000", "0", "0", "2"]),
    ]


@pytest.mark.parametrize(
    ("complained", "is_trouble", "share"),
    [(0, False, "0 %"), (1, True, "0.1 %"), (4, True, "0.4 %")],
)
def test_complaints_stand_beside_their_lines(complained: int, is_trouble: bool, share: str) -> None:
    fill(complained=complained)
    block = dashboard.draw_complaints(read_figures(TODAY, 30))
    assert block.is_trouble is is_trouble
    verb = "was" if complained == 1 else "were"
    assert f"of 1,000 mails of 7 days {verb} called spam: {share}." in block.sentence
    assert [words for _, words in block.chart.limits] == ["0.1 %", "0.3 %"]


def test_one_mail_is_one_mail() -> None:
    fill(sent=1, bounced=1)
    block = dashboard.draw_bounces(read_figures(TODAY, 30))
    assert "1 of 1 mail of 7 days bounced: 100 %." in block.sentence


def test_bounces_stand_beside_theirs() -> None:
    fill(bounced=49)
    assert not dashboard.draw_bounces(read_figures(TODAY, 30)).is_trouble
    fill(bounced=50)
    block = dashboard.draw_bounces(read_figures(TODAY, 30))
    assert block.is_trouble
    assert "50 of 1,000 mails of 7 days bounced: 5 %." in block.sentence


def test_every_stage_that_is_timed_has_a_name_to_be_read() -> None:
    timed = re.findall(r'@timed\("([^"]+)"\)', Path(tasks.__file__).read_text(encoding="utf-8"))
    assert set(strips.STAGES) == set(timed)
    assert all(name == str(said).lower() for name, said in strips.STAGES.items())


def test_a_busy_day_says_how_many_readers_there_are_and_since_when() -> None:
    write_figures(TODAY - 3 * DAY, Name.SUBSCRIBERS, {"active": 40})
    write_figures(TODAY, Name.SUBSCRIBERS, {"active": 52})
    block = dashboard.draw_readers(read_figures(TODAY, 30))
    assert block.sentence == "52 confirmed subscribers, +12 since 19 April."
    assert len(block.chart.lines[0].dots) == 2


def test_sources_stand_in_the_order_of_their_papers_and_the_silent_ones_too() -> None:
    quiet, loud = make_source(title="Quiet"), make_source(title="Loud")
    write_figures(TODAY, Name.JOINED, {"": 0})
    write_figures(TODAY, Name.PAPERS, {str(loud.pk): 7})
    rows = strips.list_paper_strips(read_figures(TODAY, 30), [quiet, loud])
    assert [(row.name, row.today) for row in rows] == [("Loud", "7"), ("Quiet", "0")]


def test_it_says_how_old_the_figures_are() -> None:
    none = read_figures(TODAY, 30)
    assert dashboard.describe_counted_at(none, NOW).startswith("Nothing has been counted yet")
    update_figures(NOW)
    figures = read_figures(TODAY, 30)
    assert dashboard.describe_counted_at(figures, NOW) == "Counted at 12:00 UTC."
    late = dashboard.describe_counted_at(figures, NOW + timedelta(hours=3))
    assert late == "Counted 3 h ago, and not since: do beat and a worker run?"


def test_the_page_asks_as_much_of_a_year_as_of_two_days(
    that_wednesday: None, admin_client: Client
) -> None:
    """Neither more readers nor more days or sources cost another query."""
    counts = []
    for first, last in ((0, 2), (2, 9)):
        for days in range(first, last):
            make_edition(2, days_ago=days, status="sent", sent_at=NOW)
            make_source(title=f"Source {days}")
            make_reader("robots")
        update_figures(NOW)
        admin_client.get("/admin/")
        cache.clear()
        with CaptureQueriesContext(connection) as caught:
            page = admin_client.get("/admin/").content.decode()
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert page.count("The same in numbers") == 5
    assert "Topics most followed" in page


def test_a_page_with_little_data_says_what_is_drawn() -> None:
    fill()
    write_figures(TODAY, Name.SUBSCRIBERS, {"active": 3})
    assert "counted on 1 day so far" in dashboard.describe_young(read_figures(TODAY, 30))
    for ago in range(1, 7):
        write_figures(TODAY - ago * DAY, Name.SUBSCRIBERS, {"active": 3})
    assert dashboard.describe_young(read_figures(TODAY, 30)) == ""


def test_without_mail_no_share_of_nought_is_told() -> None:
    write_figures(TODAY, Name.DELIVERIES, {"quiet": 1})
    figures = read_figures(TODAY, 30)
    for block in (dashboard.draw_complaints(figures), dashboard.draw_bounces(figures)):
        assert block.sentence.startswith("No mail left in 7 days")
        assert not block.is_trouble
