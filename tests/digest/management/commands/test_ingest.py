from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.models import Paper, Source
from tests.digest.ingest.sources.wire import feed_item, rss
from tests.factories import NOW, make_source
from tests.web_server import Answer, WebServer, web_server

pytestmark = pytest.mark.django_db

POST = feed_item("A post", link="/1", pubDate="Wed, 22 Apr 2026 10:00:00 GMT")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def server(settings: Any) -> Iterator[WebServer]:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    Source.objects.all().delete()
    with web_server() as running:
        yield running


def ingest(*args: str, out: StringIO | None = None) -> list[str]:
    out = out or StringIO()
    call_command("ingest", *args, stdout=out)
    return out.getvalue().splitlines()


def _lab(server: WebServer, answer: Answer | bytes, name: str = "lab") -> Source:
    return make_source(url=server.give(f"/{name}", answer), title=f"The {name}")


def test_every_due_source_has_its_line_and_the_last_one_counts(server: WebServer) -> None:
    _lab(server, rss(POST))
    _lab(server, Answer(status=500), "office")
    assert ingest("--now", "2026-04-22") == [
        "The lab: healthy. 1 new paper.",
        "The office: failing. The server failed (error 500).",
        "Asked 2 sources: 1 new paper, 0 known papers updated, 0 replacements, "
        "0 entries left out. Failing: The office.",
    ]
    assert Paper.objects.get().first_seen_at == NOW


def test_when_nothing_is_due_it_says_what_will_be_and_when(server: WebServer) -> None:
    source = _lab(server, rss(POST))
    Source.objects.update(next_fetch_at=NOW + timedelta(minutes=45))
    assert ingest("--now", "2026-04-22") == [
        "No source is due at 2026-04-22 12:00 UTC; the next is The lab, at 2026-04-22 12:45 UTC."
    ]
    assert not server.log
    Source.objects.filter(pk=source.pk).update(is_active=False)
    assert ingest() == ["There is no active source. Add one with: manage.py add_source URL"]


def test_one_source_can_be_asked_before_it_is_due(server: WebServer) -> None:
    source = _lab(server, rss(POST))
    Source.objects.update(next_fetch_at=NOW + timedelta(days=9))
    said = ingest("--source", str(source.pk), "--now", "2026-04-22")
    assert said[0] == "The lab: healthy. 1 new paper."
    assert said[1].startswith("Asked 1 source: 1 new paper")


def test_a_source_that_does_not_exist_is_answered_with_those_that_do(server: WebServer) -> None:
    source = _lab(server, rss())
    with pytest.raises(CommandError, match=rf"no source 0\. The sources are: {source.pk} The lab"):
        ingest("--source", "0")


def test_on_a_terminal_the_lines_come_above_the_progress(
    server: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    _lab(server, rss(feed_item("[bold]One[/bold]", link="/1")))
    said = ingest("--now", "2026-04-22", out=Terminal())
    assert said[-1].startswith("Asked 1 source: 1 new paper")
    assert "The lab: healthy. 1 new paper." in capsys.readouterr().out
