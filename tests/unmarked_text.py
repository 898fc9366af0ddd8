"""Text of templates and modules that no catalogue holds, so that no translation reaches it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"

# What the translation tags hold, comments, and what is code and no sentence.
_MARKED = re.compile(
    r"\{% (?:blocktranslate .*?\{% endblocktranslate|translate .*?) %\}"
    r'|_\("[^"]*"\)'
    r"|\{# .*? #\}|<!--.*?-->|<!doctype html>"
    r"|<(style|script|code|pre|mj-style)\b.*?</\1>|\{% block kind %\}\w+",
    re.DOTALL,
)
_TAG = re.compile(r"<(?:\{%.*?%\}|\{\{.*?\}\}|[^<>{]|\{)*>", re.DOTALL)
_TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_READ_OUT = re.compile(
    r'\s(?:title|alt|placeholder|label|aria-label|aria-description)="([^"]*)"'
    r'|\sname="description".*?\scontent="([^"]*)"'
    r'|<input[^>]*\stype="submit"[^>]*\svalue="([^"]*)"',
    re.DOTALL,
)
# A text in quotes that a tag hands on to a page: not marked, not a filter's, no file's name.
_GIVING = re.compile(r"\{% (?:include|firstof) .*?%\}")
_GIVEN = re.compile(r'[= ]"([^"/]*)"')
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENTITY = re.compile(r"&#?\w+;")

# Names, and words that mean the same in every language; addresses and numbers of the preview.
_NAME = re.compile(
    "Offprint|Atom|BibTeX|PDF|JSON|API|CSV|OPML|Authorization|Bearer|UTC|GET|own|box|off"
    "|feeds|latest|atom|json|article|https|arxiv|org|lecun|list|cs|CL|recent|chevron|right"
)


def find_unmarked(source: str) -> Iterator[tuple[int, str]]:
    """The line and the words of each piece of a template that is outside its translation tags."""
    blank = _MARKED.sub(_blank_out, source)
    for giving in _GIVING.finditer(blank):
        for words in filter(_has_words, _GIVEN.findall(giving[0])):
            yield blank.count("\n", 0, giving.start()) + 1, words
    for tag in _TAG.finditer(blank):
        for said in _READ_OUT.finditer(tag[0]):
            words = next(filter(None, said.groups()), "")
            if _has_words(words):
                yield blank.count("\n", 0, tag.start()) + 1, words
    text = _TEMPLATE_TAG.sub(_blank_out, _TAG.sub(_blank_out, blank))
    for number, line in enumerate(text.split("\n"), 1):
        if _has_words(line):
            yield number, line.strip()


def _blank_out(found: re.Match[str]) -> str:
    """As many lines, and no words: what follows keeps its number."""
    return "\n" * found[0].count("\n") or " "


def _has_words(text: str) -> bool:
    plain = _ENTITY.sub(" ", _TEMPLATE_TAG.sub(" ", text))
    return any(not _NAME.fullmatch(word) for word in _WORD.findall(plain))
