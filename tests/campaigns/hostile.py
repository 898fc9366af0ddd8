"""The feed parser's own test corpus, its attacks among it, through our whole path: `make hostile`.

The documents come from the parser's source package, which the package index serves; they stay in
var/. Each is parsed in the child, stored, mailed and shown; then nothing in the mail and on the
pages may be anything but text, our own elements and the entry's own links.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from digest.ingest.sources import feed
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry, Unreadable
from digest.ingest.store import store_document
from digest.models import Paper, Source
from digest.render import Typesetter
from digest.render.paper_lines import clean_web_url
from tests.attacks import CONTROL, harm
from tests.factories import NOW, make_delivery, make_paper, make_reader, make_source

FOLDER = Path(django_settings.VAR_DIR) / "corpus"
BASE = "http://feeds.example.org/list.xml"
SECONDS = 12.0  # the child ends within nine; starting it may wait for a processor
ONLY = os.environ.get("ONLY", "")  # a part of a document's path
TEXT = "diffusion policy for robots"


def corpus() -> list[Path]:
    """Every document of the source package, fetched once."""
    name = f"feedparser-{version('feedparser')}"
    if not list(FOLDER.glob(f"{name}*")):
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [
            "pip",
            "download",
            "-q",
            "--no-binary",
            ":all:",
            "--no-deps",
        ]
        wanted = name.replace("-", "==")
        subprocess.run([sys.executable, "-m", *command, wanted, "-d", str(FOLDER)], check=True)
    if not (FOLDER / name).is_dir():
        with tarfile.open(next(FOLDER.glob(f"{name}*.tar.gz"))) as package:
            package.extractall(FOLDER, filter="data")
    return sorted(
        p for p in (FOLDER / name / "tests").rglob("*") if p.is_file() and p.suffix != ".py"
    )


def read(path: Path) -> tuple[Path, ParsedDocument | None, str, float]:
    """What the adapter makes of a document: read, refused, or broken; and how long it took."""
    began = time.monotonic()
    try:
        return path, feed.parse_document(path.read_bytes(), BASE), "read", time.monotonic() - began
    except Unreadable:
        return path, None, "refused with a sentence", time.monotonic() - began
    except Exception as error:  # what is counted here
        return path, None, f"TRACEBACK {error!r}", time.monotonic() - began


@pytest.mark.django_db
def test_the_parsers_own_attacks_come_to_nothing(
    client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [path for path in corpus() if ONLY in str(path)]
    tally, wrong = Counter[str](), list[str]()
    twin, told = Twin(client), 0
    with ThreadPoolExecutor(2) as pool:
        for number, (path, document, how, seconds) in enumerate(pool.map(read, paths), 1):
            name = str(path.relative_to(FOLDER))
            tally[how.split(" ")[0]] += 1
            tally["documents"] += 1
            tally["attacks"] += "sanitize" in name
            wrong += [f"{name}: {how}"] * how.startswith("TRACEBACK")
            wrong += [f"{name}: took {seconds:.0f} s"] * (seconds > SECONDS)
            if document:
                wrong += [
                    f"{name}: {said}" for said in twin.look(document, path.read_bytes(), tally)
                ]
            with capsys.disabled():
                print("".join(f"{said}\n" for said in wrong[told:]), end="", flush=True)
                if number % 200 == 0:
                    print(f"{number} of {len(paths)}, {len(wrong)} wrong", flush=True)
            told = len(wrong)
    with capsys.disabled():
        print("\n".join(f"{count:7,} {what}" for what, count in sorted(tally.items())))
        print(f"{len(wrong)} wrong.")
    assert not wrong
    assert ONLY or tally["documents"] > 2000


@pytest.mark.django_db
def test_attacks_made_on_a_feed_come_to_nothing_in_its_entries_too(
    client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most attacks stand in a feed's own title or subtitle, of which a mail shows nothing."""
    texts = [text for path in corpus() if "sanitize" in str(path) for text in _texts(path)]
    items = "".join(
        f"<item><title>{escape(text)}</title><link>https://example.org/{n}</link>"
        f"<description>{escape(text)}</description><author>{escape(text)}</author>"
        f"<category>{escape(text)}</category></item>"
        for n, text in enumerate(texts)
    )
    body = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()
    document, twin, tally = feed.parse_document(body, BASE), Twin(client), Counter[str]()
    wrong = list[str]()
    for start in range(0, len(document.entries), 20):  # as many as are looked at one by one
        some = replace(document, entries=document.entries[start : start + 20])
        wrong += twin.look(some, body + b"example.org", tally)
    with capsys.disabled():
        print("\n".join(wrong[:40]))
        print(f"{len(texts)} texts of attacks:", dict(tally), f"{len(wrong)} wrong.")
    assert not wrong
    assert len(texts) > 700


def _texts(path: Path) -> list[str]:
    """What stands in the elements of a document that look like markup."""
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError:
        return [path.read_text(errors="ignore")[:4000]]
    found = []
    for element in root.iter():
        inner = (element.text or "") + "".join(ElementTree.tostring(e, "unicode") for e in element)
        if element.tag not in (root.tag, "channel") and ("<" in inner or "&" in inner):
            found.append(inner)
    return found[:3] or [path.read_text(errors="ignore")[:4000]]


class Twin:
    """What a harmless paper looks like in each place, and whether another one differs."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._delivery = make_delivery(subscriber=make_reader("x"), contents={"papers": []})
        link = "https://example.org/paper"
        paper = make_paper(
            title=TEXT, abstract="long " * 100, summary="", url=link, code_url=link, code_stars=3,
            authors=["A. Turing"] * 5, organization="Lab", categories=["cs.CL", "cs.LG"],
        )  # fmt: skip
        self._harmless = self._shown([paper])
        other = make_paper(title=f"{TEXT} again")
        # Alone, beside another day, and on a quiet day.
        for moved, days in ((paper, 3), (other, 0), (other, 5)):
            Paper.objects.filter(pk=moved.pk).update(news_at=NOW - timedelta(days=days))
            for place, html in self._shown([paper]).items():
                self._harmless[place] = self._harmless.get(place, "") + html

    def look(self, document: ParsedDocument, body: bytes, tally: Counter[str]) -> list[str]:
        Paper.objects.all().delete()
        Source.objects.all().delete()
        source = make_source(title=document.title[:190] or "x", last_new_at=NOW)
        store_document(source, document, NOW)
        papers = list(Paper.objects.filter(entries__source=source).distinct())
        tally["papers"] += len(papers)
        wrong = [said for entry in document.entries for said in _dirty(entry)]
        known = {clean_web_url(paper.url) for paper in papers}
        known |= {f"https://arxiv.org/pdf/{p.identifier.partition(':')[2]}" for p in papers}
        known |= {clean_web_url(entry.guid) for entry in document.entries}  # "seen in" leads there
        wrong += [f"unknown link {url!r}" for url in known if url and not _is_its_own(url, body)]
        for place, html in self._shown(papers).items():
            kind = place.partition(" ")[0]
            tally[f"looked at as {kind}"] += 1
            twin = next(h for p, h in self._harmless.items() if p.startswith(kind))
            wrong += [f"{place}: {said}" for said in harm(html, twin, known)]
        return wrong

    def _shown(self, papers: list[Paper]) -> dict[str, str]:
        if not papers:
            return {}
        day = NOW.date().isoformat()
        pages = {"day": self._get(f"/papers/{day}/")}
        for paper in papers[:20]:
            item = {"id": paper.pk, "section": "new", "topics": [[1, "x", "x"]], "evidence": ""}
            self._delivery.contents = {"papers": [item]}
            [message] = Typesetter().render_all([self._delivery])
            assert message is not None
            assert not CONTROL.search(str(message.subject))
            pages[f"mail {paper.pk}"] = str(message.alternatives[0][0])
            pages[f"paper {paper.pk}"] = self._get(reverse("digest:paper", args=[paper.identifier]))
        return pages

    def _get(self, path: str) -> str:
        response = self._client.get(path, follow=True)
        assert response.status_code == 200, path
        return str(response.content.decode())


def _dirty(entry: ParsedEntry) -> list[str]:
    texts = [entry.title, entry.abstract, entry.guid, entry.url, *entry.authors, *entry.categories]
    return [f"control character in {text[:60]!r}" for text in texts if CONTROL.search(text)]


def _is_its_own(url: str, body: bytes) -> bool:
    """Whether a link can have come from the document, or is the feed's own or arXiv's."""
    host = url.split("/")[2].encode()
    return host in body or host in (b"feeds.example.org", b"arxiv.org", b"doi.org")
