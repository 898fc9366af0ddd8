"""How long workers were busy is added up by day and stage, whatever the process was doing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from digest.models import DailyFigure
from digest.watch import stage_times as module
from digest.watch.stage_times import StageTimes, timed
from tests.factories import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def read() -> dict[tuple[str, str], float]:
    rows = DailyFigure.objects.values_list("name", "part", "value")
    return {(name, part): value for name, part, value in rows}


def test_runs_are_written_together_and_those_of_two_processes_add_up() -> None:
    for seconds in (1.0, 2.0):
        own = StageTimes()
        own.add_run("compose", TODAY, seconds)
        own.add_run("compose", TODAY, seconds)
        assert ("seconds", "compose") not in read() or seconds == 2.0, "not before a minute"
        own.write()
    assert read() == {("seconds", "compose"): 6.0, ("runs", "compose"): 4.0}


def test_nothing_is_written_twice() -> None:
    own = StageTimes()
    own.add_run("ingest", TODAY, 1.0)
    own.write()
    own.write()
    assert read()["seconds", "ingest"] == 1.0


def test_a_task_that_fails_was_busy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_EVERY", 0.0)
    monkeypatch.setattr(module, "stage_times", StageTimes())

    @timed("score")
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert read()["runs", "score"] == 1


def test_a_database_that_is_away_fails_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise DatabaseError("away")

    own = StageTimes()
    own.add_run("ingest", TODAY, 1.0)
    monkeypatch.setattr(module, "_add_to_figure", fail)
    own.write()
