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


# Scripts that authors type without dollars: n^{th}, 10^{-3}, CO_{2}, x^*, 10^6, Ca^2+. A letter
# without braces is left: a_i may be the name of a variable.
_BARE_SCRIPT = re.compile(
    r"(?<=[\w)\]])(?:[\^_]\{(?P<braced>(?:\\[a-zA-Z]+ ?)?[^{}\s\\$]{0,12})\}"
    r"|\^(?P<bare>\*{1,2}|(?<=[A-Z]\^)\d?[-+](?![\w-])|(?<=[A-Z][a-z]\^)\d?[-+](?![\w-])"
    r"|[-+]?\d{1,3}(?![\w^.])|[-+]?\d{1,3}(?=\.(?:\s|$))))"
)


def find_bare_script(text: str, at: int) -> str:
    """What is raised or lowered by the sign at `at` outside formulas; "" where it is no script.

    >>> find_bare_script("10^{-3} s", 2)
    '-3'
    """
    found = _BARE_SCRIPT.match(text, at)
    return (found["braced"] or found["bare"] or "") if found else ""


def has_bare_script(text: str) -> bool:
    """Whether anything is raised or lowered outside formulas."""
    return _BARE_SCRIPT.search(text) is not None


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
