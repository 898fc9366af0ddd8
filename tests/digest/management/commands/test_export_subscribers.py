"""The list of people leads out as it leads in: exported, imported and exported it is the same."""

from __future__ import annotations

import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscribers.lists.export_list import list_rows
from subscribers.models import Subscriber, Topic
from tests.factories import NOW, make_reader

pytestmark = pytest.mark.django_db


def export(*options: str) -> str:
    out = StringIO()
    call_command("export_subscribers", *options, stdout=out)
    return out.getvalue()


def fill() -> None:
    make_reader(
        *("RAG", "diffusion policy"),
        mutes=("robots",),
        email="ada@example.org",
        paused_until=NOW,
        wants_near=False,
        wants_passing=True,
        wants_everywhere=False,
    )
    make_reader(email="+grace@example.org", cadence="weekly", timezone="Europe/Zurich", send_hour=6)
    fields: dict[str, Any] = {"status": "unsubscribed", "unsubscribed_at": NOW}
    make_reader("RAG", email="left@example.org", **fields)
    make_reader("RAG", email="new@example.org", status="pending", confirmed_at=None)


def test_it_writes_the_confirmed_and_with_all_the_others_too() -> None:
    fill()
    lines = export().splitlines()
    assert lines[0] == (
        "email,topics,timezone,send_hour,cadence,max_papers,confirmed,muted,paused_until,"
        "wants_near,wants_passing,wants_everywhere,status"
    )
    assert lines[1].startswith("ada@example.org,RAG; diffusion policy,UTC,8,daily,10,2026-04-22T")
    assert lines[1].endswith(",robots,2026-04-22T12:00:00+00:00,no,yes,no,active")
    assert [line.split(",")[0] for line in lines[2:]] == ["<+grace@example.org>"]
    assert len(export("--all").splitlines()) == 5


def test_no_cell_begins_as_a_formula() -> None:
    fill()
    Topic.objects.filter(query="RAG").update(query="+RAG; x")
    cells = [cell for line in export("--all").splitlines()[1:] for cell in line.split(",")]
    assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "-", "@"))]


def test_what_is_exported_imported_and_exported_again_is_the_same(tmp_path: Path) -> None:
    fill()
    path, before = tmp_path / "people.csv", export()
    call_command("export_subscribers", str(path), stdout=StringIO())
    Subscriber.objects.all().delete()
    call_command("import_subscribers", str(path), "--confirmed", stdout=StringIO())
    assert export() == before


def test_json_has_an_object_to_a_line() -> None:
    fill()
    first, second = map(json.loads, export("--json").splitlines())
    assert (first["topics"], first["muted"]) == (["RAG", "diffusion policy"], ["robots"])
    assert second["email"] == "+grace@example.org"


def test_a_file_is_its_owners_alone_and_never_written_over(tmp_path: Path) -> None:
    fill()
    path = tmp_path / "people.csv"
    said = export(str(path))
    assert said == f"{path}: 2 subscribers. It holds personal data: keep it from others.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="is there already"):
        export(str(path))
    assert export(str(path), "--replace") == said


def test_more_people_cost_no_more_queries_each() -> None:
    counts = []
    for _ in range(2):
        for _ in range(5):
            make_reader("RAG")
        with CaptureQueriesContext(connection) as caught:
            list(list_rows())
        counts.append(len(caught))
    assert counts[0] == counts[1] == 2
