"""One paper under several addresses and names is one paper; two papers are two.

Each line of listings.jsonl has what one source or two list one after the other, and how many papers
these are.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.ingest.sources.feed import parse_document
from digest.ingest.store import store_document
from digest.models import Paper
from tests.digest.ingest.sources.test_many_entries import HEAD, expand, in_this_process
from tests.factories import NOW, make_source

__all__ = ["in_this_process"]
pytestmark = [pytest.mark.django_db, pytest.mark.indirect]
ROWS = list(map(json.loads, (Path(__file__).parent / "listings.jsonl").read_text().splitlines()))
SHORT_HERE = {
    "{t}": "<title>{title}</title>",
    "{other}": "<title>Quite another title, as revised for version two</title>",
    "{d}": "<description>{text}</description>",
    "{a}": "<dc:creator>Ada Lunt</dc:creator>",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))
def test_what_is_listed_again_is_the_same_paper(row: dict[str, Any]) -> None:
    names = {path for path, _, _ in row["listed"]}
    sources = {path: make_source(url=f"https://{path}.example.org/feed") for path in names}
    for path, day, item in row["listed"]:
        source = sources[path]
        for short, long in SHORT_HERE.items():
            item = item.replace(short, long)
        body = expand(f"{HEAD}<item>{item}</item></channel></rss>").encode()
        document = parse_document(body, source.url)
        store_document(source, document, NOW + timedelta(days=day), is_first=False)
    assert Paper.objects.count() == row["papers"]
    paper = Paper.objects.order_by("pk")[0]
    for field, right in row.get("is", {}).items():
        value = f"{paper.published_at:%Y-%m-%d %H:%M}" if field == "date" else getattr(paper, field)
        assert value == (expand(right) if isinstance(right, str) else right)
