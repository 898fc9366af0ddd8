"""A paper as an entry for a bibliography."""

from __future__ import annotations

import re

from digest.identifiers import fold_title
from digest.models import Paper
from digest.render.paper_lines import web_url
from subscribers.topics.terms import STOP_WORDS

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # BibTeX counts a brace even where LaTeX would only print it.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    # LaTeX's oldest fonts have other signs in these places.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
} | {sign: f"\\{sign}" for sign in "%$&#_"}
_CAPITALS = re.compile(r"\b(\w*[A-Z]\w*[A-Z]\w*)\b")


def bibtex(paper: Paper, key: str = "") -> str:
    """Return a @misc entry; names, capitals and signs come out of BibTeX as they went in.

    A list of several gives keys of its own where two papers would share one.
    """
    fields = {
        "title": _title(paper.title),
        "author": " and ".join(_author(str(name)) for name in paper.authors),
        "year": f"{paper.published_at.year}",
    } | _where(paper)
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key or key_of(paper)},\n" + ",\n".join(lines) + "\n}"


def _title(title: str) -> str:
    """Words with capitals in braces, which BibTeX would take away; signs escaped within."""
    pieces = _CAPITALS.split(title)
    return "".join(f"{{{_escape(s)}}}" if i % 2 else _escape(s) for i, s in enumerate(pieces))


def _where(paper: Paper) -> dict[str, str]:
    scheme, _, number = paper.identifier.partition(":")
    if scheme == "arxiv":
        category = _escape(str(paper.categories[0])) if paper.categories else ""
        found = {"eprint": number, "archivePrefix": "arXiv", "primaryClass": category}
    else:
        found = {"doi": _closed(number)} if scheme == "doi" else {}
    return found | {"url": _closed(web_url(paper.url))}


def _closed(address: str) -> str:
    """An address whose braces cannot end its field; in one they may be written so."""
    return address.replace("{", "%7B").replace("}", "%7D")


def _author(name: str) -> str:
    """A collaboration stays one name; BibTeX would look for a family name in it."""
    return f"{{{_escape(name)}}}" if " and " in name or "," in name else _escape(name)


def _escape(text: str) -> str:
    """The text as LaTeX prints it sign for sign; two hyphens would become a dash."""
    escaped = "".join(_SPECIAL.get(sign, sign) for sign in text)
    return re.sub("-(?=-)", "-{}", escaped)


def key_of(paper: Paper) -> str:
    """lovelace2026slow: the first author, the year, the title's first word that says something.

    A key begins with a letter: where no name has any of BibTeX's, it is anon2026slow.
    """
    names = fold_title(str(paper.authors[0])).split() if paper.authors else []
    words = [word for word in fold_title(paper.title).split() if word not in STOP_WORDS]
    parts = [*names[-1:], f"{paper.published_at.year}", *words[:1]]
    key = re.sub(r"[^a-z0-9]", "", "".join(parts))
    return key if key[:1].isalpha() else f"anon{key}"
