"""What is marked in templates and modules, the catalogue that holds it, and a false one.

makemessages finds the same with the programs of GNU gettext; tests do without them.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from tests.unmarked_text import ROOT, TEMPLATES

CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
PACKAGES = ("config", "digest", "subscribers")
OPENS, CLOSES = "⟦", "⟧"  # around what the false catalogue says
Message = tuple[str, str]  # as it is marked, and its plural or ""

_MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL_MARKS = {"ngettext", "ngettext_lazy"}
_IN_TAG = re.compile(r'\{[%{][^%}]*?_\("([^"]*)"\)')
_HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def list_marked() -> set[Message]:
    """Every message that a module or a template of ours marks."""
    modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    templates = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    return {
        *(said for path in modules for said in _read_module(path.read_text(encoding="utf-8"))),
        *(said for path in templates for said in _read_template(path.read_text(encoding="utf-8"))),
    }


def _read_module(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            said = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            if node.func.id in _MARKS:
                yield str(said[0]), ""
            elif node.func.id in _PLURAL_MARKS:
                yield str(said[0]), str(said[1])


def _read_template(source: str) -> Iterator[Message]:
    yield from ((said, "") for said in _IN_TAG.findall(source))
    # MJML's tags are text to Django; what a template extends is read by itself.
    template: Any = engines["django"].from_string(re.sub(r"\{% extends .*?%\}", "", source))
    for node in template.template.nodelist.get_nodes_by_type((TranslateNode, BlockTranslateNode)):
        if isinstance(node, TranslateNode):
            yield str(node.filter_expression.var.literal).replace("%", "%%"), ""
        else:
            plural = node.render_token_list(node.plural)[0] if node.plural else ""
            yield node.render_token_list(node.singular)[0], plural


def read_catalogue(path: Path) -> set[Message]:
    """The messages of a .po file, without its header."""
    found, message, field = set(), {"msgid": "", "msgid_plural": ""}, ""
    for line in [*path.read_text(encoding="utf-8").split("\n"), 'msgid ""']:
        name, _space, quoted = line.partition(" ") if not line.startswith('"') else ("", "", line)
        if name == "msgid":
            found.add((message["msgid"], message["msgid_plural"]))
            message = {"msgid": "", "msgid_plural": ""}
        field = name or field
        if field in message and quoted.startswith('"'):
            message[field] += ast.literal_eval(quoted)
    return found - {("", "")}


def write_false_catalogue(folder: Path, messages: Iterable[Message]) -> Path:
    """A compiled catalogue of English that puts every message in brackets; where it is kept."""
    said = {"": _HEADER}
    for message, plural in messages:
        key = f"{message}\0{plural}" if plural else message
        said[key] = "\0".join(f"{OPENS}{one}{CLOSES}" for one in key.split("\0"))
    rows = sorted((key.encode(), text.encode()) for key, text in said.items())
    # See "The Format of GNU MO Files" in gettext's manual.
    place, texts, tables = 28 + 16 * len(rows), b"", []
    for column in zip(*rows, strict=True):
        for one in column:
            tables += [len(one), place + len(texts)]
            texts += one + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(rows), 28, 28 + 8 * len(rows), 0, 0)
    path = folder / "en/LC_MESSAGES/django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(head + struct.pack(f"<{len(tables)}I", *tables) + texts)
    return folder
