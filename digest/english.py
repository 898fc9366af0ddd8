"""Numbers, days and lists as English says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _


def plural(count: int, word: str) -> str:
    """paper for 1, papers for any other count."""
    return word if count == 1 else f"{word}s"


def count_of(count: int, word: str) -> str:
    """1 paper, 2 papers."""
    return f"{count} {plural(count, word)}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th …"""
    ending = 0 if 10 <= number % 100 <= 20 else number % 10
    endings = {1: _("%(number)sst"), 2: _("%(number)snd"), 3: _("%(number)srd")}
    return endings.get(ending, _("%(number)sth")) % {"number": number}


def day_in_words(moment: datetime, told_at: datetime | None = None) -> str:
    """A date without a leading zero: 3 Apr 2026; told in the same year, 3 Apr."""
    is_this_year = told_at is not None and told_at.year == moment.year
    return date_format(moment, "j M") if is_this_year else date_format(moment, "j M Y")


def stars_in_words(stars: int | None) -> str:
    """12.3k ★ for 12,345, 1.2M ★ for 1,234,567; empty where there are none."""
    if not stars:
        return ""
    if stars < 1000:
        return f"{stars} ★"
    number, unit = (stars / 1e6, "M") if stars >= 999_950 else (stars / 1000, "k")
    return f"{number:.1f}".removesuffix(".0") + f"{unit} ★"


def in_a_row(words: Sequence[str], *, is_choice: bool = False) -> str:
    """a, b and c, or a, b or c; empty for none."""
    *most, last = words or [""]
    return _join_last(is_choice) % {"most": ", ".join(most), "last": last} if most else last


@cache  # asked for every paper of every mail
def _join_last(is_choice: bool) -> str:
    return _("%(most)s or %(last)s") if is_choice else _("%(most)s and %(last)s")


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word, with an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in cut[limit // 2 :]:
        cut = cut.rpartition(" ")[0]
    return cut.rstrip(" ,;:–—-") + "…"
