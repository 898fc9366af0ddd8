"""What became of a call is known although the database is away when the answer comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from digest.deliver import deliver_planned, sweep
from digest.deliver.call_marks import begin_calls, mark_kept_results, mark_results
from digest.deliver.claims import claim
from digest.deliver.kept_results import DATES, OTHERS
from digest.models import Delivery
from tests.factories import NOW, make_delivery
from tests.provider_server import Server

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "results"


@pytest.fixture
def go_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Let the database be away, or back, for whoever marks what became of a call."""
    monkeypatch.setattr("digest.deliver.hand_over.MARK_PAUSES", (0.0,))
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction

    def fail(_: Any) -> None:
        raise OperationalError("server closed the connection")

    def switch(is_away: bool) -> None:
        with monkeypatch.context() as patch:
            if is_away:
                patch.setattr("digest.deliver.call_marks._write_results", fail)
                with pytest.raises(OperationalError):
                    deliver_planned(NOW)

    return switch


def list_rows() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("status", "error"))


def test_answers_that_come_while_the_database_is_away_are_known_when_it_is_back(
    use: Callable[[str], None],
    server: Server,
    go_away: Callable[[bool], None],
    folder: Path,
    settings: Any,
) -> None:
    """Those of all calls under way, refusals too; another machine took them for in doubt."""
    settings.DELIVER_CALLS_AT_ONCE = 3
    use("mailgun")
    server.book.faults.append("422")
    made = [make_delivery() for _ in range(3)]
    server.book.meeting = 3
    go_away(True)
    assert len(list(folder.glob("*.json"))) == 3
    Delivery.objects.update(status="in_doubt")
    assert sweep(NOW + 10 * MINUTE)["in_doubt"] == 0
    statuses = sorted(status for status, _ in list_rows())
    assert statuses == ["failed", "sent", "sent"]
    assert Delivery.objects.exclude(message_id="").count() == 2
    assert not list(folder.glob("*"))
    assert len(made) == len(server.book.calls)


def test_nothing_is_kept_where_the_mark_is_made_in_the_end(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    from digest.deliver import call_marks  # noqa: PLC0415

    write, seen = call_marks._write_results, []
    monkeypatch.setattr(connection, "close", lambda: None)

    def fail_once(rows: Any) -> None:
        seen.append(len(list(folder.glob("*"))))
        if len(seen) < 2:
            raise OperationalError("the database system is starting up")
        write(rows)

    monkeypatch.setattr(call_marks, "_write_results", fail_once)
    make_delivery()
    [row] = claim(NOW)
    begin_calls([row], NOW)
    row.status, row.sent_at = "sent", NOW
    mark_results([row], (0.0,))
    assert (seen, list(folder.glob("*"))) == ([0, 1], [])
    assert list_rows() == [("sent", "")]


def test_what_was_settled_or_claimed_since_stays_as_it_is(
    go_away: Callable[[bool], None], use: Callable[[str], None], server: Server
) -> None:
    use("mailgun")
    server.book.faults.append("422")
    make_delivery()
    go_away(True)
    Delivery.objects.update(status="claimed", claimed_at=NOW + MINUTE)
    assert mark_kept_results() == 0
    assert [status for status, _ in list_rows()] == ["claimed"]


def test_a_file_that_cannot_be_read_holds_up_no_other_and_no_delivery(folder: Path) -> None:
    folder.mkdir()
    (folder / "a.json").write_text("[{")
    (folder / "b.json").write_text('[{"key": "none"}]')
    no_key = dict.fromkeys([*DATES, *OTHERS]) | {"key": "none"}
    (folder / "c.json").write_text(json.dumps([no_key]))
    assert mark_kept_results() == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["a.unreadable", "b.unreadable", "c.unreadable"]


def test_a_file_that_is_not_ours_to_read_or_is_gone_by_now_holds_up_no_delivery(
    folder: Path,
) -> None:
    (folder / "not-ours.json").mkdir(parents=True)  # as one of root's: it can only be looked at
    (folder / "gone.json").symlink_to(folder / "marked by another process")
    delivery = make_delivery()
    deliver_planned(NOW)
    delivery.refresh_from_db()
    assert delivery.status == "sent"


def test_a_file_that_another_process_has_just_marked_holds_up_no_other(folder: Path) -> None:
    folder.mkdir()
    (folder / "a.json").symlink_to(folder / "gone")  # listed, and not there when it is looked at
    (folder / "b.json").write_text("[]")
    assert mark_kept_results() == 0
    assert [path.name for path in folder.iterdir()] == ["a.json"]


def test_where_no_file_can_be_written_delivery_goes_on_as_before(
    go_away: Callable[[bool], None], use: Callable[[str], None], folder: Path
) -> None:
    use("mailgun")
    folder.write_text("in the way")
    make_delivery()
    go_away(True)
    assert [status for status, _ in list_rows()] == ["claimed"]
