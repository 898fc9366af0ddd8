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
class Named:
    """What addresses name; `unknown` are those that name nothing we could look for."""

    author_ids: tuple[str, ...] = ()  # lecun_y_1, or an ORCID
    authors: tuple[str, ...] = ()  # names
    categories: tuple[str, ...] = ()  # cs.CL
    papers: tuple[str, ...] = ()  # arXiv numbers
    unknown: tuple[str, ...] = ()


def is_addresses(text: str) -> bool:
    """Whether more than half of a text's words are addresses, in a list or in brackets too."""
    words = _words(text)
    return bool(words) and 2 * sum(map(_is_address, words)) > len(words)


def addresses_in(text: str) -> str:
    """Only the addresses of a text."""
    return "\n".join(filter(_is_address, _words(text)))


def read_addresses(text: str) -> Named:
    """Return what these addresses name, each once and in order."""
    found: dict[str, dict[str, None]] = {
        **{"author_id": {}, "author": {}, "category": {}},
        **{"paper": {}, "unknown": {}},
    }
    for word in _words(text):
        for kind, names in _named(word):
            found[kind] |= dict.fromkeys(names)
    return Named(*(tuple(names) for names in found.values()))


def _words(text: str) -> list[str]:
    """The words without what stands around them; an address may hold a comma of its own."""
    words = (word for word in text.split() if not _AROUND.fullmatch(word))
    parts = ([word] if "/" in word else re.split("[,;]", word) for word in words)
    return [bare for row in parts for part in row if (bare := part.strip(_CLOSED_IN))]


def _is_address(word: str) -> bool:
    if _ADDRESS.fullmatch(word) or _ANY_ADDRESS.fullmatch(word):
        return True
    return "/" in word and bool(read_arxiv_number(word) or find_arxiv_number(word))


def initial_and_family(author_id: str) -> str:
    """lecun_y_1 is "Y Lecun"; an ORCID names nobody by their letters: ""."""
    found = _AUTHOR_ID.fullmatch(author_id)
    if not found:
        return ""
    return f"{found.group(2).upper()} {found.group(1).replace('_', ' ').title()}"


def _named(address: str) -> list[tuple[str, list[str]]]:
    """What one address names, by kind."""
    if _ORCID.fullmatch(address):
        return [("author_id", [address.upper()])]
    if number := read_arxiv_number(re.sub("^arxiv:", "", address, flags=re.IGNORECASE)):
        return [("paper", [number])]
    is_whole = address.lower().startswith(("http://", "https://"))
    try:
        parts = urlsplit(address if is_whole else f"https://{address}")
    except ValueError:  # a bracket that is never closed, a sign that no host may have
        return [("unknown", [address])]
    named = _in_path(parts) or [("paper", list(filter(None, [find_arxiv_number(parts.geturl())])))]
    named = [(kind, names) for kind, names in named if names]
    return named or [("unknown", [address])]


def _in_path(parts: SplitResult) -> list[tuple[str, list[str]]]:
    first, _, rest = parts.path.strip("/").partition("/")
    host = f".{parts.hostname or ''}"
    is_orcid = host.endswith(".orcid.org")
    if not is_orcid and not host.endswith(".arxiv.org"):
        return []
    if is_orcid or first == "a":
        return [("author_id", _author_id(first if is_orcid else rest.split("/")[0]))]
    if first in ("list", "rss", "atom", "archive", "catchup"):
        return [("category", _categories(rest.split("/")[0]))]
    if first == "search":
        return [("author", _searched(parse_qs(parts.query)))]
    return _queried(parse_qs(parts.query)) if first == "api" else []


def _author_id(name: str) -> list[str]:
    name = _SUFFIXES.sub("", name)
    if _ORCID.fullmatch(name):
        return [name.upper()]
    return [name.lower()] if _AUTHOR_ID.fullmatch(name.lower()) else []


def _queried(query: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """The authors, categories and papers that a query of arXiv's API asks for."""
    terms = [term for said in query.get("search_query", []) for term in _QUERIED.findall(said)]
    names = [name.strip('"').replace("_", " ") for field, name in terms if field == "au"]
    categories = [name for field, name in terms if field == "cat" and _CATEGORY.fullmatch(name)]
    ids = ",".join(query.get("id_list", [])).split(",")
    numbers = [number for said in ids if (number := read_arxiv_number(said))]
    return [("author", names), ("category", categories), ("paper", numbers)]


def _categories(names: str) -> list[str]:
    return [name for name in names.split("+") if _CATEGORY.fullmatch(name)]


def _searched(query: dict[str, list[str]]) -> list[str]:
    is_author = query.get("searchtype", [""])[0] == "author"
    names = [" ".join(name.strip('" ').split()) for name in query.get("query", [])]
    # arXiv writes its own links "LeCun, Y".
    turned = [" ".join(reversed(name.split(", ", 1))) for name in names]
    return [name for name in turned if name and is_author]
