"""`manage.py reconcile`, as an operator types it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from digest.high_water.hold import find_hold, name_installation, read_counts, start_hold
from digest.models import Delivery
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
AT_ONE = "--now=2026-04-22T13:00"


def reconcile(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("reconcile", AT_ONE, *words)
    return capsys.readouterr().out


def hold_it() -> None:
    start_hold(name_installation(), read_counts(), NOW)


def test_where_nothing_is_held_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing is held" in reconcile(capsys)


def test_a_dry_run_shows_the_counts_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    make_delivery()
    hold_it()
    said = reconcile(capsys, "--sent-until=2026-04-22T12:30", "--dry-run")
    assert "1 digest, of which 1 were planned in the backup and 0" in said
    assert "that was a dry run" in said
    assert Delivery.objects.planned().count() == 1
    assert find_hold()
    assert "The hold is over." in reconcile(capsys, "--sent-until=2026-04-22T12:30")
    assert find_hold() is None


def test_what_waits_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    make_delivery()
    hold_it()
    said = reconcile(capsys, "--sent-until=2026-04-22T11:00")
    assert "1 digest of the backup left nothing behind: they are sent now." in said


def test_a_provider_that_cannot_be_asked_is_told_with_what_to_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hold_it()
    with pytest.raises(CommandError, match=r"no list of messages.*--sent-until"):
        reconcile(capsys)
    assert find_hold()


@pytest.mark.parametrize(
    ("said", "answer"), [("2026-04-22T14:00", "still to come"), ("noon", "--sent-until")]
)
def test_a_time_that_cannot_be_meant_is_refused(
    said: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hold_it()
    with pytest.raises(CommandError, match=answer):
        reconcile(capsys, f"--sent-until={said}")
