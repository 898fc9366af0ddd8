"""arXiv addresses that say what somebody reads: an author's page, a listing, a feed, a paper.

An ORCID, or its address, is an author's page too, and an arXiv number a paper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from digest.identifiers import find_arxiv_number, read_arxiv_number

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[a-z]+\.)*arxiv\.org/\S+|(?:https?://)?orcid\.org/\S+"
    r"|arxiv:\S*\d\S*|\d{4}-\d{4}-\d{4}-\d{3}[\dX]|\d{4}\.\d{4,5}(?:v\d+)?",
    re.IGNORECASE,
)
_ANY_ADDRESS = re.compile(r"(?:https?://|www\.|doi\.org/)\S+", re.IGNORECASE)
# Bullets, the numbers of a list, and what arXiv itself writes around a number.
_AROUND = re.compile(
    r"[\W_]+|\W{0,2}\d{1,3}\W{0,2}|arxiv:?|\[[a-z-]+(?:\.[A-Za-z-]+)?\]\W{0,2}", re.IGNORECASE
)
_CLOSED_IN = ",;:.<>()[]{}\"'“”‘’«»*•·–—-"
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")
_AUTHOR_ID = re.compile(r"([a-z_'-]+)_([a-z])_\d+")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dXx]")
_SUFFIXES = re.compile(r"\.(?:html|atom2?|json|js)$")
_QUERIED = re.compile(r'\b(au|cat):("[^"]+"|[^\s()+]+)')


@dataclass(frozen=True)
class ParsedAddresses:
    """What some addresses name, by kind; `unknown` are those that name nothing to look for."""

    author_ids: tuple[str, ...] = ()  # lecun_y_1, or an ORCID
    authors: tuple[str, ...] = ()  # names
    categories: tuple[str, ...] = ()  # cs.CL
    papers: tuple[str, ...] = ()  # arXiv numbers
    unknown: tuple[str, ...] = ()


def are_addresses(text: str) -> bool:
    """Return whether more than half of a text's words are addresses, in a list or brackets too."""
    words = _split_words(text)
    return bool(words) and 2 * sum(map(_is_address, words)) > len(words)


def filter_addresses(text: str) -> str:
    """Return only the addresses of a text, one a line."""
    return "\n".join(filter(_is_address, _split_words(text)))


def read_addresses(text: str) -> ParsedAddresses:
    """Return what these addresses name, each once and in order."""
    by_kind: dict[str, dict[str, None]] = {
        **{"author_id": {}, "author": {}, "category": {}},
        **{"paper": {}, "unknown": {}},
    }
    for word in _split_words(text):
        for kind, names in _read_address(word):
            by_kind[kind] |= dict.fromkeys(names)
    return ParsedAddresses(*(tuple(names) for names in by_kind.values()))


def _split_words(text: str) -> list[str]:
    """The words without what stands around them; an address may hold a comma of its own."""
    words = (word for word in text.split() if not _AROUND.fullmatch(word))
    parts = ([word] if "/" in word else re.split("[,;]", word) for word in words)
    return [bare for row in parts for part in row if (bare := part.strip(_CLOSED_IN))]


def _is_address(word: str) -> bool:
    if _ADDRESS.fullmatch(word) or _ANY_ADDRESS.fullmatch(word):
        return True
    return "/" in word and bool(read_arxiv_number(word) or find_arxiv_number(word))


def author_id_to_name(author_id: str) -> str:
    """Return "Y Lecun" for lecun_y_1; "" for an ORCID, which holds no name."""
    parts = _AUTHOR_ID.fullmatch(author_id)
    if not parts:
        return ""
    return f"{parts.group(2).upper()} {parts.group(1).replace('_', ' ').title()}"


def _read_address(address: str) -> list[tuple[str, list[str]]]:
    """What one address names, by kind: [("category", ["cs.CL"])]."""
    if _ORCID.fullmatch(address):
        return [("author_id", [address.upper()])]
    if number := read_arxiv_number(re.sub("^arxiv:", "", address, flags=re.IGNORECASE)):
        return [("paper", [number])]
    is_whole = address.lower().startswith(("http://", "https://"))
    try:
        parts = urlsplit(address if is_whole else f"https://{address}")
    except ValueError:  # a bracket that is never closed, a sign that no host may have
        return [("unknown", [address])]
    named = _read_path(parts)
    if not named and (number := find_arxiv_number(parts.geturl())):
        named = [("paper", [number])]
    named = [(kind, names) for kind, names in named if names]
    return named or [("unknown", [address])]


def _read_path(parts: SplitResult) -> list[tuple[str, list[str]]]:
    first, _, rest = parts.path.strip("/").partition("/")
    host = f".{parts.hostname or ''}"
    is_orcid = host.endswith(".orcid.org")
    if not is_orcid and not host.endswith(".arxiv.org"):
        return []
    if is_orcid or first == "a":
        return [("author_id", _read_author_id(first if is_orcid else rest.split("/")[0]))]
    if first in ("list", "rss", "atom", "archive", "catchup"):
        return [("category", _read_categories(rest.split("/")[0]))]
    if first == "search":
        return [("author", _read_author_search(parse_qs(parts.query)))]
    return _read_api_query(parse_qs(parts.query)) if first == "api" else []


def _read_author_id(name: str) -> list[str]:
    name = _SUFFIXES.sub("", name)
    if _ORCID.fullmatch(name):
        return [name.upper()]
    return [name.lower()] if _AUTHOR_ID.fullmatch(name.lower()) else []


def _read_api_query(query: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """The authors, categories and papers that a query of arXiv's API asks for."""
    terms = [term for text in query.get("search_query", []) for term in _QUERIED.findall(text)]
    names = [name.strip('"').replace("_", " ") for field, name in terms if field == "au"]
    categories = [name for field, name in terms if field == "cat" and _CATEGORY.fullmatch(name)]
    ids = ",".join(query.get("id_list", [])).split(",")
    numbers = [number for text in ids if (number := read_arxiv_number(text))]
    return [("author", names), ("category", categories), ("paper", numbers)]


def _read_categories(names: str) -> list[str]:
    return [name for name in names.split("+") if _CATEGORY.fullmatch(name)]


def _read_author_search(query: dict[str, list[str]]) -> list[str]:
    is_author = query.get("searchtype", [""])[0] == "author"
    names = [" ".join(name.strip('" ').split()) for name in query.get("query", [])]
    # arXiv writes its own links "LeCun, Y".
    turned = [" ".join(reversed(name.split(", ", 1))) for name in names]
    return [name for name in turned if name and is_author]
