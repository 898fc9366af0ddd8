from __future__ import annotations

from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from digest.ingest import look_at
from digest.ingest.sources.fetch import FetchedDocument
from digest.ingest.sources.fetch_errors import FetchError
from digest.models import Source
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts: one with a page and its feed, one with a page that names none, others silent."""
    page = b"<html><link rel=alternate type=application/rss+xml href=/feed.xml>"
    feed = b"<rss version='2.0'><channel><item><title>Slow robots</title></item></channel></rss>"
    answers = {
        "https://page.example.org/blog": page,
        "https://page.example.org/feed.xml": feed,
        "https://plain.example.org/": b"<html><p>Nothing",
    }

    def fetch(url: str) -> FetchedDocument:
        if url not in answers:
            raise FetchError("The name could not be found.")
        return FetchedDocument(answers[url])

    monkeypatch.setattr(look_at, "fetch_url", fetch)


def add(*args: str) -> str:
    out = StringIO()
    call_command("add_source", *args, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://rss.arxiv.org/rss/cs.RO", "arxiv"),
        ("https://export.arxiv.org/api/query?search_query=all:x", "arxiv"),
        ("https://huggingface.co/api/daily_papers/?sort=x", "huggingface"),
        ("https://huggingface.co/blog/feed.xml", "feed"),
        ("https://lab.example.org/feed.xml", "feed"),
        ("https://notarxiv.org/rss", "feed"),
    ],
)
def test_the_kind_of_a_source_is_told_by_its_address(url: str, kind: str) -> None:
    add(url)
    assert Source.objects.get(url=url).kind == kind


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("cs.RO", "cs.RO"),
        ("cat:cs.ro", "cs.RO"),
        ("arXiv:q-bio", "q-bio"),
        ("cs.cl + stat.ml", "cs.CL+stat.ML"),
        ("hep-th,cond-mat.str-el", "hep-th+cond-mat.str-el"),
    ],
)
def test_a_category_of_arxiv_is_added_by_its_name(typed: str, path: str) -> None:
    said = add(typed, "--no-fetch")
    assert "is added as arXiv" in said
    assert Source.objects.get(url=f"https://rss.arxiv.org/rss/{path}").kind == "arxiv"


def test_what_is_nearly_a_category_is_refused_with_what_to_write() -> None:
    with pytest.raises(CommandError, match=r"“cs\.xx” is no category of arXiv"):
        add("cs.CL+cs.XX")
    with pytest.raises(CommandError, match=r"by its name, such as cs\.CL"):
        add("cs.XX")


def test_a_new_source_is_due_at_once_and_says_how_to_ask_it() -> None:
    said = add("https://www.lab.example.org/feed.xml", "--now", "2026-04-22", "--no-fetch")
    source = Source.objects.due(NOW).get(kind="feed")
    assert (source.title, source.state) == ("lab.example.org/feed.xml", "new")
    assert said == (
        f"Source {source.pk}, lab.example.org/feed.xml, is added as RSS or Atom feed. "
        f"Ask it now with: manage.py ingest --source {source.pk}\n"
    )


def test_kind_and_title_can_be_given() -> None:
    add("https://mirror.example.org/rss/cs.CL", "--kind", "arxiv", "--title", "Our mirror")
    assert Source.objects.filter(kind="arxiv", title="Our mirror").exists()


def test_a_source_that_is_there_already_is_not_added_twice() -> None:
    add("https://lab.example.org/feed.xml", "--title", "The lab")
    said = add("https://lab.example.org/feed.xml")
    assert said.endswith("The lab, has this address already.\n")
    assert Source.objects.filter(title="The lab").count() == 1


@pytest.mark.parametrize("url", ["lab.example.org", "ftp://x.org/feed", "/etc/passwd", "x://["])
def test_what_is_no_address_on_the_web_is_refused(url: str) -> None:
    with pytest.raises(CommandError, match="must begin with http:// or https://"):
        add(url)


def test_what_no_source_can_have_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="“blog” is not a kind of source: write huggingface"):
        add("https://x.example.org/", "--kind", "blog")
    with pytest.raises(CommandError, match=r"The source was not added\. url: "):
        add("https://not a host/")


def test_a_new_installation_has_hugging_face_and_arxiv() -> None:
    # Tests with transactions empty the table: what the migration brings is brought once more.
    Source.objects.all().delete()
    editor = SimpleNamespace(connection=connection)
    import_module("digest.migrations.0002_default_sources").add_sources(apps, editor)
    assert set(Source.objects.values_list("kind", "url")) == {
        ("huggingface", "https://huggingface.co/api/daily_papers"),
        ("arxiv", "https://rss.arxiv.org/rss/cs.AI+cs.CL+cs.CV+cs.LG"),
    }


def test_a_page_adds_the_feed_that_it_names_and_shows_its_papers() -> None:
    said = add("https://page.example.org/blog").splitlines()
    assert said[:3] == [
        "The page names this feed: https://page.example.org/feed.xml",
        "It holds 1 paper:",
        "  Slow robots",
    ]
    assert Source.objects.get(title="page.example.org/feed.xml").kind == "feed"
    assert "has this address already" in add("https://page.example.org/blog")


def test_what_cannot_be_read_is_not_added() -> None:
    before = Source.objects.count()
    with pytest.raises(CommandError, match=r"Nothing is added\. .* names no feed"):
        add("https://plain.example.org/")
    with pytest.raises(CommandError, match="is one paper"):
        add("https://arxiv.org/abs/2604.01234")
    assert Source.objects.count() == before
    add("https://plain.example.org/", "--no-fetch")
    assert Source.objects.count() == before + 1


def test_a_host_that_is_silent_is_added_and_said_to_be() -> None:
    said = add("https://blog.arxiv.org/feed/")
    assert "Nobody has looked at it yet" in said
    assert "is added as RSS or Atom feed" in said


@pytest.mark.parametrize("url", ["http://127.0.0.1/feed", "http://[::1]/", "http://nas.local/f"])
def test_inner_addresses_are_refused_at_once(url: str, settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE = []
    for options in ([], ["--no-fetch"]):
        with pytest.raises(CommandError, match="within a private network"):
            add(url, *options)


def test_one_source_is_not_added_twice_however_it_is_written() -> None:
    add("https://lab.example.org/feed.xml")
    for url in ("http://lab.example.org/feed.xml/", "HTTPS://LAB.example.org:443/feed.xml"):
        assert "has this address already" in add(url)
