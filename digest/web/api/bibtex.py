"""A paper as an entry for a bibliography."""

from __future__ import annotations

import re

from digest.identifiers import fold_title
from digest.models import Paper
from digest.render.paper_lines import clean_web_url
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


def write_bibtex(paper: Paper, key: str = "") -> str:
    """Return a @misc entry; names, capitals and signs come out of BibTeX as they went in.

    `key` is for lists in which two papers would share the one that `make_key` gives.
    """
    fields = {
        "title": _protect_capitals(paper.title),
        "author": " and ".join(_quote_author(str(name)) for name in paper.authors),
        "year": f"{paper.published_at.year}",
    } | _list_location(paper)
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key or make_key(paper)},\n" + ",\n".join(lines) + "\n}"


def _protect_capitals(title: str) -> str:
    """A title whose words with inner capitals are in braces, or BibTeX would lower them."""
    pieces = _CAPITALS.split(title)
    escaped = map(_escape_latex, pieces)
    return "".join(f"{{{text}}}" if i % 2 else text for i, text in enumerate(escaped))


def _list_location(paper: Paper) -> dict[str, str]:
    scheme, _, number = paper.identifier.partition(":")
    if scheme == "arxiv":
        category = _escape_latex(str(paper.categories[0])) if paper.categories else ""
        fields = {"eprint": number, "archivePrefix": "arXiv", "primaryClass": category}
    else:
        fields = {"doi": _escape_braces(number)} if scheme == "doi" else {}
    return fields | {"url": _escape_braces(clean_web_url(paper.url))}


def _escape_braces(address: str) -> str:
    """An address whose braces cannot end its field, since they are percent-encoded."""
    return address.replace("{", "%7B").replace("}", "%7D")


def _quote_author(name: str) -> str:
    """A name; that of a collaboration in braces, or BibTeX would look for a family name in it."""
    return f"{{{_escape_latex(name)}}}" if " and " in name or "," in name else _escape_latex(name)


def _escape_latex(text: str) -> str:
    """The text as LaTeX prints it sign for sign; two hyphens would become a dash."""
    escaped = "".join(_SPECIAL.get(sign, sign) for sign in text)
    return re.sub("-(?=-)", "-{}", escaped)


def make_key(paper: Paper) -> str:
    """Return the first author, the year and the title's first telling word: lovelace2026slow.

    A key begins with a letter: where no name has any of BibTeX's, it is anon2026slow.
    """
    names = fold_title(str(paper.authors[0])).split() if paper.authors else []
    words = [word for word in fold_title(paper.title).split() if word not in STOP_WORDS]
    parts = [*names[-1:], f"{paper.published_at.year}", *words[:1]]
    key = re.sub(r"[^a-z0-9]", "", "".join(parts))
    return key if key[:1].isalpha() else f"anon{key}"
