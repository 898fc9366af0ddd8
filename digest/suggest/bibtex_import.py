"""BibTeX as people paste it: entries with titles, abstracts, keywords and authors.

Forgiving: what is not an entry is passed over, and a brace that is never closed ends its entry.
Abbreviations of @string are put in, what stands in @comment is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from digest.ingest.text.clean import clean_tex
from subscribers.limits.cpu_allowance import CpuAllowance

MOST_ENTRIES = 2_000
# Far more than any file of a person has. With these bounds a text takes a time that grows as its
# length does, whatever stands in it: under a second for the largest that may be pasted.
_MOST_HEADS = 10_000  # of entries, strings and comments
_MOST_FIELDS = 100  # of one entry
_MOST_PARTS = 50  # of one value, joined by #
_MOST_KEYWORDS = 200
_MOST_AUTHORS = 500
_FIELD_CHARS = 6_000
_TITLE_CHARS = 1_000
_DEEPEST = 200  # braces within braces
_ENTRY = re.compile(r"@\s{0,9}([A-Za-z]{1,30})\s{0,9}[{(]")
_FIELD = re.compile(r"(?<![\w-])([A-Za-z][\w-]{0,30})\s{0,9}=\s{0,99}")
_BRACE = re.compile(r"(?<!\\)[{}]")
_QUOTE = re.compile(r'(?<!\\)[{}"]')
_AND = re.compile(r"[{}]|(?<=\s)and\s", re.IGNORECASE)
_JOINED = re.compile(r"\s{0,99}#\s{0,99}")
_BARE = re.compile(r"[^,}#\s]*")
_NO_PAPERS = {"comment", "string", "preamble"}
_KEYWORDS = ("keywords", "keyword", "mendeley-tags", "groups")


@dataclass(frozen=True)
class BibEntry:
    """One entry, as far as it tells interests; what it lacks is empty."""

    title: str
    raw_abstract: str  # with its TeX: hardly ever are all of a file read
    keywords: tuple[str, ...]
    authors: tuple[str, ...]  # given name first

    @property
    def abstract(self) -> str:
        return _strip_tex(self.raw_abstract)


def is_bibtex(text: str) -> bool:
    """Return whether a text holds an entry, and not just an email address."""
    return any("=" in text[head.end() : head.end() + 400] for head in _ENTRY.finditer(text))


def read_bibtex(text: str, allowance: CpuAllowance | None = None) -> list[BibEntry]:
    """Return the entries that have a title or keywords, at most 2,000.

    Where an allowance is given, only those that are read before it is spent.
    """
    macros: dict[str, str] = {}
    entries = []
    for kind, body in _split_entries(text):
        if kind == "string":
            macros |= _read_fields(body, macros)
        elif kind not in _NO_PAPERS and (fields := _read_fields(body, macros)):
            entry = _make_entry(fields)
            if entry.title or entry.keywords:
                entries.append(entry)
        if len(entries) == MOST_ENTRIES or (allowance and allowance.is_spent):
            break
    return entries


def _split_entries(text: str) -> Iterator[tuple[str, str]]:
    """What each @something holds, up to the next; of a comment nothing is looked at."""
    heads, commented_to = list[re.Match[str]](), 0
    for head in islice(_ENTRY.finditer(text), _MOST_HEADS):
        if head.start() < commented_to:
            continue
        if head.group(1).lower() == "comment":
            commented_to = _find_closing_brace(text, head.end() - 1)
        heads.append(head)
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=False):  # without a head one end is left over
        yield head.group(1).lower(), text[head.end() : end]


def _make_entry(fields: dict[str, str]) -> BibEntry:
    keywords = ",".join(filter(None, (fields.get(name) for name in _KEYWORDS)))
    split = re.split(r"[,;|]|\\sep\b", keywords[:_FIELD_CHARS], maxsplit=_MOST_KEYWORDS)
    parts = map(_strip_tex, split[:_MOST_KEYWORDS])
    authors = map(_put_given_name_first, _split_names(fields.get("author", "")))
    return BibEntry(
        title=_strip_tex(fields.get("title", "")[:_TITLE_CHARS]),
        raw_abstract=fields.get("abstract", "")[:_FIELD_CHARS],
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
        if len(names) == _MOST_AUTHORS:
            return names
    return [*names, authors[begun:]]


def _read_fields(body: str, macros: Mapping[str, str]) -> dict[str, str]:
    """The fields of an entry; of one that is given twice the last counts."""
    fields, at, reader = dict[str, str](), 0, _ValueReader(body, macros)
    for _ in range(_MOST_FIELDS):
        if not (head := _FIELD.search(body, at)):
            break
        value, at = reader.read_value(head.end())
        fields[head.group(1).lower()] = value
    return fields


class _ValueReader:
    """Reads the values of one entry."""

    def __init__(self, body: str, macros: Mapping[str, str]) -> None:
        self._body, self._macros = body, macros
        # Whether every brace within quotes was closed so far. Behind one that is not, each quote
        # would be looked for up to the end.
        self._trusts_braces = True

    def read_value(self, start: int) -> tuple[str, int]:
        """The value that begins here, its parts joined where # joins them, and where it ends."""
        value, at = self._read_part(start)
        for _ in range(_MOST_PARTS):
            if not (joined := _JOINED.match(self._body, at)):
                break
            part, at = self._read_part(joined.end())
            value = f"{value}{part}"[:_FIELD_CHARS]
        return value, at

    def _read_part(self, start: int) -> tuple[str, int]:
        """One part of a value, and where it ends: in braces, in quotes, or bare.

        What is bare is a number or an abbreviation.
        """
        body = self._body
        if body[start : start + 1] == "{":
            end = _find_closing_brace(body, start)
            return body[start + 1 : end], end + 1
        if body[start : start + 1] == '"':
            end = self._find_closing_quote(start)
            return body[start + 1 : end], end + 1
        bare = _BARE.match(body, start)
        word = bare.group() if bare else ""
        return self._macros.get(word.lower(), word), start + len(word)

    def _find_closing_quote(self, start: int) -> int:
        """Where the quote that opens here is closed: not within braces."""
        depth = 0
        for sign in _QUOTE.finditer(self._body, start + 1) if self._trusts_braces else ():
            if sign.group() == '"' and depth <= 0:
                return sign.start()
            depth += {"{": 1, "}": -1}.get(sign.group(), 0)
            if abs(depth) > _DEEPEST:
                break
        # A brace that is never closed: the first quote will do.
        self._trusts_braces = False
        end = self._body.find('"', start + 1)
        return len(self._body) if end < 0 else end


def _find_closing_brace(body: str, start: int) -> int:
    """Where the brace that opens here is closed; the end of the entry if it never is."""
    depth = 0
    for brace in _BRACE.finditer(body, start):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.start()
        if depth > _DEEPEST:
            break
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
