"""Every title and abstract of the captured documents, as documents our adapters read.

Beside each document stands what its own texts are, read from it without the product: JSON by
Python, XML by ElementTree, markup by an HTML parser.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as Tree
from xml.sax.saxutils import escape

from tests.expected_text import (
    abstract_of,
    as_typed,
    folded,
    lines_of,
    visible_text,
    without_tex,
)


@dataclass
class Captured:
    """One document; `texts` gives for each title what its abstract may be, both as shown."""

    name: str
    kind: str  # huggingface, arxiv or feed
    body: bytes
    texts: dict[str, set[str]] = field(default_factory=dict)
    explained: str = ""  # why nothing is expected of it

    def expect(self, title: str, *abstracts: str) -> None:
        self.texts.setdefault(title, set()).update(abstracts)


def plain(text: str) -> str:
    """A text that is no markup, as arXiv and Hugging Face have them."""
    return folded(without_tex(text))


def markup(text: str) -> str:
    return folded(visible_text(text))


def typeset(text: str) -> str:
    """A text that is markup in which TeX may stand too, as feeds have them."""
    return _typeset(" ".join(lines_of(text)))


def _typeset(text: str) -> str:
    return folded(as_typed(without_tex(text)))


def abstracts(text: str, title: str) -> set[str]:
    """What the abstract in an entry's text may be: it is markup, or plain text, or markup twice."""
    lines = lines_of(text)
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    readings = (lines, lines_of("\n".join(lines)), list(filter(None, paragraphs)))
    return {_typeset(abstract_of(one, title)) for one in readings}


def captured(real: Path) -> Iterator[Captured]:
    yield from _listings(real)
    yield from _daily_pages(real)
    yield _verbatim(real)
    yield _labelled(real)
    for folder in ("arxiv-rss", "arxiv-rdf", "arxiv-api", "feeds"):
        for path in sorted((real / folder).rglob("*")):
            if path.is_file():
                yield _document(path, "feed" if folder == "feeds" else "arxiv")


# -- records, put into the shape of their hosts -------------------------------------------------


def _listings(real: Path) -> Iterator[Captured]:
    for path in sorted((real / "arxiv-listing").glob("*.json")):
        papers = json.loads(path.read_text())["papers"]
        entries = "".join(
            f"<entry><id>oai:arXiv.org:{p['arxiv_id']}v1</id><title>{escape(p['title'])}</title>"
            f'<link href="https://arxiv.org/abs/{p["arxiv_id"]}"/><summary>arXiv:{p["arxiv_id"]}v1 '
            f"Announce Type: new \nAbstract: {escape(p['abstract'])}</summary></entry>"
            for p in papers
        )
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{entries}</feed>'
        found = Captured(f"arxiv-listing/{path.name}", "arxiv", body.encode())
        for p in papers:
            found.expect(plain(p["title"]), plain(p["abstract"]))
        yield found


def _daily_pages(real: Path) -> Iterator[Captured]:
    for path in sorted((real / "hf" / "daily-page").glob("*.json")):
        rows = []
        for row in json.loads(path.read_text()):
            number = re.search(r"papers/([\w.-]+)", row.get("paper_url") or "")
            abstract = (row.get("details") or {}).get("abstract") or ""
            rows.append((number[1] if number else "", row["title"], abstract))
        yield _hugging(f"hf/daily-page/{path.name}", rows)


def _verbatim(real: Path) -> Captured:
    path = real / "hf" / "daily_papers_2026-06-12.json"
    found = Captured(f"hf/{path.name}", "huggingface", path.read_bytes())
    for row in json.loads(found.body):
        found.expect(plain(row["paper"]["title"]), plain(row["paper"]["summary"]))
    return found


def _labelled(real: Path) -> Captured:
    with gzip.open(real / "relevance" / "author_keywords_dev.jsonl.gz", "rt") as lines:
        papers = [json.loads(line) for line in lines]
    return _hugging("relevance", [(p["id"], p["title"], p["abstract"] or "") for p in papers])


def _hugging(name: str, rows: list[tuple[str, str, str]]) -> Captured:
    listed = [{"paper": {"id": id_, "title": t, "summary": a}} for id_, t, a in rows]
    found = Captured(name, "huggingface", json.dumps(listed).encode())
    for number, title, abstract in rows:
        if number and plain(title):
            found.expect(plain(title), plain(abstract))
    return found


# -- documents as they came ---------------------------------------------------------------------

_ARXIV_HEAD = re.compile(
    r"\s*arXiv:\S+\s+Announce Type:\s*[\w-]+\s*(?:Abstract:\s*)?", re.IGNORECASE
)
_ARXIV_TAIL = re.compile(r"\s*\(arXiv:[^()]*\[[\w.-]+\][^()]*\)\s*$")


def _document(path: Path, kind: str) -> Captured:
    found = Captured(f"{path.parent.name}/{path.name}", kind, path.read_bytes())
    root = _tree(found.body)
    if root is None:
        found.explained = "no well-formed XML, nor made so by the repairs of docs/text.md"
        return found
    for entry in root.iter():
        if _name(entry) == "entry":
            _expect_atom(found, entry)
        elif _name(entry) == "item":
            _expect_rss(found, entry)
    return found


_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_CUT_OFF = re.compile(r"(.*</entry>)", re.DOTALL)


def _tree(body: bytes) -> Tree.Element | None:
    """The document as XML; where it is not quite, as its reader can only mean it.

    Bytes that are UTF-8 are UTF-8 whatever they declare, undeclared ones else are Windows's; white
    space may stand before the declaration; of a file that breaks off its whole entries count.
    """
    text = _DECLARATION.sub("", _decoded(body), count=1)
    whole = _CUT_OFF.match(text)
    for repaired in (text, f"{whole[1]}</feed>" if whole else ""):
        with suppress(Tree.ParseError):
            return Tree.fromstring(repaired)
    return None


def _decoded(body: bytes) -> str:
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w-]+)", body)
    for encoding in ("utf-8", declared[1].decode() if declared else "", "windows-1252"):
        with suppress(UnicodeDecodeError, LookupError):
            return body.decode(encoding)
    return body.decode("windows-1252", "replace")


def _name(element: Tree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _inner(element: Tree.Element) -> str:
    """What stands in an element; elements within it as the markup they are."""
    if not len(element):
        return element.text or ""
    for child in element.iter():
        child.tag = _name(child)
    return (element.text or "") + "".join(
        Tree.tostring(e, "unicode", method="html") for e in element
    )


def _expect_atom(found: Captured, entry: Tree.Element) -> None:
    titles = [e for e in entry.iter() if _name(e) == "title"]
    named = ("summary", "content", "description")
    texts = [e for e in entry.iter() if _name(e) in named]
    for title in _atom_titles(titles[0], found.kind) if titles else ():
        for text in texts:
            found.expect(title, *_atom_abstracts(text, title, found.kind))
        found.expect(title)


def _atom_titles(element: Tree.Element, kind: str) -> set[str]:
    """One reading where the type is named; else blogs send markup as often as plain text."""
    text = _inner(element)
    if _is_markup(element):
        return {typeset(text)}
    if kind == "arxiv":
        return {plain(_ARXIV_HEAD.sub("", text))}
    return {plain(text)} if element.get("type") else {plain(text), typeset(text)}


def _atom_abstracts(element: Tree.Element, title: str, kind: str) -> set[str]:
    text = _inner(element)
    if kind == "arxiv" and not _is_markup(element):
        return {plain(_ARXIV_HEAD.sub("", text))}
    return abstracts(text, title)


def _is_markup(element: Tree.Element) -> bool:
    return element.get("type") in ("html", "text/html", "xhtml")


def _expect_rss(found: Captured, item: Tree.Element) -> None:
    """RSS does not say what is markup: a description is, and a title may be."""
    texts: dict[str, str] = {}
    for child in item:
        texts.setdefault(_name(child), _inner(child))
    title = _ARXIV_TAIL.sub("", texts.get("title", ""))
    names = ("description", "encoded", "summary", "subtitle")
    authors = {_inner(child).strip() for child in item if _name(child) in ("author", "creator")}
    if len(authors) == 1:  # "Ada Lunt: On Roofs", by Ada Lunt
        title = title.removeprefix(f"{authors.pop()}: ")
    told = [texts[name] for name in names if name in texts]
    if found.kind == "arxiv":
        told = [_ARXIV_HEAD.sub("", text) for text in told]
    for read in {plain(title), typeset(title)}:
        shown = [abstracts(text, read) for text in told]
        shown += [{plain(text)} for text in told if found.kind == "arxiv"]
        found.expect(read, *set().union(*shown))
