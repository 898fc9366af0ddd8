"""Titles made comparable."""

from __future__ import annotations

import unicodedata

TITLE_CHARS = 500
_ASCII_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}


def fold_title(title: str) -> str:
    """The title as letters and digits alone, for comparing: case, accents and dashes are gone.

    >>> fold_title("Schrödinger’s Cat — Revisited")
    'schrodinger s cat revisited'
    """
    if title.isascii():  # nearly every title, and ten times as quick
        kept = title.lower().translate(_ASCII_BLANKS)
    else:
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", title).casefold())
        kept = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c))
    return " ".join(kept.split())[:TITLE_CHARS].rstrip()


def is_telling(folded_title: str) -> bool:
    """True when a title is long enough that two papers will not share it by chance.

    Where blanks do not part words (Chinese, Japanese) fewer signs say as much.
    """
    if not folded_title.isascii() and _count_signs(folded_title) >= 10:
        return True
    return len(folded_title) >= 25 and len(folded_title.split()) >= 4


def _count_signs(text: str) -> int:
    return sum("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3" for sign in text)
