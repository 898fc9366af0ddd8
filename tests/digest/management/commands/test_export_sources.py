"""Sources lead out as OPML, and in again as the same."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from digest.models import Source
from tests.factories import NOW, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sources() -> None:
    Source.objects.all().delete()
    make_source(title="Ä & “quotes” <b>", url="https://feeds.example.org/a?x=1&y=2")
    make_source(title="Plain", url="https://feeds.example.org/plain")
    make_source(title="Stopped", url="https://feeds.example.org/stopped", is_active=False)


def list_sources() -> list[tuple[str, str]]:
    return list(Source.objects.order_by("url").values_list("url", "title"))


def test_what_is_exported_and_imported_is_the_same(tmp_path: Path) -> None:
    path, before, out = tmp_path / "feeds.opml", list_sources(), StringIO()
    call_command("export_sources", str(path), "--all", stdout=out)
    assert out.getvalue() == f"{path}: 3 sources.\n"
    Source.objects.all().delete()
    call_command("import_sources", str(path), now=NOW.isoformat(), stdout=StringIO())
    assert list_sources() == before


def test_those_that_are_stopped_stay_unless_all_are_asked_for() -> None:
    out = StringIO()
    call_command("export_sources", stdout=out)
    assert out.getvalue().count("<outline") == 2


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text("mine")
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_sources", str(path))
    assert path.read_text() == "mine"
