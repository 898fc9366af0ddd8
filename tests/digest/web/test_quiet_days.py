"""A day, a week or a month without papers says why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from digest.models import Source, SourceDay
from digest.web import quiet_days
from digest.web.periods import make_day, make_week
from tests.factories import make_source, note_sources_read

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 4, 22)
THAT_DAY = make_day(WEDNESDAY)
DAY = timedelta(days=1)


def test_a_weekend_is_quiet_because_arxiv_rests() -> None:
    note_sources_read()
    [reason] = quiet_days.explain_quiet(make_day(date(2026, 4, 25)), date(2026, 4, 27))
    assert "Saturdays and Sundays" in reason


def test_without_a_source_the_page_says_who_can_help() -> None:
    Source.objects.all().delete()
    assert "admin" in quiet_days.explain_quiet(THAT_DAY, WEDNESDAY)[0]


def test_a_quiet_day_of_the_past_had_no_announcement() -> None:
    note_sources_read()
    assert quiet_days.explain_quiet(THAT_DAY, WEDNESDAY + DAY) == [
        "No source announced anything new on this day."
    ]


def test_a_week_without_papers_is_quiet_as_a_week() -> None:
    note_sources_read()
    [reason] = quiet_days.explain_quiet(make_week(WEDNESDAY), WEDNESDAY + 9 * DAY)
    assert reason == "No source announced anything new in this week."


def test_today_the_sources_own_words_say_what_is_wrong() -> None:
    Source.objects.all().delete()
    make_source(state="healthy", note="Read 30 entries.")
    note_sources_read()
    assert "not announced anything yet" in quiet_days.explain_quiet(THAT_DAY, WEDNESDAY)[0]
    make_source(title="A Lab", state="failing", note="It answers 503.", last_error="503")
    assert quiet_days.explain_quiet(THAT_DAY, WEDNESDAY) == ["A Lab: It answers 503."]
    Source.objects.update(last_fetched_at=None)
    SourceDay.objects.all().delete()
    assert quiet_days.explain_quiet(THAT_DAY, WEDNESDAY) == [
        "The sources could not be read yet. They are asked many times a day.",
        "A Lab: It answers 503.",
    ]


def test_quiet_days_are_those_since_the_last_with_papers() -> None:
    assert quiet_days.list_quiet_days(WEDNESDAY, WEDNESDAY) == []
    assert quiet_days.list_quiet_days(WEDNESDAY, WEDNESDAY + 2 * DAY) == [
        WEDNESDAY + DAY,
        WEDNESDAY + 2 * DAY,
    ]
