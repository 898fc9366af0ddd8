"""Signs that are typed in a topic and are none of its operators: charges, markup, acronyms.

What people paste is brought to what a paper's text has where the two would differ.
"""

from __future__ import annotations

import html
import re

from subscribers.topics.spelled_out import find_spelled_out

# A plus that joins nothing: of a charge or a marker (Na+, Ca2+, CD4+, NAD+ at the end), of a
# collision (e+e-), of a sum ([2+2] cycloaddition), of a form ((+)-catechin).
_ELEMENTS = "Ag|Ca2|Cd2|Co2|Cs|Cu2?|Fe[23]|H|K|Li|Mg2|Mn2|NH4|Na|Ni2|Pb2|Rb|Zn2"
_CHARGE = re.compile(
    rf"(?<!\w)(?:{_ELEMENTS})\+(?=[\s/)\],-]|$)"
    r"|(?<!\w)[A-Z][A-Za-z]*\d+\+(?=[/)\],-]|$)|(?<!\w)[A-Z]{2,}\+(?=[/)\]]|$)"
    r"|(?<!\w)[a-zμπτ]\+(?=[a-zμπτ][-−–])|(?<=\d)\+(?=\d)|(?<=\()\+(?=\))"
)
_SUPERSCRIPT_PLUS = "⁺"
_TAG = re.compile(r"</?(?:sub|i|b|em|strong)>", re.IGNORECASE)
_RAISED = re.compile(r"<sup>|</sup>", re.IGNORECASE)
_LAST_BRACKETS = re.compile(r"\s*\((?P<inside>[^()]{2,120})\)\W*$")


def read_signs(text: str) -> str:
    """Return what was typed with markup read, and with charges that are no operators.

    >>> read_signs("Na+/K+-ATPase in CO<sub>2</sub>")
    'Na⁺/K⁺-ATPase in CO2'
    """
    if "<" in text or "&" in text:
        text = _RAISED.sub(lambda tag: "" if "/" in tag.group() else "^", _TAG.sub("", text))
        text = html.unescape(text)
    if "+" not in text:
        return text
    return _CHARGE.sub(lambda found: found.group()[:-1] + _SUPERSCRIPT_PLUS, text)


def drop_acronym(phrase: str) -> str:
    """Return a phrase without the acronym that it spells out at its end: the long form.

    >>> drop_acronym("large language models (LLMs)")
    'large language models'
    >>> drop_acronym("LLM (large language model)")
    'large language model'
    """
    bracketed = _LAST_BRACKETS.search(phrase)
    if not bracketed or not any(find_spelled_out(phrase)):
        return phrase
    before, inside = phrase[: bracketed.start()], bracketed["inside"].strip()
    if len(inside) < len(before):
        return before
    return f"{before.rpartition(' ')[0]} {inside}".strip()
