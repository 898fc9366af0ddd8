"""A backup comes back: nothing leaves before it is reconciled, and nobody is mailed twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests import drill_steps
from tests.provider_server import provider_server
from tests.restore_drill import KINDS, LEFT_OVER, Drill, Kind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("dump_programs")]
READERS = 60
KEYS = {"postmark": {"POSTMARK_SERVER_TOKEN": "token"}, "resend": {"RESEND_API_KEY": "key"}}


class ShortDrill(Drill):
    """Played within this process and on its database, or it would take a minute."""

    def run(self, hour: str, *words: str) -> str:
        if words[0] == "manage.py":
            if words[1] == "migrate":
                return ""
            said = StringIO()
            call_command(*words[1:], stdout=said)
            return said.getvalue()
        os.environ["DRILL_NOW"] = f"2026-04-22T{hour}:00+00:00"
        return drill_steps.STEPS[words[2]](*map(int, words[3:])) or ""


@pytest.fixture
def start(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Kind], ShortDrill]]:
    """A drill of that kind, ready to be played."""
    monkeypatch.setenv("DRILL_NOW", "")
    settings.HIGH_WATER_DIR = tmp_path / "var" / "high_water"
    with provider_server() as server:

        def start(kind: Kind) -> ShortDrill:
            settings.EMAIL_BACKEND = f"anymail.backends.{kind.provider}.EmailBackend"
            api = {f"{kind.provider.upper()}_API_URL": server.url}
            settings.ANYMAIL = KEYS[kind.provider] | api
            return ShortDrill("", tmp_path, server, kind, READERS)

        yield start


@pytest.mark.parametrize(
    "kind",
    [KINDS[0], *(pytest.param(kind, marks=pytest.mark.thorough) for kind in KINDS[1:])],
    ids=str,
)
def test_a_backup_that_comes_back_mails_nobody_twice_and_forgets_nobody(
    kind: Kind, start: Callable[[Kind], ShortDrill]
) -> None:
    outcome = start(kind).play()
    left_over = round(READERS * LEFT_OVER) if kind.can_be_asked else 0
    assert (outcome.at_backup, outcome.at_restore) == (24, READERS - left_over)
    assert outcome.while_held == 0
    assert outcome.after == left_over
    assert (outcome.twice, outcome.never) == (0, 0)
    assert outcome.broken == ()
    assert f"Mailed since 2026-04-22 08:01 UTC: {36 - left_over} digests" in outcome.said


@pytest.mark.thorough
def test_without_the_hold_the_same_drill_mails_them_twice(
    start: Callable[[Kind], ShortDrill], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the drill is known to be one."""
    monkeypatch.setattr("digest.deliver.after_restore.start_check.find_hold", lambda: None)
    monkeypatch.setattr("digest.compose.stage.find_hold", lambda: None)
    drill = start(KINDS[2])
    with pytest.raises(AssertionError, match="planned"):  # it says what it sent, and not why not
        drill.play()
    assert sum(times > 1 for times in drill.count_by_address().values()) == 36
