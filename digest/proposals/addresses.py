"""arXiv addresses that say what somebody reads: an author's page, a listing, a feed, a paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from digest.identifiers import find_arxiv_number

_ADDRESS = re.compile(r"(?:https?://)?(?:[a-z]+\.)*arxiv\.org/\S+", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")
_AUTHOR_ID = re.compile(r"([a-z_'-]+)_([a-z])_\d+")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


@dataclass(frozen=True)
class Named:
    """What addresses name; `unknown` are those that name nothing we could look for."""

    authors: tuple[str, ...] = ()  # "Y LeCun" or whole names
    categories: tuple[str, ...] = ()  # cs.CL
    papers: tuple[str, ...] = ()  # arXiv numbers
    unknown: tuple[str, ...] = ()


def is_addresses(text: str) -> bool:
    """Whether a text is arXiv addresses and nothing else."""
    words = text.split()
    return bool(words) and all(_ADDRESS.fullmatch(word.strip(",;<>")) for word in words)


def read_addresses(text: str) -> Named:
    """Return what these addresses name, each once and in order."""
    found: dict[str, dict[str, None]] = {"author": {}, "category": {}, "paper": {}, "unknown": {}}
    for word in text.split():
        address = word.strip(",;<>")
        kind, names = _named(address)
        found[kind] |= dict.fromkeys(names)
    return Named(*(tuple(names) for names in found.values()))


def _named(address: str) -> tuple[str, list[str]]:
    parts = urlsplit(address if "//" in address else f"https://{address}")
    first, _, rest = parts.path.strip("/").partition("/")
    names: list[str] = []
    kind = "unknown"
    if first == "a":
        kind, names = "author", _author(rest.split(".")[0].split("/")[0])
    elif first in ("list", "rss", "atom", "archive"):
        kind, names = "category", _categories(rest.split("/")[0])
    elif first == "search":
        kind, names = _searched(parse_qs(parts.query))
    elif number := find_arxiv_number(parts.geturl()):
        kind, names = "paper", [number]
    return (kind, names) if names else ("unknown", [address])


def _author(name: str) -> list[str]:
    """lecun_y_1 is "Y Lecun"; an ORCID names nobody by their letters."""
    found = _AUTHOR_ID.fullmatch(name.lower())
    if not found or _ORCID.fullmatch(name):
        return []
    family = found.group(1).replace("_", " ").title()
    return [f"{found.group(2).upper()} {family}"]


def _categories(names: str) -> list[str]:
    return [name for name in names.split("+") if _CATEGORY.fullmatch(name)]


def _searched(query: dict[str, list[str]]) -> tuple[str, list[str]]:
    is_author = query.get("searchtype", [""])[0] == "author"
    names = [" ".join(name.strip('" ').split()) for name in query.get("query", [])]
    if not is_author:
        return "unknown", []
    # arXiv writes its own links "LeCun, Y".
    turned = [" ".join(reversed(name.split(", ", 1))) for name in names]
    return "author", [name for name in turned if name]
