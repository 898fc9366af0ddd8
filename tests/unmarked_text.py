"""Text of templates and modules that no catalogue holds, so that no translation reaches it."""

from __future__ import annotations

import ast
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


_NAMED = {"label", "help_text", "verbose_name", "verbose_name_plural", "description", "legend"}
_SAYING = {"ValidationError", "TopicError", "column", "BadCell", "NotASource", "NothingProposed"}
# What a source says of itself stands in the admin, on the pages of quiet days and in alarms.
_SAYING |= {"FetchError", "Unreadable", "NoList", "NotOpml", "HostBusy", "RefusedAddress"}
_SAYING |= {"MachineBusy", "BadAddress", "Note"}
_TELLING = {"success", "warning", "error", "info"}  # of messages


def find_unmarked_in_module(source: str) -> Iterator[tuple[int, str]]:
    """The same of a module: labels, help, names and choices of models, and what people are told."""
    for node in ast.walk(ast.parse(source)):
        said: list[ast.expr] = []
        if isinstance(node, ast.Call):
            said += [word.value for word in node.keywords if word.arg in _NAMED]
            said += node.args[:1] if _name_function(node) in _SAYING else []
            said += node.args[1:2] if _is_message(node) else []
        elif isinstance(node, ast.ClassDef):
            said += _list_class_words(node)
        for one in said:
            if any(_is_text(part) for part in getattr(one, "values", [one])):
                yield one.lineno, ast.unparse(one)


def _list_class_words(node: ast.ClassDef) -> Iterator[ast.expr]:
    """The names in a model's Meta, and the labels of choices, made of names where none is given."""
    is_choices = any("Choices" in ast.unparse(base) for base in node.bases)
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            if is_choices:
                yield line.value.elts[1] if isinstance(line.value, ast.Tuple) else line.value
            elif line.targets[0].id in _NAMED:
                yield line.value


def _name_function(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_message(call: ast.Call) -> bool:
    func = call.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr in _TELLING
        and ast.unparse(func.value) == "messages"
    )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(_WORD.search(str(node.value or "")))
