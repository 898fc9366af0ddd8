"""Where a text's formulas and groups begin and end."""

from __future__ import annotations

import re

# Characters of private use that stand for the beginning and the end of a formula, and for the space
# beside an operator's name.
OPEN, CLOSE, THIN = "\ue000", "\ue001", "\ue002"
MARKERS = re.compile(f"[{OPEN}{CLOSE}{THIN}]")

# Pandoc's rule: no space inside the dollars and no digit after them, so "$5 to $10" is money
# (https://pandoc.org/MANUAL.html#math).
# Where a macro shows that it is a formula, a space or a digit may stand there: "$\\times$4".
_MATH = re.compile(
    r"\\\((?P<round>[^$]{1,300}?)\\\)|\\\[(?P<display>[^$]{1,900}?)\\\]|(?<!\\)\$\$(?P<double>[^$]{1,300}?)\$\$"
    r"|(?<![\\$])\$(?!\s)(?P<plain>[^$]{1,300}?)(?<![\s\\])\$(?!\d)"
    r"|(?<![\\$])\$(?P<macro>[^$]{0,99}\\[a-zA-Z]+[^$]{0,99}?)(?<!\\)\$"
)
_FORMULA = re.compile(r"^\S+$|[\\^_{}=<>+\-*/|()]")

_DISPLAYED = re.compile(r"\\[a-zA-Z]|[\^_=]")


def mark_formulas(text: str) -> str:
    """The text with every formula between OPEN and CLOSE; dollars that mean money are left."""

    def mark_match(found: re.Match[str]) -> str:
        inner = next(filter(None, found.groups())).strip()
        sure = _DISPLAYED if found["display"] else _FORMULA
        if not inner or not sure.search(inner):
            return found[0]  # "$5 and 10$" is money again, and "\[12\]" a footnote
        return f"{OPEN}{inner}{CLOSE}"

    return _MATH.sub(mark_match, text)


def find_pairs(text: str) -> dict[int, int]:
    """Index of each closed brace or formula's beginning -> index of its end."""
    opened: list[int] = []
    closes = {"}": "{", CLOSE: OPEN}
    pairs = {}
    for found in re.finditer(rf"\\.|[{{}}{OPEN}{CLOSE}]", text, re.DOTALL):
        sign = found[0]
        if sign in closes.values():
            opened.append(found.start())
        elif sign in closes:
            while sign == CLOSE and opened and text[opened[-1]] != OPEN:
                opened.pop()  # a brace opened within the formula and not closed there
            if opened and text[opened[-1]] == closes[sign]:
                pairs[opened.pop()] = found.start()
    return pairs
