from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.models import EditionFlight
from tests.digest.flight.editions import make_edition, make_flight
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def release(*args: str) -> str:
    out = StringIO()
    call_command("release_edition", *args, "--now", NOW.isoformat(), stdout=out)
    return out.getvalue()


@pytest.fixture
def flight() -> EditionFlight:
    held = {"state": "held", "held_in": "flying", "held_by": "bounces", "reason": "Bounces."}
    return make_flight(make_edition(2), **held)


def test_it_says_what_held_it_and_releases_it(flight: EditionFlight) -> None:
    said = release("2026-04-22", "--yes")
    assert "Held since 2026-04-22 12:00 UTC. Bounces." in said
    assert "of 0 mails 0 refused" in said
    assert "Released: 2 mails wait" in said
    flight.refresh_from_db()
    assert (flight.state, flight.released_by) == ("flying", "manage.py release_edition")


@pytest.mark.parametrize(("answer", "state"), [("y", "flying"), ("", "held")])
def test_it_asks_first(
    flight: EditionFlight, monkeypatch: pytest.MonkeyPatch, answer: str, state: str
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: answer)
    release("2026-04-22")
    flight.refresh_from_db()
    assert flight.state == state


@pytest.mark.usefixtures("flight")
def test_where_nobody_can_be_asked_it_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(_: str) -> Any:
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    with pytest.raises(CommandError, match="add --yes"):
        release("2026-04-22")


def test_an_edition_that_is_not_held_and_a_day_that_is_none_are_named() -> None:
    assert release("2026-04-22") == "The edition of 2026-04-22 is not held.\n"
    with pytest.raises(CommandError, match="“soon” is no day"):
        release("soon")
