"""How wide text stands where every letter has the same width: in a subject, in a text part.

What a reader takes for one character is a grapheme: a letter with its accents, an emoji of several
code points, a flag. Chinese, Japanese and Korean characters and emoji are two columns wide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from subscribers.topics.terms import STOP_WORDS

ELLIPSIS = "…"
_LOOSE_ENDS = " ,;:–—-"
# An approximation of UAX 29 that needs no tables: flags are two letters; joiners tie emoji
# together; accents, skin tones and tags belong to what stands before them.
_TIED = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u1160-\u11ff\u200c\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff"
    "\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
_LONGEST = 12  # code points of one character; more of them is mischief, and takes room
_GRAPHEME = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|.(?:[{_TIED}]|\u200d(?:[^\x00-\u1fff])?){{0,{_LONGEST}}}",
    re.DOTALL,
)
# Letters, punctuation and signs that take one column each and have nothing tied to them: most text.
_SIMPLE = re.compile(r"[\x00-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u2190-\u22ff]*")
_POINTS_A_COLUMN = 3  # so that a line of so many columns is never a very long one


def split_graphemes(text: str) -> Iterator[str]:
    """What a reader takes for single characters, from left to right.

    >>> list(graphemes("e\u0301🇫🇷👩‍🔬"))
    ['é', '🇫🇷', '👩‍🔬']
    """
    piece = ""
    for found in _GRAPHEME.finditer(text):
        # Accents of scripts that no range above names, such as Devanagari's.
        if piece and len(piece) < _LONGEST and unicodedata.category(found[0][0])[0] == "M":
            piece += found[0]
            continue
        if piece:
            yield piece
        piece = found[0]
    if piece:
        yield piece


def measure_width(text: str) -> int:
    """How many columns the text takes; plain letters take one each."""
    return len(text) if _is_simple(text) else sum(map(_count_columns, split_graphemes(text)))


def _is_simple(text: str) -> bool:
    return text.isascii() or _SIMPLE.fullmatch(text) is not None


@lru_cache(4096)
def _count_columns(grapheme: str) -> int:
    is_wide = _is_wide(grapheme[0]) or "\ufe0f" in grapheme
    is_flag = "\U0001f1e6" <= grapheme[0] <= "\U0001f1ff"
    return max(2 if is_wide or is_flag else 1, -(-len(grapheme) // _POINTS_A_COLUMN))


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _ends_anywhere(character: str) -> bool:
    """Whether a line may end behind it, whatever follows: not in Korean, which parts its words."""
    return bool(character) and _is_wide(character) and not "가" <= character <= "힣"


def find_whole_end(text: str, end: int) -> int:
    """Where the last whole character before `end` ends: nothing is cut from what belongs to it."""
    if _is_simple(text[: end + 1]):
        return end
    # None reaches over a blank.
    at = text.rfind(" ", 0, end) + 1
    for piece in split_graphemes(text[at : end + _LONGEST]):
        if at + len(piece) > end:
            break
        at += len(piece)
    return at


def cut_to_width(text: str, columns: int) -> str:
    """The beginning of the text that takes at most so many columns, of whole characters."""
    if _is_simple(text):
        return text[:columns]
    kept, used = [], 0
    for piece in split_graphemes(text):
        used += _count_columns(piece)
        if used > columns:
            break
        kept.append(piece)
    return "".join(kept)


def shorten_to_width(text: str, columns: int) -> str:
    """At most so many columns, cut at a word where there is one, with an ellipsis at the end.

    The last word says something: a title ends neither at "of" nor at "with the". Half of what has
    room stays in any case. Chinese and Japanese have no blanks between words, and lines of them may
    end behind any character.
    """
    if measure_width(text) <= columns:
        return text
    head = cut_to_width(text, columns - 1)
    least = len(head) // 2
    is_between = text[len(head) :][:1].isspace() or _ends_anywhere(head[-1:])
    if not is_between and " " in head[least:]:
        head = head.rpartition(" ")[0]
    return _drop_small_end(head.rstrip(_LOOSE_ENDS), least) + ELLIPSIS


def _drop_small_end(head: str, least: int) -> str:
    while (at := head.rfind(" ", least)) >= 0 and head[at + 1 :].casefold() in STOP_WORDS:
        head = head[:at].rstrip(_LOOSE_ENDS)
    return head


def wrap_lines(text: str, columns: int, margin: str = "") -> str:
    """The text as lines of at most so many columns, each behind the margin.

    Lines end between words; a word too wide for a line of its own is cut between characters.
    """
    words, room = text.split(), columns - len(margin)
    spaced = " ".join(words)
    if _is_simple(spaced) and max(map(len, words), default=0) <= room:
        lines = break_lines(spaced, room)
    else:
        lines = _fit_words(words, room)
    return "\n".join([f"{margin}{line}" for line in lines])


def break_lines(text: str, limit: int) -> list[str]:
    """The text as lines of at most so many characters; a longer word has a line of its own.

    Between its words stands one space, and none around them.
    """
    lines, start, last = list[str](), 0, len(text) - limit
    while start < last:
        end = text.rfind(" ", start, start + limit + 1)
        if end < 0 and (end := text.find(" ", start + limit)) < 0:
            break
        lines.append(text[start:end])
        start = end + 1
    return [*lines, text[start:]] if text else []


def _fit_words(words: Iterable[str], room: int) -> list[str]:
    """Lines of words of whatever width."""
    lines, line, used = list[str](), "", 0
    for word in words:
        behind = measure_width(f" {word}")  # an accent without a letter sits on the blank
        if line and used + behind <= room:
            line, used = f"{line} {word}", used + behind
            continue
        if line:
            lines.append(line)
        needed = measure_width(word)
        while needed > room:
            head = cut_to_width(word, room) or word[:1]
            lines.append(head)
            word = word[len(head) :]
            needed = measure_width(word)
        line, used = word, needed
    return [line for line in [*lines, line] if line]
