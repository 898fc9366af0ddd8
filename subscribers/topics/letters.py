"""Letters without their marks, so that Łukasz and Lukasz, Ada and ADA are one."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("(?<=[a-zA-Z])[\u0300-\u036f]+")
# Small letters that Unicode does not take apart into a letter and its mark.
BARRED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
)
_STARS = str.maketrans(dict.fromkeys("∗⋆", "*"))
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma "
    "tau upsilon phi chi psi omega"
)
GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK_NAMES.split(), strict=True))


def fold(text: str) -> str:
    """Return the text without differences of width, case and, on Latin letters, accents."""
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    return plain.translate(BARRED).translate(_STARS)
