"""HTML, JATS and MathML to lines of plain text, with what the markup of science says kept.

    10<sup>6</sup> → 10⁶    CO<sub>2</sub> → CO₂    <i>in vivo</i> → in vivo    <scp>DNA</scp> → DNA

Scripts that Unicode has no signs for are written with ^ and _, as for TeX. What stands in blocks of
its own (paragraphs, table cells, headings) becomes a line of its own.
"""

from __future__ import annotations

import html
import re

import nh3

from digest.ingest.text.mathml import read_mathml
from digest.ingest.text.tex_symbols import SUBSCRIPTS, SUPERSCRIPTS, WORD, convert_script

MARKUP_CHARS = 40_000  # nested markup costs the square of its length
DEEPEST = 100  # inline tags within one another
_BETWEEN_TAGS = "\ue003"  # of private use: white space that parts tags and no words
_STRAY_BREAK = re.compile(rf"\s*{_BETWEEN_TAGS}[\s{_BETWEEN_TAGS}]*(?=(?!\.\.)[.,;:)\]])")
# Of private use too: what TeX would read stands for itself in programs.
_CODE_SIGNS = "\\${}^_-`'~%&#"
_KEPT_SIGNS = {ord(sign): 0xE010 + n for n, sign in enumerate(_CODE_SIGNS)}
_SHOWN_SIGNS = {kept: sign for sign, kept in _KEPT_SIGNS.items()}
_UNKEPT = dict.fromkeys(_SHOWN_SIGNS)

_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "tr", "td", "th", "table", "blockquote", "pre"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "hr", "section", "article", "dd", "dt", "dl"}
_SCRIPTS = {"sup", "sub"}
_CODE = {"code", "kbd", "samp"}
_MATHML_NAMES = """
    math mi mn mo mtext ms mrow msup msub msubsup munder mover munderover mfrac msqrt mroot
    mtable mtr mtd mfenced mmultiscripts mprescripts none mstyle mpadded mphantom menclose
    semantics annotation merror mspace
"""
_MATHML = set(_MATHML_NAMES.split())
_INLINE_NAMES = """
    i b em strong u s tt span a small big font cite q abbr scp sc inf italic
"""
_INLINE = set(_INLINE_NAMES.split())
_INLINE |= {"bold", "roman", "sans-serif", "monospace", "underline", "strike", "named-content"}
_OTHER_NAMES = """
    img html body head header footer main figure figcaption aside nav center style script title
    label sec tbody thead tfoot caption col colgroup iframe video audio source object embed form
    input button svg del ins mark var time picture noscript
"""
_OTHER = set(_OTHER_NAMES.split())
_KNOWN = _BLOCKS | _SCRIPTS | _CODE | _MATHML | _INLINE | _OTHER
# JATS, and what publishers made up: https://jats.nlm.nih.gov/publishing/tag-library/
_RENAMED = {"title": "h3", "label": "h3", "sec": "div", "superscript": "sup"}
_RENAMED |= {"subscript": "sub", "sp": "sup", "sb": "sub"}
_ATTRIBUTES = {"span": {"class", "style"}, "annotation": {"encoding"}, "math": {"alttext"}}
_ATTRIBUTES |= {"mfenced": {"open", "close", "separators"}}

_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_OPENED = re.compile(
    r"<(?P<end>/?)(?:[a-zA-Z][\w.-]*:)?(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:[\s/][^<>]*)?)>"
)
_ANGLE = re.compile(r"<!--.*?-->|<[^<>]*>?", re.DOTALL)
_CUT_TAG = re.compile(r"<[^<>]*$")
_CLOSED = re.compile(r"</(?:[a-zA-Z][\w.-]*:)?([a-zA-Z][\w-]*)\s*>")
_TOKEN = re.compile(r'(<[^>"]*(?:"[^"]*"[^>"]*)*>)')
_NAME = re.compile(r"</?([\w-]+)")
_RAISED = re.compile(r"""class="[^"]*\bsup(?:erscript)?\b|vertical-align:\s*super""", re.IGNORECASE)
_LOWERED = re.compile(r"""class="[^"]*\bsub(?:script)?\b|vertical-align:\s*sub""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]\w{1,31}|#\d{2,7}|#[xX][\da-fA-F]{2,6});")
# A preamble that Springer puts before each formula of an abstract.
_PREAMBLE = re.compile(
    r"\\documentclass.{0,2000}?\\begin\{document\}(.{0,2000}?)\\end\{document\}", re.DOTALL
)
_ORDINAL = {"st", "nd", "rd", "th", "er", "re", "e", "ème", "o", "a", "º", "ª"}
_PLAIN_SIGNS = {"tm": "™", "(r)": "®", "®": "®", "™": "™", "©": "©", "°": "°", "o": "°", "′": "′"}


def looks_like_markup(text: str) -> bool:
    """Whether a text that does not say what it is holds markup: known tags, pairs or entities.

    `0<x<1` and a lone `<think>` are none.
    """
    if "<" in text:
        closed = {name.lower() for name in _CLOSED.findall(text)}
        for found in _OPENED.finditer(text):
            name = found["name"].lower()
            if name in closed or name in ("br", "hr", "img", "p"):
                return True
        if _CDATA.search(text):
            return True
    return "&" in text and bool(_ENTITY.search(text))


def read_lines(text: str) -> list[str]:
    """The lines of a text in HTML, without tags and entities; none of them empty.

    The signs of programs are kept from being read as TeX until `show_code`.
    """
    read = _read_once(text.translate(_UNKEPT))
    # Escaped once too often: what should be markup came out as text.
    if any(f"</{name}>" in read for name in (*_SCRIPTS, "i", "em", "b", "p", "inf", "scp")):
        read = _read_once(read)
    read = _STRAY_BREAK.sub("", read).replace(_BETWEEN_TAGS, " ")
    lines = (" ".join(line.split()) for line in read.split("\n"))
    return [line for line in lines if line]


def show_code(text: str) -> str:
    """The text with the signs of programs in it as they were."""
    return text.translate(_SHOWN_SIGNS)


def _read_once(text: str) -> str:
    text = _CDATA.sub(r"\1", text)
    if len(text) > MARKUP_CHARS:
        text = _CUT_TAG.sub("", text[:MARKUP_CHARS])
    if "<" not in text:
        return _PREAMBLE.sub(r"\1", html.unescape(text)).replace("\n", " ")
    # After nh3 every tag left is one that we know, whole and closed, and any other `<` an entity.
    cleaned = nh3.clean(
        _keep_tags(text),
        tags=_BLOCKS | _SCRIPTS | _CODE | _MATHML | {"span", "inf"},
        attributes=_ATTRIBUTES,
        link_rel=None,
    )
    return _PREAMBLE.sub(r"\1", _Reader(_TOKEN.split(cleaned)).read())


def _keep_tags(text: str) -> str:
    """The text with every `<` escaped that begins no tag, and the others without a namespace."""
    closed = {name.lower() for name in _CLOSED.findall(text)}

    def keep_tag(found: re.Match[str]) -> str:
        tag = _OPENED.fullmatch(found[0])
        if found[0].startswith("<!--"):
            return ""
        if not tag:
            return found[0] if _is_declaration(found[0]) else "&lt;" + found[0][1:]
        name = tag["name"].lower()
        if name not in _KNOWN and name not in closed and "=" not in tag["rest"]:
            return "&lt;" + found[0][1:]
        return f"<{tag['end']}{_RENAMED.get(name, name)}{tag['rest']}>"

    return _ANGLE.sub(keep_tag, text)


def _is_declaration(found: str) -> bool:
    return found.startswith(("<!doctype", "<!DOCTYPE", "<?")) and found.endswith(">")


class _Reader:
    """Reads tokens, tags and texts in turn, into one text with a line end at each block."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at, self._code = tokens, 0, 0

    def read(self) -> str:
        pieces: list[str] = []
        opened: list[tuple[str, str, int]] = []  # the tag, its script's sign, and where it began
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if not token.startswith("<"):
                pieces.append(self._read_words(token))
                continue
            tag = self._find_tag(token)
            if tag == "math":
                pieces.append(self._read_formula(token))
            elif tag in _BLOCKS:
                pieces.append("\n")
            elif not token.startswith("</"):
                if len(opened) < DEEPEST:
                    before = pieces[-1][-1:] if pieces else ""
                    opened.append((tag, _find_script(tag, token, before), len(pieces)))
            elif any(tag == one for one, _, _ in opened):
                while opened:
                    one, sign, start = opened.pop()
                    pieces[start:] = [
                        self._set_script("".join(pieces[start:]), sign, pieces[:start])
                    ]
                    if one == tag:
                        break
        return "".join(pieces)

    def _find_tag(self, token: str) -> str:
        name = _NAME.match(token)
        tag = name[1] if name else ""
        if tag in _CODE:
            self._code += -1 if token.startswith("</") else 1
        return tag

    def _read_words(self, token: str) -> str:
        """The words between two tags; a line end that only parts tags is marked as such."""
        text = html.unescape(token)
        if text.isspace() and "\n" in text:
            return _BETWEEN_TAGS
        text = text.replace("\n", " ")
        return text.translate(_KEPT_SIGNS) if self._code else text

    def _read_formula(self, token: str) -> str:
        """All up to the end of the formula that this token begins."""
        if token.startswith("</"):
            return ""
        parts = [token]
        while self._at < len(self._tokens) and parts[-1] != "</math>":
            parts.append(self._tokens[self._at])
            self._at += 1
        return read_mathml("".join(parts))

    def _set_script(self, inner: str, sign: str, before: list[str]) -> str:
        text = inner.strip()
        if not sign or not text or "\n" in text:
            return inner
        last = before[-1][-1:] if before else ""
        if sign == "^" and (plain := _find_plain(text, last)):
            return plain
        signs = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
        if small := convert_script(text.replace(" ", "").replace("–", "-"), signs):
            return small
        comes = self._tokens[self._at][:1] if self._at < len(self._tokens) else ""
        is_word = WORD.fullmatch(text) and not comes.isalnum()
        return sign + (text if is_word else f"({text})")


def _find_script(tag: str, token: str, before: str) -> str:
    """The sign of the script that a tag sets: "^", "_" or none.

    An "inferior" (IEEE's <inf>) that stands apart belongs to nothing and is plain.
    """
    if tag == "inf" and not before.strip():
        return ""
    if tag == "sup" or (tag == "span" and _RAISED.search(token)):
        return "^"
    return "_" if tag in ("sub", "inf") or (tag == "span" and _LOWERED.search(token)) else ""


def _find_plain(raised: str, last: str) -> str:
    """What is raised only for looks: 21<sup>st</sup>, a trade mark, a degree."""
    if last.isdigit() and raised.lower() in _ORDINAL - {"o", "a"}:
        return raised
    if raised in ("o", "∘", "º") and last.isdigit():
        return "°"
    return _PLAIN_SIGNS.get(raised.lower(), "") if raised.lower() != "o" else ""
