"""What a reader sees is what the source says: `make fidelity`.

Every title and abstract of the captured documents goes through its adapter, ingest, and the mail of
a reader: its HTML as an HTML parser and as Chromium show it, its text part, and the paper's page.
Each is compared with what docs/text.md says it should be, worked out apart from the product.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from digest.ingest.sources import arxiv, feed, huggingface
from digest.ingest.sources.parsed import Unreadable
from digest.ingest.store import store_document
from digest.ingest.text.clean import ABSTRACT_CHARS, TITLE_CHARS
from digest.models import Entry, Paper
from digest.render import Typesetter, excerpt
from tests.campaigns.captured_texts import Captured, captured
from tests.digest.ingest.sources.test_real_documents import REAL
from tests.expected_text import visible_text, wrapped
from tests.factories import NOW, make_delivery, make_reader, make_source

EVERYTHING = 1_000_000  # characters of an abstract to show
URL = "https://feeds.example.org/list"
ONLY = os.environ.get("ONLY", "")  # a part of a document's name


@pytest.mark.django_db
@pytest.mark.skipif(not REAL.is_dir(), reason=f"The captured documents are absent: no {REAL}.")
def test_what_a_reader_sees_is_what_the_source_says(
    monkeypatch: pytest.MonkeyPatch,
    client: Any,
    browser: Browser,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # A mail shows the best lines of an abstract; here all of them are to be compared.
    monkeypatch.setattr(excerpt.summarize_paper, "__defaults__", (EVERYTHING,))
    tally, wrong = Counter[str](), list[str]()
    page = browser.new_page()
    delivery = make_delivery(subscriber=make_reader("x"))
    for document in captured(REAL):
        if ONLY not in document.name:
            continue
        papers = _ingest(document, tally)
        was_refused = papers is None
        papers = papers or []
        new = list[str]()
        for paper in papers:
            tally["papers"] += 1
            problem = _place(document, paper, tally)
            new += (
                problem
                if isinstance(problem, list)
                else _look(paper, problem, delivery, client, page, tally)
            )
        if document.texts and not papers and not was_refused:
            new.append(f"{document.name}: nothing was read")
        with capsys.disabled():
            print(f"{document.name}: {len(papers)} papers, {len(new)} differences", flush=True)
            print("".join(f"    {problem}\n" for problem in new), end="", flush=True)
        wrong += new
        Paper.objects.all().delete()
    with capsys.disabled():
        print("\n".join(f"{count:7,} {what}" for what, count in sorted(tally.items())))
        print(f"{len(wrong)} differences unexplained.")
    assert not wrong
    assert ONLY or tally["papers"] > 5000


def _ingest(document: Captured, tally: Counter[str]) -> list[Paper] | None:
    try:
        if document.kind == "huggingface":
            parsed = huggingface.parse_document(document.body, date(2026, 4, 22))
        else:
            parsed = (arxiv if document.kind == "arxiv" else feed).parse_document(
                document.body, URL
            )
    except Unreadable:
        tally["documents refused with a sentence"] += 1
        return None
    tally["documents"] += 1
    source = make_source(kind=document.kind)
    store_document(source, parsed, NOW)
    Entry.objects.filter(source=source).update(seen_at=NOW)
    return list(Paper.objects.filter(entries__source=source).distinct())


def _place(document: Captured, paper: Paper, tally: Counter[str]) -> tuple[str, str] | list[str]:
    """The title and the abstract that should be shown; or what is wrong already."""
    if document.explained:
        tally[f"papers compared with what was stored ({document.explained})"] += 1
        return paper.title, paper.abstract
    title = next(
        (t for t in document.texts if _is_shown_as(paper.title, t, TITLE_CHARS, tally, "titles")),
        None,
    )
    if title is None:
        made = next(
            (
                a
                for aa in document.texts.values()
                for a in aa
                if a.startswith(paper.title.rstrip("…"))
            ),
            None,
        )
        if made is None or not paper.title:
            return [f"{document.name}: title {paper.title!r} is nobody's"]
        tally["titles made of the abstract, where the source has none"] += 1
        abstracts = set().union(*document.texts.values())
    else:
        abstracts = document.texts[title]
    candidates = abstracts | {""}
    if any(_is_shown_as(paper.abstract, a, ABSTRACT_CHARS, tally, "abstracts") for a in candidates):
        return paper.title, paper.abstract
    nearest = max(candidates, key=lambda a: _alike(a, paper.abstract))
    at = _alike(nearest, paper.abstract)
    shown, meant = (text[max(0, at - 20) : at + 30] for text in (paper.abstract, nearest))
    return [f"{document.name}: {paper.title[:40]!r}: …{shown!r} for …{meant!r}"]


def _alike(one: str, other: str) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _is_shown_as(shown: str, expected: str, limit: int, tally: Counter[str], what: str) -> bool:
    if shown == expected:
        return True
    is_cut = len(expected) > limit and shown.endswith("…") and len(shown) > limit // 2
    if is_cut and expected.startswith(shown[:-1]):
        tally[f"{what} cut at their cap of {limit}"] += 1
        return True
    return False


def _look(
    paper: Paper, said: tuple[str, str], delivery: Any, client: Any, page: Any, tally: Counter[str]
) -> list[str]:
    """Where the title or the abstract is not to be seen as it should."""
    word = max(re.findall(r"[^\W\d_]+", paper.abstract) or ["x"], key=len)
    Paper.objects.filter(pk=paper.pk).update(summary="")
    item = {"id": paper.pk, "section": "new", "topics": [[1, word, word]], "evidence": ""}
    delivery.contents = {"papers": [item]}
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    html, text = str(message.alternatives[0][0]), str(message.body)
    shown = {"HTML part": visible_text(html), "text part": text, "page": _page(client, paper)}
    page.set_content(html)
    shown["Chromium"] = " ".join(re.split(r"[ \t\r\n\f]+", page.inner_text("body")))
    wrong = []
    for where, seen in shown.items():
        for what, expected in zip(("title", "abstract"), said, strict=True):
            tally[f"{what}s compared in the {where}"] += 1
            found = wrapped(expected).search(seen) if where == "text part" else expected in seen
            if not found:
                wrong.append(
                    f"{paper.identifier}: {what} in the {where}: {_where_it_parts(expected, seen)}"
                )
    return wrong


def _page(client: Any, paper: Paper) -> str:
    # Each from another network: one that asks for thousands of pages is put off.
    network = f"10.{paper.pk // 256 % 256}.{paper.pk % 256}.1"
    address = reverse("digest:paper", args=[paper.identifier])
    response = client.get(address, REMOTE_ADDR=network)
    assert response.status_code == 200, paper.identifier
    return visible_text(response.content.decode())


def _where_it_parts(expected: str, seen: str) -> str:
    end = len(expected)
    while end > 0 and not wrapped(expected[:end]).search(seen):
        end -= 1
    found = wrapped(expected[: max(end, 1)]).search(seen)
    at = found.end() if found else 0
    return f"{expected[max(0, end - 20) : end + 25]!r} seen as {seen[max(0, at - 20) : at + 25]!r}"
