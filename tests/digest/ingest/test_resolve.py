"""Which paper an entry speaks of: by its name, its DOI, or a title that can be trusted."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from digest.identifiers import fold_title
from digest.ingest.resolve import PaperIndex
from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Paper, PaperAlias
from tests.factories import make_paper, make_source

pytestmark = pytest.mark.django_db
TITLE = "Scaling laws for the very long titles of papers"


def entry(identifier: str, **fields: object) -> ParsedEntry:
    made: dict[str, object] = {"guid": "g9", "title": TITLE, "url": "https://x.example"} | fields
    return ParsedEntry(identifier=identifier, **made)  # type: ignore[arg-type]


def find(parsed: ParsedEntry) -> Paper | None:
    index = PaperIndex.load(make_source(), [parsed])
    return index.find_paper(parsed, fold_title(parsed.title))


def test_a_paper_is_found_by_its_identifier() -> None:
    paper = make_paper(identifier="arxiv:2604.00001", title="Another title")
    assert find(entry("arxiv:2604.00001")) == paper
    assert find(entry("arxiv:2604.00002")) is None


def test_a_paper_is_found_by_its_doi_unless_both_have_a_name_of_one_kind() -> None:
    paper = make_paper(identifier="arxiv:2604.00001", title="Another title", doi="10.1000/1")
    assert find(entry("url:https://x.example", doi="10.1000/1")) == paper
    assert find(entry("arxiv:2604.00002", doi="10.1000/1")) is None


def test_a_long_title_and_a_shared_author_find_a_paper_and_another_author_does_not() -> None:
    folded = fold_title(TITLE)
    paper = make_paper(title=TITLE, folded_title=folded, authors=["Ana Diaz"])
    assert find(entry("url:https://x.example", authors=("A. Díaz",))) == paper
    assert find(entry("url:https://x.example", authors=("Bo Chen",))) is None
    assert find(entry("url:https://x.example", title="Short")) is None


def test_two_rows_that_an_entry_names_are_one_paper() -> None:
    make_paper(identifier="arxiv:2604.00001", title="One")
    make_paper(identifier="doi:10.1000/1", title="Two", doi="10.1000/1")
    parsed = entry("arxiv:2604.00001", doi="10.1000/1")
    index = PaperIndex.load(make_source(), [parsed])
    number, doi = (index.by_identifier[name] for name in ("arxiv:2604.00001", "doi:10.1000/1"))
    assert index.find_duplicate(number, parsed) is doi
    index.replace_paper(doi, number)
    assert index.by_identifier["doi:10.1000/1"] is number


def test_papers_that_older_rules_named_get_the_names_of_today_besides() -> None:
    old = {
        "doi:10.21203/rs.3.rs-1/v2": "doi:10.21203/rs.3.rs-1",
        "url:https://openreview.net/pdf?id=aBc": "url:https://openreview.net/forum?id=aBc",
        "url:https://scirate.com/arxiv/2604.00001": "arxiv:2604.00001",
        "doi:10.1000/x": "",
        "url:https://lab.example.org/1": "",
    }
    for identifier in old:
        make_paper(identifier=identifier)
    import_module("digest.migrations.0014_paper_names").name_papers_anew(apps, None)
    rows = PaperAlias.objects.values_list("paper__identifier", "name")
    assert dict(rows) == {identifier: name for identifier, name in old.items() if name}
    assert find(entry("arxiv:2604.00001")) is not None
