"""Which capitals of a topic must stand in a text, and which say nothing."""

from __future__ import annotations

from collections.abc import Callable

from subscribers.topics.capitals import list_capitals, list_exact_capitals

CapitalsRule = Callable[[str], str]
_LONGEST_WORD = 3  # letters of a name that may be a word beside a number as well: ACT 1


def choose_capitals_rule(*, is_exact: bool, is_name: bool) -> CapitalsRule:
    """The rule for a term: in quotes as typed, in names not at all, else those inside words."""
    if is_name:
        return ignore_capitals
    return list_exact_capitals if is_exact else list_capitals


def ignore_capitals(_raw: str) -> str:
    """The rule by which none count."""
    return ""


def list_telling_capitals(spelled: list[str], capitals_of: CapitalsRule) -> list[str]:
    """For each word of a term how it must be spelled, "" where any capitals will do.

    Where all is in capitals they say nothing (LARGE LANGUAGE MODELS), nor do they in a name with
    its number: COVID-19 is Covid-19.
    """
    if _is_shouted(spelled):
        return [""] * len(spelled)
    if capitals_of is not list_capitals:
        return list(map(capitals_of, spelled))
    return ["" if _is_numbered(spelled, i) else list_capitals(s) for i, s in enumerate(spelled)]


def _is_shouted(spelled: list[str]) -> bool:
    return len(spelled) > 1 and all(s.isupper() for s in spelled) and max(map(len, spelled)) > 4


def _is_numbered(spelled: list[str], i: int) -> bool:
    word, after = spelled[i], spelled[i + 1 : i + 2]
    return word.isupper() and len(word) > _LONGEST_WORD and bool(after) and after[0].isdecimal()
