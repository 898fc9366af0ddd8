"""Whether two lists of authors have somebody in common, however each source writes names.

"Lunt, Ada"   "Lunt A"   "A. Lunt"   "Ada B. Lunt"        one person
"Øre, Jörg"   "Joerg Ore"                                   one person
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from subscribers.topics.letters import BARRED

_DIGRAPHS = re.compile("([aou])e(?=[^aeiou])")  # ä, ö and ü as Germans spell them without dots
_WORD = re.compile(r"[^\W\d_]+")
ANY = "*"  # the initial of somebody of whom only one name is given


def share_an_author(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether somebody stands in both lists; False where one of them is empty."""
    here, there = _list_keys(one), _list_keys(other)
    if here & there:
        return True
    families = [{family for family, _ in keys} for keys in (here, there)]
    alone = [{family for family, initial in keys if initial == ANY} for keys in (here, there)]
    return bool(alone[0] & families[1] or alone[1] & families[0])


def name_same_people(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether both lists have as many names, and each one in the first stands in the other."""
    here, there = list(one), list(other)
    return len(here) == len(there) and all(share_an_author([name], there) for name in here)


def _list_keys(names: Iterable[str]) -> set[tuple[str, str]]:
    return {key for name in names for key in _read_keys(name)}


@lru_cache(8192)
def _read_keys(name: str) -> frozenset[tuple[str, str]]:
    """The (family name, initial) that a name can mean: it may be written either way round."""
    words = _fold_words(name)
    keys: set[tuple[str, str]] = set()
    if len(words) == 1:
        return frozenset({(words[0], ANY)})
    for family, rest in (
        (words[-1], words[:-1]),
        (words[0], words[1:]),
        ("".join(words[-2:]), words[:-2]),  # Le Cun and LeCun
    ):
        if len(family) > 1:
            keys |= {(family, word[0]) for word in rest[:1]} if rest else {(family, ANY)}
    return frozenset(keys)


def _fold_words(name: str) -> list[str]:
    folded = name.casefold().translate(BARRED)
    plain = unicodedata.normalize("NFKD", folded)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return [_DIGRAPHS.sub(r"\1", f"{word} ").strip() for word in _WORD.findall(plain)]
