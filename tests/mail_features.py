"""Which features of HTML and CSS a mail uses, by their names at https://www.caniemail.com."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

SUPPORT = Path(__file__).with_name("mail_support.tsv")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_AT_RULE = re.compile(r"@([a-z-]+)([^{;]*)[{;]")
_UNIT = re.compile(r"\d(px|em|rem|pt|vh|vw|ch|ex|%)")
_FUNCTION = re.compile(r"\b(calc|clamp|min|max|rgb|rgba|var|light-dark)\(")
# Features that go by another name than what is written.
_ELEMENTS = dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6")
_ELEMENTS |= dict.fromkeys(("ol", "ul", "li", "dl"), "html-lists")
_ELEMENTS |= dict.fromkeys(("article", "header", "main", "footer"), "html-semantics")
_PROPERTIES = dict.fromkeys(("top", "right", "bottom", "left"), "css-left-right-top-bottom")
_FUNCTIONS = {"calc": "css-unit-calc", "var": "css-variables"}
_FUNCTIONS |= {"rgb": "css-rgb", "rgba": "css-rgba"}
_LONGHANDS = ("border", "padding", "margin", "background", "list-style", "font", "text-decoration")


def read_support() -> dict[str, list[str]]:
    """By feature the mail programs that lack it."""
    lines = SUPPORT.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: lacking.split() for name, lacking in rows}


def list_features(html: str) -> set[str]:
    """The features of a mail's HTML, with its style sheets and style attributes."""
    reader = _FeatureReader()
    reader.feed(html)
    known = read_support().keys()
    return {feature for feature in reader.found if feature in known}


class _FeatureReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        self.found.add(_ELEMENTS.get(tag, f"html-{tag}"))
        given = {name: value or "" for name, value in attrs}
        self.found.update(f"html-{name}" for name in given)
        self.found.update(_read_declarations(given.get("style", "")))
        if given.get("href", "").startswith("#"):
            self.found.add("html-anchor-links")
        if given.get("href", "").startswith("mailto:"):
            self.found.add("html-mailto-links")
        if given.get("name") == "color-scheme":
            self.found.add("html-meta-color-scheme")

    def handle_endtag(self, tag: str) -> None:
        self._is_style = self._is_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._is_style:
            self.found.update(_read_sheet(_COMMENT.sub("", data)))


def _read_sheet(sheet: str) -> Iterator[str]:
    for name, condition in _AT_RULE.findall(sheet):
        yield f"css-at-{name}"
        yield from (f"css-at-{name}-{said}" for said in re.findall(r"\(([a-z-]+)", condition))
    for selectors, body in _RULE.findall(_AT_RULE.sub(" ", sheet)):
        yield from _read_selectors(selectors.strip())
        yield from _read_declarations(body)


def _read_selectors(selectors: str) -> Iterator[str]:
    signs = {",": "grouping", ">": "child", "+": "adjacent-sibling", "~": "general-sibling"}
    signs |= {".": "class", "#": "id", "[": "attribute", "*": "universal"}
    yield from (f"css-selector-{name}" for sign, name in signs.items() if sign in selectors)
    yield from (f"css-pseudo-class-{name}" for name in re.findall(r"(?<!:):([a-z-]+)", selectors))
    yield from (f"css-pseudo-element-{name}" for name in re.findall(r"::([a-z-]+)", selectors))
    if re.search(r"[\w\])] +[\w.#\[]", selectors):
        yield "css-selector-descendant"


def _read_declarations(body: str) -> Iterator[str]:
    for declaration in body.split(";"):
        name, _, value = (part.strip().lower() for part in declaration.partition(":"))
        if not value:
            continue
        yield _PROPERTIES.get(name, f"css-{name}")
        yield from (f"css-{start}" for start in _LONGHANDS if name.startswith(f"{start}-"))
        if name == "display":
            yield f"css-display-{value.split()[0]}"
        if "!important" in value:
            yield "css-important"
        yield from (f"css-unit-{'percent' if u == '%' else u}" for u in _UNIT.findall(value))
        yield from (_FUNCTIONS.get(f, f"css-function-{f}") for f in _FUNCTION.findall(value))
