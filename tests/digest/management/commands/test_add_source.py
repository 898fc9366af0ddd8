from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from digest.models import Source
from tests.factories import NOW

pytestmark = pytest.mark.django_db


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


def test_a_new_source_is_due_at_once_and_says_how_to_ask_it() -> None:
    said = add("https://www.lab.example.org/feed.xml", "--now", "2026-04-22")
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
    assert set(Source.objects.values_list("kind", "url")) == {
        ("huggingface", "https://huggingface.co/api/daily_papers"),
        ("arxiv", "https://rss.arxiv.org/rss/cs.AI+cs.CL+cs.CV+cs.LG"),
    }
