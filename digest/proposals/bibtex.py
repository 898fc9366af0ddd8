"""BibTeX as people paste it: entries with titles, abstracts, keywords and authors.

Forgiving: what is not an entry is passed over, and a brace that is never closed ends its entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.text import from_tex

MOST_ENTRIES = 2_000
# Bounded, so that no text takes longer than its length.
_ENTRY = re.compile(r"@\s{0,9}([A-Za-z]{1,30})\s{0,9}[{(]")
_FIELD = re.compile(r"(?<![\w-])([A-Za-z][\w-]{0,30})\s{0,9}=\s{0,99}")
_BRACE = re.compile(r"(?<!\\)[{}]")
_NO_PAPERS = {"comment", "string", "preamble"}
_FIELD_CHARS = 10_000


@dataclass(frozen=True)
class BibEntry:
    """One entry, as far as it tells interests; what it lacks is empty."""

    title: str
    abstract: str
    keywords: tuple[str, ...]
    authors: tuple[str, ...]  # given name first


def is_bibtex(text: str) -> bool:
    """Whether a text holds an entry, and not just an email address."""
    return any("=" in text[found.end() : found.end() + 400] for found in _ENTRY.finditer(text))


def read_bibtex(text: str) -> list[BibEntry]:
    """Return the entries that have a title or keywords, at most 2,000."""
    heads = [f for f in _ENTRY.finditer(text) if f.group(1).lower() not in _NO_PAPERS]
    ends = [found.start() for found in heads[1:]] + [len(text)]
    entries = []
    for head, end in zip(heads[:MOST_ENTRIES], ends, strict=False):
        entry = _entry(dict(_fields(text[head.end() : end])))
        if entry.title or entry.keywords:
            entries.append(entry)
    return entries


def _entry(fields: dict[str, str]) -> BibEntry:
    keywords = fields.get("keywords") or fields.get("keyword") or ""
    parts = (_plain(part) for part in re.split(r"[,;]|\\sep\b", keywords))
    authors = " ".join(fields.get("author", "")[:_FIELD_CHARS].split()).split(" and ")
    return BibEntry(
        title=_plain(fields.get("title", "")),
        abstract=_plain(fields.get("abstract", "")),
        keywords=tuple(filter(None, parts)),
        authors=tuple(filter(None, (_given_first(_plain(name)) for name in authors))),
    )


def _fields(body: str) -> Iterator[tuple[str, str]]:
    """The fields of an entry; of one that is given twice the last counts."""
    at = 0
    while found := _FIELD.search(body, at):
        value, at = _value(body, found.end())
        yield found.group(1).lower(), value


def _value(body: str, start: int) -> tuple[str, int]:
    """The value that begins here, without its delimiters, and where it ends."""
    if start < len(body) and body[start] == "{":
        end = _closing(body, start)
        return body[start + 1 : end], end + 1
    if start < len(body) and body[start] == '"':
        end = body.find('"', start + 1)
        end = len(body) if end < 0 else end
        return body[start + 1 : end], end + 1
    bare = re.compile(r"[^,}\s]*").match(body, start)
    return (bare.group(), bare.end()) if bare else ("", start)


def _closing(body: str, start: int) -> int:
    """Where the brace that opens here is closed; the end of the entry if it never is."""
    depth = 0
    for found in _BRACE.finditer(body, start):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return found.start()
    return len(body)


def _plain(value: str) -> str:
    """Without TeX, and without the braces that only keep capitals."""
    return re.sub(r"[{}]", "", from_tex(value[:_FIELD_CHARS], _FIELD_CHARS)).strip(" .")


def _given_first(name: str) -> str:
    """Yann LeCun, from "LeCun, Yann" too; nothing for "others"."""
    family, comma, given = name.partition(",")
    full = f"{given.strip()} {family.strip()}" if comma else name
    return "" if full.lower() == "others" else " ".join(full.split())
