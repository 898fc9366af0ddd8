"""What is typed to be seen and not to be found: pictures, letters in fancy dress, piles of marks.

A topic may stand in other people's mails and pages, as one reader typed it. No paper's text holds
any of this, so it is folded away, or refused where nothing else is left to say.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from subscribers.topics.terms import TopicError

MOST_MARKS = 3  # on one letter; languages that need marks need no more
# Emoji, dingbats, game pieces and the signs that only make pictures of others. Musical flats and
# sharps, and the signs of sexes and stars, are words of papers.
_PICTURES = re.compile(
    "[\U0001f000-\U0001f0ff\U0001f1e6-\U0001faff\u2600-\u2604\u260a-\u263f\u2641\u2643-\u266c"
    "\u2670-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u20d0-\u20f0\u3030\u303d\u3297\u3299"
    "\U000e0000-\U000e01ef]+"
)
# Mathematical letters, letters in circles, squares and brackets, and wide ones.
_DRESSED = re.compile(
    "[\U0001d400-\U0001d7ff\u2460-\u24ff\U0001f100-\U0001f189\uff01-\uff5e\u2100-\u2138]"
)
# Strokes drawn through a letter: d̶i̶f̶f̶u̶s̶i̶o̶n̶.
_STROKES = re.compile(r"(?<=\w)[\u0334-\u0338]")
_PILE = re.compile(f"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff]{{{MOST_MARKS + 1},}}")


def strip_ornaments(text: str) -> str:
    """The text in plain letters, without pictures; raises TopicError for a pile of marks.

    >>> strip_ornaments("🔥 𝗥𝗔𝗚 🔥").strip()
    'RAG'
    """
    if text.isascii():
        return text
    bare = _PICTURES.sub(" ", _STROKES.sub("", text))
    plain = _DRESSED.sub(lambda found: _undress(found.group()), bare)
    if _PILE.search(unicodedata.normalize("NFD", plain)):
        raise TopicError(
            _(
                "The topic piles marks upon a letter, which no paper does: type the letter as it "
                "is written."
            )
        )
    return plain


def _undress(letter: str) -> str:
    """The plain letter; the sign itself where that stands for no letter or digit: ℃, №."""
    plain = unicodedata.normalize("NFKC", letter)
    return plain if len(plain) == 1 and (plain.isalnum() or plain.isascii()) else letter
