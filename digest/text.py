"""Foreign text to plain Unicode: TeX and markup read, control characters out, every field capped.

arXiv and Hugging Face give plain text, in which `0<x<1`, `<think>` and `&amp;` mean themselves:
only `from_html` may take tags away. What comes out of here is escaped once, where it is shown.
"""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

import nh3
from pylatexenc import latex2text, latexwalker

TITLE_CHARS = 500
ABSTRACT_CHARS = 6000  # arXiv itself allows 1,920; the longest seen in the wild had 42,052
SUMMARY_CHARS = 1000
NAME_CHARS = 120
AUTHORS = 300
CATEGORY_CHARS = 60
CATEGORIES = 20
TEX_CHARS = 20_000  # longer texts are cut before TeX or markup in them is read
HTML_CHARS = 40_000  # nested markup costs the square of its length

_SPACES = re.compile(r"\s+")
# C0, C1, soft hyphen, zero-width, bidi, interlinear and tag characters, halves of surrogate pairs.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def clean(text: str, limit: int) -> str:
    """Return the text in NFC on one line, without hidden characters, at most `limit` long."""
    # What is far too long is cut first: nobody should pay for normalising it.
    text = _HIDDEN.sub("", text[: limit * 4])
    text = unicodedata.normalize("NFC", text)
    return shorten(_SPACES.sub(" ", text).strip(), limit)


def shorten(text: str, limit: int) -> str:
    """Cut at the end of a word and say so with an ellipsis; without spaces, cut where it must be.

    >>> shorten("the quick brown fox", 12)
    'the quick…'
    """
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] != " " and " " in head[limit // 2 :]:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:.–—-") + "…"


def cut_key(text: str, limit: int) -> str:
    """A key cut to fit a column, still different from every other long key."""
    text = _SPACES.sub(" ", _HIDDEN.sub("", text)).strip()
    if len(text) <= limit:
        return text
    digest = sha256(text.encode(errors="replace")).hexdigest()[:32]
    return f"{text[: limit - 33]}~{digest}"


def from_tex(text: str, limit: int) -> str:
    """Clean plain text in which TeX may stand; what cannot be read as TeX stays as it was typed."""
    return clean(_read_tex(text[:TEX_CHARS]), limit)


_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "tr", "td", "th", "table", "blockquote", "pre"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "hr", "section", "article", "dd", "dt"}
_BLOCK_TAG = re.compile(r"<[^>]*>")


def from_html(text: str, limit: int) -> str:
    """Clean text out of true HTML; what stood in blocks of its own is kept apart by spaces."""
    if "<" in text:
        # After nh3 every tag left is one of the blocks, bare, and any other `<` is an entity.
        text = nh3.clean(text[:HTML_CHARS], tags=_BLOCKS, attributes={}, link_rel=None)
        text = _BLOCK_TAG.sub(" ", text)
    return clean(html.unescape(text[:HTML_CHARS]), limit)


# -- TeX -------------------------------------------------------------------------------------

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # a line for each broken macro
_LATEX = latex2text.LatexNodes2Text(math_mode="text", keep_comments=True)
# Macros that do something to a document, where a title or an abstract can only have named them.
_ACTIVE = {"today", "title", "author", "date", "maketitle", "input", "include", "includegraphics"}
_ACTIVE |= {"newcommand", "renewcommand", "def", "documentclass", "usepackage", "item", "verb"}
_ACTIVE |= {"begin", "end", "providecommand", "footnotetext", "caption", "bibliography"}
_FONTS = {"it", "bf", "rm", "tt", "sc", "sf", "em", "sl", "cal", "bm", "boldsymbol", "mathbbm"}
_KNOWN = {
    spec.macroname
    for package in (latex2text, latexwalker)
    for spec in package.get_default_latex_context_db().iter_macro_specs()
}
_KNOWN = (_KNOWN | _FONTS | {" ", "[", "]"}) - _ACTIVE

_SUPERSCRIPTS = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPTS = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_SUPERSCRIPT = re.compile(r"\^([0-9ni+\-]{1,4})")
_SUBSCRIPT = re.compile(r"_([0-9aehijklmnoprstuvx]{1,2})(?![A-Za-z])")

# Pandoc's rule: no space inside the dollars and no digit after them, so "$5 to $10" is money.
# A digit may follow where a macro shows that it is a formula: "$\\times$4".
_MATH = re.compile(
    r"(?<!\\)\$(?!\s)(?:([^$]{1,300}?)(?<![\s\\])\$(?!\d)|([^$]{0,99}\\[a-zA-Z]+[^$]{0,99}?)(?<!\s)\$)"
)
_FORMULA = re.compile(r"^\S+$|[\\^_{}=<>+\-*/|()]")
_MATH_IN_PARENTHESES = re.compile(r"\\\(([^$]{1,300}?)\\\)|(?<!\\)\$\$([^$]{1,300}?)\$\$")
# What stands before a pair of braces whose content alone is to be shown.
_LINK = re.compile(r"\\(?:href|textcolor)\s*\{[^{}]*\}\s*(?=\{)|\\url\s*(?=\{)")
_POINTER = re.compile(
    r"~?\\(?:cite[a-z]*|label|ref|eqref|footnotemark|thanks)\*?(?:\[[^\]]*\]|\{[^{}]*\})+"
)
_MACRO = re.compile(r"\\([a-zA-Z]+|.)(\{\})?", re.DOTALL)
# Stand for the backslash of a macro that is left as typed, and for ^ and ~ outside formulas.
_UNKNOWN_MARK, _CARET_MARK, _TILDE_MARK = "\ue000", "\ue001", "\ue002"
_MARKS = str.maketrans({_UNKNOWN_MARK: "\\", _CARET_MARK: "^", _TILDE_MARK: "~"})
_DEEPEST = 20  # braces within braces; pylatexenc recurses


@lru_cache(maxsize=8192)  # lists are read again every hour, and most of their texts are the same
def _read_tex(text: str) -> str:
    if "\\" not in text and "$" not in text:
        return text
    if _nesting(text) > _DEEPEST:
        return text
    shown = _protect(text)
    try:
        read = "".join(_parts(shown)).translate(_MARKS)
    except Exception:  # pylatexenc's errors are many, and a broken formula never loses a paper
        return text
    if "%s" in read and "%s" not in text:  # how pylatexenc shows a fraction without its parts
        return text
    kept = _letters(read) * 2 >= _letters(re.sub(r"\\[a-zA-Z]+", "", shown))
    return read if kept and read.strip() else text


def _nesting(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _protect(text: str) -> str:
    """Take out what only a typeset page can show; authors' own macros stay as they typed them."""
    text = _POINTER.sub("", _LINK.sub(r"\\textrm", text.replace(_UNKNOWN_MARK, "")))
    text = _MATH_IN_PARENTHESES.sub(lambda m: f"${(m[1] or m[2]).strip()}$", text)
    return _MACRO.sub(lambda m: m[0] if m[1] in _KNOWN else _unknown(m), text)


def _unknown(macro: re.Match[str]) -> str:
    return " " if macro[1].isspace() else _UNKNOWN_MARK + macro[1]


def _parts(text: str) -> list[str]:
    parts, last = [], 0
    for formula in _MATH.finditer(text):
        inner = formula[1] or formula[2]
        if not _FORMULA.search(inner):
            continue  # "$5 and 10$" is money again
        parts += [_read_prose(text[last : formula.start()]), _read_formula(inner)]
        last = formula.end()
    return [*parts, _read_prose(text[last:])]


def _read_formula(formula: str) -> str:
    # TeX sets a thin space before an operator's name; without it "n\log n" would read "nlog n".
    spaced = formula.replace(r"\log", r"\,\log ")
    text = str(_LATEX.latex_to_text(f"${spaced}$"))
    text = text.replace("^∘", "°")
    text = _SUPERSCRIPT.sub(lambda m: m[1].translate(_SUPERSCRIPTS), text)
    return _SUBSCRIPT.sub(lambda m: m[1].translate(_SUBSCRIPTS), text)


def _read_prose(prose: str) -> str:
    if "\\" not in prose:
        return prose
    head = prose[: len(prose) - len(prose.lstrip())]
    tail = prose[len(prose.rstrip()) :]
    # Outside formulas these mean themselves, whether or not someone escaped them.
    escaped = re.sub(r"(?<!\\)([%&#_$^~])", _escape, prose.strip())
    return head + str(_LATEX.latex_to_text(escaped)) + tail


def _escape(special: re.Match[str]) -> str:
    named = {"^": _CARET_MARK, "~": _TILDE_MARK}
    return named.get(special[1], "\\" + special[1])
