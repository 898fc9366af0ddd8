"""`manage.py preview` shows a digest, writes it where asked, and answers trouble in sentences."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from digest.models import Delivery, Edition
from digest.render import header_footer
from subscribers.models import Subscriber, Topic
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db


def preview(*args: str) -> str:
    out = StringIO()
    call_command("preview", *args, "--now", NOW.isoformat(), stdout=out)
    return out.getvalue()


def test_the_table_names_papers_topics_and_trend_and_the_subject() -> None:
    make_paper(title="Robots [bold]learn[/bold]", trend=1.0, trend_parts={"votes": 63})
    said = " ".join(preview("robots, world models").split())
    for part in ("In your topics", "Robots [bold]learn[/bold]", "63 votes", "Subject: Robots "):
        assert part in said
    written = [model.objects.count() for model in (Delivery, Edition, Subscriber, Topic)]
    assert written == [0, 0, 0, 0]


def test_the_text_part_is_printed_alone() -> None:
    make_paper(title="Robots learn")
    said = preview("robots", "--text")
    assert said.startswith("OFFPRINT.")
    assert "Robots learn" in said
    assert "Subject:" not in said


def test_the_html_part_is_written_and_its_size_is_said(tmp_path: Path) -> None:
    make_paper(title="Robots é <learn>")
    path = tmp_path / "mail.html"
    said = preview("robots", "--html", str(path))
    html = path.read_bytes()
    assert html.startswith(b"<!doctype html>")
    assert "é &lt;learn&gt;".encode() in html
    assert said == f"The mail is in {path} ({len(html):,} bytes).\n"


def test_a_file_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    make_paper(title="Robots learn")
    with pytest.raises(CommandError, match="could not be written: Is a directory") as raised:
        preview("robots", "--html", str(tmp_path))
    assert str(tmp_path) in str(raised.value)


def test_without_papers_it_says_where_to_get_some() -> None:
    said = preview("robots")
    assert "There are no papers yet." in said
    assert "manage.py ingest" in said


def test_without_a_find_it_says_how_many_papers_were_looked_at() -> None:
    make_paper(title="Reading old letters")
    said = preview("robots")
    assert "None of these topics is in the 1 paper of the last days" in said


@pytest.mark.parametrize(
    ("topics", "sentence"), [("", "Name at least one topic"), ('robots, "unclosed', "quote")]
)
def test_a_bad_topic_is_answered_with_its_sentence(topics: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        preview(topics)


def test_a_mail_that_cannot_be_set_points_to_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper(title="Robots learn")
    monkeypatch.setattr(header_footer, "name_section", {}.__getitem__)
    with pytest.raises(CommandError, match="could not be set; the log says why"):
        preview("robots")
    assert "could not be set" in caplog.text
