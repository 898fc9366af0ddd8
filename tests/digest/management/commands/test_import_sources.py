from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from digest.models import Source
from tests.factories import make_source

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Labs"><outline text="Deep">
<outline type="rss" text="A lab" title="A Lab&#8217;s blog"
  xmlUrl=" https://lab.example.org/feed "/>
</outline></outline>
<outline text="cs.CL" XMLURL="https://rss.arxiv.org/rss/cs.CL"/>
<outline xmlUrl="https://plain.example.org/rss.xml"/>
<outline text="Again" xmlUrl="https://lab.example.org/feed"/>
<outline text="Bad" xmlUrl="file:///etc/passwd"/>
<outline text="Worse" xmlUrl="https://[::1"/>
<outline text="No host" xmlUrl="https://exa mple/"/>
</body></opml>"""


def bring(path: Path) -> str:
    out = StringIO()
    call_command("import_sources", str(path), stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_every_feed_of_an_export_becomes_a_source_and_each_says_what_became_of_it(
    tmp_path: Path,
) -> None:
    Source.objects.all().delete()
    path = tmp_path / "mine.opml"
    path.write_text(OPML)
    lines = bring(path).splitlines()
    found = Source.objects.order_by("pk").values_list("title", "url", "kind")
    assert list(found) == [
        ("A Lab’s blog", "https://lab.example.org/feed", "feed"),
        ("cs.CL", "https://rss.arxiv.org/rss/cs.CL", "arxiv"),
        ("plain.example.org/rss.xml", "https://plain.example.org/rss.xml", "feed"),
    ]
    assert lines[3] == "Known already, as A Lab’s blog: https://lab.example.org/feed"
    assert [line.split(":")[0] for line in lines[4:7]] == [
        "Left out, Bad", "Left out, Worse", "Left out, No host",
    ]  # fmt: skip
    assert lines[-1] == "7 outlines: 3 sources added, 1 known already, 3 left out."
    assert bring(path).splitlines()[-1].startswith("7 outlines: 0 sources added, 4 known already")


@pytest.mark.django_db
def test_a_source_that_is_there_keeps_its_title(tmp_path: Path) -> None:
    make_source(url="https://lab.example.org/feed", title="Ours")
    path = tmp_path / "mine.opml"
    path.write_text(OPML)
    assert "Known already, as Ours" in bring(path)
    assert Source.objects.get(url="https://lab.example.org/feed").title == "Ours"


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.opml cannot be opened: No such file"):
        bring(tmp_path / "nothing.opml")
    path = tmp_path / "page.html"
    path.write_text("<html>")
    with pytest.raises(CommandError, match=r"page\.html cannot be read as OPML"):
        bring(path)


@pytest.mark.django_db
def test_one_feed_in_many_spellings_is_one_source(tmp_path: Path) -> None:
    Source.objects.all().delete()
    urls = [
        "http://f.example.org/f/",
        "https://f.example.org/f",
        "HTTPS://F.example.org:443/f",
        "feed://f.example.org/f",
        "https://arxiv.org/list/cs.CL/recent",
        "https://rss.arxiv.org/rss/cs.CL",
        "http://10.0.0.1/f",
        "https://arxiv.org/abs/2604.01234",
    ]
    outlines = "".join(f'<outline text="x" xmlUrl="{url}"/>' for url in urls)
    path = tmp_path / "mine.opml"
    path.write_text(f"<opml><body><outline>{outlines}</outline></body></opml>")
    said = bring(path).splitlines()
    assert said[-1] == "8 outlines: 2 sources added, 4 known already, 2 left out."
    assert "within a private network" in said[-3]
    assert "is one paper" in said[-2]
