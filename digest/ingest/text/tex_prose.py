"""TeX's dashes and quotes, which authors type in plain prose too: 3--5, ``so'' -- and not ``so''.

What only looks like a dash stays as typed: a --flag, an arrow -->, a run of four and more, and
what stands in an address or between `backticks`.
"""

from __future__ import annotations

import re

from digest.ingest.text.tex_math import MARKERS, OPEN

QUOTES = (("``", "“"), ("''", "”"))
_DASHES = {"---": "—", "--": "–"}
_OPENING = r"\s(\[{\"'“‘`"  # what a --flag may stand behind
_COMES = rf"\w\s(\[\"“‘\\{OPEN}"
_DASH = re.compile(
    r"\b(?:https?|ftp)://\S*|(?<![`\\])`[^`']{1,200}`(?!`)"
    r"|(?P<dash>(?<![-<!|])(?:---(?![->|])"
    rf"|(?<=[^{_OPENING}])--(?=[{_COMES}])|(?<=\s)--(?=[\s\\{OPEN}(])))"
)
_QUOTED = re.compile(r"(?<!`)``(?=[^\s`])([^`]{1,300}?)(?<=[^\s'])''(?!')")


def find_dashes(text: str) -> dict[int, str]:
    """Where two or three hyphens mean a dash: the place of the first -> the hyphens."""
    return {found.start(): found["dash"] for found in _DASH.finditer(text) if found["dash"]}


def convert_dash(hyphens: str) -> str:
    """Two or three hyphens as the dash that TeX sets for them."""
    return _DASHES[hyphens]


def read_prose(text: str) -> str:
    """The text with its dashes and pairs of quotes set; the text itself where there are none."""
    read = _DASH.sub(lambda f: _DASHES[f["dash"]] if f["dash"] else f[0], text)
    read = _QUOTED.sub(r"“\1”", read)
    return text if read == text else MARKERS.sub("", read)
