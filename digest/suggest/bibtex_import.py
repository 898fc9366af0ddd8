"""BibTeX as people paste it: entries with titles, abstracts, keywords and authors.

Forgiving: what is not an entry is passed over, and a brace that is never closed ends its entry.
Abbreviations of @string are put in, what stands in @comment is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.ingest.text.clean import clean_tex

MOST_ENTRIES = 2_000
# Bounded, so that no text takes longer than its length.
_ENTRY = re.compile(r"@\s{0,9}([A-Za-z]{1,30})\s{0,9}[{(]")
_FIELD = re.compile(r"(?<![\w-])([A-Za-z][\w-]{0,30})\s{0,9}=\s{0,99}")
_BRACE = re.compile(r"(?<!\\)[{}]")
_QUOTE = re.compile(r'(?<!\\)[{}"]')
_AND = re.compile(r"[{}]|\s+and\s+", re.IGNORECASE)
_BARE = re.compile(r"[^,}#\s]*")
_NO_PAPERS = {"comment", "string", "preamble"}
_KEYWORDS = ("keywords", "keyword", "mendeley-tags", "groups")
_FIELD_CHARS = 10_000


@dataclass(frozen=True)
class BibEntry:
    """One entry, as far as it tells interests; what it lacks is empty."""

    title: str
    abstract: str
    keywords: tuple[str, ...]
    authors: tuple[str, ...]  # given name first


def is_bibtex(text: str) -> bool:
    """Return whether a text holds an entry, and not just an email address."""
    return any("=" in text[head.end() : head.end() + 400] for head in _ENTRY.finditer(text))


def read_bibtex(text: str) -> list[BibEntry]:
    """Return the entries that have a title or keywords, at most 2,000."""
    macros: dict[str, str] = {}
    entries = []
    for kind, body in _split_entries(text):
        if kind == "string":
            macros |= _read_fields(body, macros)
        elif kind not in _NO_PAPERS:
            entry = _make_entry(dict(_read_fields(body, macros)))
            if entry.title or entry.keywords:
                entries.append(entry)
        if len(entries) == MOST_ENTRIES:
            break
    return entries


def _split_entries(text: str) -> Iterator[tuple[str, str]]:
    """What each @something holds, up to the next; of a comment nothing is looked at."""
    heads, commented_to = [], 0
    for head in _ENTRY.finditer(text):
        if head.start() < commented_to:
            continue
        if head.group(1).lower() == "comment":
            commented_to = _find_closing_brace(text, head.end() - 1)
        heads.append(head)
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        yield head.group(1).lower(), text[head.end() : end]


def _make_entry(fields: dict[str, str]) -> BibEntry:
    keywords = ",".join(filter(None, (fields.get(name) for name in _KEYWORDS)))
    parts = (_strip_tex(part) for part in re.split(r"[,;|]|\\sep\b", keywords[:_FIELD_CHARS]))
    authors = map(_put_given_name_first, _split_names(fields.get("author", "")))
    return BibEntry(
        title=_strip_tex(fields.get("title", "")),
        abstract=_strip_tex(fields.get("abstract", "")),
        keywords=tuple(dict.fromkeys(filter(None, parts))),
        authors=tuple(filter(None, authors)),
    )


def _split_names(authors: str) -> list[str]:
    """The names between the ands; an and in braces is a part of one: {Barnes and Noble}."""
    names, depth, begun = list[str](), 0, 0
    authors = authors[:_FIELD_CHARS]
    for sign in _AND.finditer(authors):
        if sign.group() in "{}":
            depth += 1 if sign.group() == "{" else -1
        elif depth <= 0:
            names.append(authors[begun : sign.start()])
            begun = sign.end()
    return [*names, authors[begun:]]


def _read_fields(body: str, macros: Mapping[str, str]) -> dict[str, str]:
    """The fields of an entry; of one that is given twice the last counts."""
    fields, at = dict[str, str](), 0
    while head := _FIELD.search(body, at):
        value, at = _read_value(body, head.end(), macros)
        fields[head.group(1).lower()] = value
    return fields


def _read_value(body: str, start: int, macros: Mapping[str, str]) -> tuple[str, int]:
    """The value that begins here, its parts joined where # joins them, and where it ends."""
    value, at = _read_part(body, start, macros)
    while joined := re.compile(r"\s{0,99}#\s{0,99}").match(body, at):
        part, at = _read_part(body, joined.end(), macros)
        value += part
    return value, at


def _read_part(body: str, start: int, macros: Mapping[str, str]) -> tuple[str, int]:
    """One part of a value, and where it ends: in braces, in quotes, or bare.

    What is bare is a number or an abbreviation.
    """
    if body[start : start + 1] == "{":
        end = _find_closing_brace(body, start)
        return body[start + 1 : end], end + 1
    if body[start : start + 1] == '"':
        end = _find_closing_quote(body, start)
        return body[start + 1 : end], end + 1
    bare = _BARE.match(body, start)
    word = bare.group() if bare else ""
    return macros.get(word.lower(), word), start + len(word)


def _find_closing_quote(body: str, start: int) -> int:
    """Where the quote that opens here is closed: not within braces."""
    depth = 0
    for sign in _QUOTE.finditer(body, start + 1):
        if sign.group() == '"' and depth <= 0:
            return sign.start()
        depth += {"{": 1, "}": -1}.get(sign.group(), 0)
    # A brace that is never closed: the first quote will do.
    end = body.find('"', start + 1)
    return len(body) if end < 0 else end


def _find_closing_brace(body: str, start: int) -> int:
    """Where the brace that opens here is closed; the end of the entry if it never is."""
    depth = 0
    for brace in _BRACE.finditer(body, start):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.start()
    return len(body)


def _strip_tex(value: str) -> str:
    """A value without TeX, and without the braces that only keep capitals."""
    value = value[:_FIELD_CHARS]
    if "\\" in value or "$" in value or "~" in value:
        value = clean_tex(value, _FIELD_CHARS)
    return " ".join(re.sub(r"[{}]", "", value).split()).strip(" .")


def _put_given_name_first(name: str) -> str:
    """Yann LeCun, from "LeCun, Yann" and "LeCun, Jr., Yann" too; nothing for a team or "others"."""
    if name.strip().startswith("{") and name.strip().endswith("}") and "," not in name:
        return ""
    family, *_, given = _strip_tex(name).split(",") if "," in name else ("", _strip_tex(name))
    full = " ".join(f"{given} {family}".split())
    return "" if full.lower() in ("others", "et al", "anonymous") else full
