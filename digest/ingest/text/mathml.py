"""MathML to TeX, so that a formula reads the same whichever of the two a publisher sends.

The elements are those of https://www.w3.org/TR/mathml-core/. Where the publisher's own TeX stands
beside them, as an annotation or in `alttext`, that is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

from digest.ingest.text.tex import read_tex
from digest.ingest.text.tex_symbols import OPERATORS

DEEPEST = 40
FORMULA_CHARS = 20_000
_INVISIBLE = re.compile("[\u2061-\u2064\u200b\xa0]")  # function application, invisible times
_SPECIAL = re.compile(r"([\\{}$%&#_^~])")
_ACCENTS = {"^": "hat", "ˆ": "hat", "¯": "bar", "‾": "bar", "−": "bar", "_": "bar", "~": "tilde"}
_ACCENTS |= {"˜": "tilde", "→": "vec", "⃗": "vec", "˙": "dot", ".": "dot", "¨": "ddot"}
_IS_SCRIPT = re.compile(r"tex|latex", re.IGNORECASE)


class _TooDeep(Exception):
    """More elements within one another than any formula has."""


def read_mathml(markup: str) -> str:
    """The formula as plain text, as TeX for it would be read; its bare words if it is broken."""
    try:
        root = ET.fromstring(markup[:FORMULA_CHARS].replace("&nbsp;", " "))
        tex = _find_own_tex(root) or _write_row(root, 0)
    except (ET.ParseError, _TooDeep):
        return re.sub(r"<[^>]*>", " ", markup)
    return read_tex(f"${tex.strip()}$") if tex.strip() else ""


def _find_own_tex(root: ET.Element) -> str:
    for node in root.iter("annotation"):
        if _IS_SCRIPT.search(node.get("encoding", "")) and node.text:
            return node.text.strip().strip("$")
    given = root.get("alttext", "")
    return given.strip("$ ") if "\\" in given or "^" in given or "_" in given else ""


def _write_row(node: ET.Element, depth: int) -> str:
    return "".join(_write_node(child, depth + 1) for child in node)


def _write_node(node: ET.Element, depth: int) -> str:
    if depth > DEEPEST:
        raise _TooDeep
    if write := _LEAVES.get(node.tag):
        text = _INVISIBLE.sub("", "".join(node.itertext()))
        return write(text if node.tag == "mtext" else text.strip())
    if write_parts := _LAYOUTS.get(node.tag):
        return write_parts([_write_node(child, depth + 1) for child in node])
    if node.tag == "semantics":
        return _write_node(node[0], depth + 1) if len(node) else ""
    if node.tag == "mfenced":
        inner = node.get("separators", ",")[:1].join(_write_node(c, depth + 1) for c in node)
        return f"{node.get('open', '(')}{inner}{node.get('close', ')')}"
    if node.tag == "mmultiscripts":
        return _write_multiscripts(node, depth)
    return (
        "" if node.tag in ("mphantom", "annotation", "annotation-xml") else _write_row(node, depth)
    )


# -- what holds text -----------------------------------------------------------------------------


def _write_identifier(text: str) -> str:
    if text in OPERATORS:
        return f"\\{text} "
    escaped = _SPECIAL.sub(r"\\\1", text)
    return f"\\mathrm{{{escaped}}}" if len(text) > 1 else escaped


def _write_operator(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _write_text(text: str) -> str:
    return f"\\text{{{_write_operator(text)}}}" if text.strip() else " "


_LEAVES: dict[str, Callable[[str], str]] = {
    "mi": _write_identifier,
    "mn": _write_operator,
    "mo": _write_operator,
    "mtext": _write_text,
    "ms": _write_text,
}

# -- what holds parts ----------------------------------------------------------------------------


def _pad_parts(parts: list[str], count: int) -> list[str]:
    return [*parts, *[""] * count][:count]


def _write_script(*signs: str) -> Callable[[list[str]], str]:
    def write(parts: list[str]) -> str:
        base, *scripts = _pad_parts(parts, len(signs) + 1)
        ends = (f"{sign}{{{s}}}" for sign, s in zip(signs, scripts, strict=True) if s.strip())
        return f"{{{base}}}{''.join(ends)}"

    return write


def _write_fraction(parts: list[str]) -> str:
    over, under = _pad_parts(parts, 2)
    return f"\\frac{{{over}}}{{{under}}}" if over and under else over + under


def _write_root(parts: list[str]) -> str:
    under, degree = _pad_parts(parts, 2)
    return f"\\sqrt[{degree}]{{{under}}}"


def _write_over(parts: list[str]) -> str:
    base, sign = _pad_parts(parts, 2)
    accent = _ACCENTS.get(sign.replace("\\", "").strip())
    return f"\\{accent}{{{base}}}" if accent else _write_script("^")(parts)


_LAYOUTS: dict[str, Callable[[list[str]], str]] = {
    "msup": _write_script("^"),
    "msub": _write_script("_"),
    "msubsup": _write_script("_", "^"),
    "munder": _write_script("_"),
    "munderover": _write_script("_", "^"),
    "mover": _write_over,
    "mfrac": _write_fraction,
    "msqrt": lambda parts: f"\\sqrt{{{''.join(parts)}}}",
    "mroot": _write_root,
    "mtr": lambda parts: ", ".join(parts),
    "mtable": lambda parts: "; ".join(parts),
}


def _write_multiscripts(node: ET.Element, depth: int) -> str:
    """A base with scripts behind and before it: an isotope, a tensor."""
    children = list(node)
    names = [child.tag for child in children]
    cut = names.index("mprescripts") if "mprescripts" in names else len(children)
    write = _write_script("_", "^")

    def write_pairs(base: str, scripts: list[ET.Element]) -> str:
        parts = [_write_node(child, depth + 1) for child in scripts]
        return write([base, *parts[:2]]) if parts else base

    base = _write_node(children[0], depth + 1) if children and cut else ""
    before = write_pairs("", children[cut + 1 :])
    return before + write_pairs(base, children[1:cut])
