"""The table that precision is judged on."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from digest.models import Match
from subscribers.models import Topic
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db


def printed(folder: Path, topics: str, **options: object) -> list[str]:
    (folder / "topics.txt").write_text(topics)
    out = StringIO()
    call_command("first_papers", folder / "topics.txt", now=NOW.isoformat(), stdout=out, **options)
    return [line for line in out.getvalue().splitlines() if line]


def test_the_first_papers_stand_in_the_order_of_a_digest_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    make_paper(title="Robots", abstract="They have a world model.", trend=2.0)
    make_paper(title="A world model | again")
    make_paper(title="World models", abstract="Of a world model.")
    lines = printed(tmp_path, "world model\n\nbread\n", first=2)
    assert lines[0] == "### `world model`: 3 papers"
    assert lines[3].startswith("| 1 | World models (arxiv:")
    assert "A world model \\| again" in lines[4]  # no trend lifts a mention over a paper on it
    assert lines[5:6] == ["### `bread`: 0 papers"]
    assert "Robots" in "".join(printed(tmp_path, "world model\n"))
    assert not Match.objects.exists()
    assert not Topic.objects.exists()


def test_a_line_that_is_no_topic_and_a_missing_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"topics\.txt, line 2: “the” is in every paper"):
        printed(tmp_path, "bread\nthe\n")
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("first_papers", tmp_path / "no.txt")
