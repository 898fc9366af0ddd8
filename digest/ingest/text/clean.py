"""Text of sources to plain Unicode: TeX and markup read, control characters out, length capped.

arXiv and Hugging Face give plain text, in which `0<x<1`, `<think>` and `&amp;` mean themselves:
only `clean_html` may take tags away. What comes out of here is escaped once, where it is shown.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

from digest.ingest.text.markup import read_lines, show_code
from digest.ingest.text.tex import read_tex

TITLE_CHARS = 500
# arXiv itself allows 1,920 (https://info.arxiv.org/help/prep.html); the longest seen had 42,052.
ABSTRACT_CHARS = 6000
SUMMARY_CHARS = 1000
NAME_CHARS = 120
AUTHORS = 300
CATEGORY_CHARS = 60
CATEGORIES = 20
TEX_CHARS = 20_000  # longer texts are cut before TeX or markup in them is read

_SPACES = re.compile(r"\s+")
# C0, C1, soft hyphen, zero-width, bidi, interlinear and tag characters, halves of surrogate pairs;
# and what is no character at all: private use, for which nobody has a font, and noncharacters.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0"
    r"\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
# Joiners shape Persian and Indic words and join emoji to one picture; elsewhere they only hide.
_SHAPED = r"\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefe"
_PICTURES = r"\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_STRAY = re.compile(
    rf"[\u200c\u200d]{{2,}}|(?<![{_SHAPED}])\u200c|\u200c(?![{_SHAPED}])"
    rf"|(?<![{_SHAPED}{_PICTURES}])\u200d|\u200d(?![{_SHAPED}{_PICTURES}])"
)


def clean_text(text: str, limit: int) -> str:
    """Return the text in NFC on one line, without hidden characters, at most `limit` long."""
    # What is far too long is cut first: nobody should pay for normalising it.
    text = show_code(text[: limit * 4])
    spaced = " ".join(text.split())
    if spaced.isascii() and spaced.isprintable():  # most texts, and ten times as quick
        return shorten_text(spaced, limit)
    text = unicodedata.normalize("NFC", _STRAY.sub("", _HIDDEN.sub("", text)))
    return shorten_text(_SPACES.sub(" ", text).strip(), limit)


def shorten_text(text: str, limit: int) -> str:
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
    text = _SPACES.sub(" ", _STRAY.sub("", _HIDDEN.sub("", text))).strip()
    if len(text) <= limit:
        return text
    digest = sha256(text.encode(errors="replace")).hexdigest()[:32]
    return f"{text[: limit - 33]}~{digest}"


def clean_tex(text: str, limit: int) -> str:
    """Clean plain text in which TeX may stand; what cannot be read as TeX stays as it was typed."""
    return clean_text(read_tex(text[:TEX_CHARS]), limit)


def clean_html(text: str, limit: int) -> str:
    """Clean text out of true HTML; what stood in blocks of its own is kept apart by spaces."""
    return clean_text(" ".join(read_lines(text)), limit)


def clean_markup(text: str, limit: int) -> str:
    """Clean text out of HTML in which TeX may stand too."""
    return clean_tex(" ".join(read_lines(text)), limit)
