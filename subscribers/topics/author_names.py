"""Whether a name that was typed behind author: is an author's, however each is written.

    Müller  Mueller  Muller        Le Cun  LeCun  Le-Cun      Jean-Pierre Serre  J.-P. Serre
    Åström  Aastrom  Astrom        Fei-Fei Li  Feifei Li  Li Fei-Fei
    Geoffrey Hinton  Geoffrey E. Hinton  G. Hinton  Hinton, G. E.

Names are compared part by part. Which authors are compared at all is told by one key, the family
name, which every spelling has (`make_author_key`, `list_author_keys`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from subscribers.topics.chunks import read_name_chunks
from subscribers.topics.letters import fold
from subscribers.topics.terms import Term
from subscribers.topics.words import Words

# ä, ö and ü as they are written without dots. Not in Xue, Sue, Bauer, Michael, Miquel or Jaehyun,
# where each letter is heard.
_DIGRAPH = re.compile(r"(?<![aeiouqxy])(?:ae(?!h[aiouwy]|[wyj][aeiou])|oe|ue)(?!l?$)(?=[^aeiou])")
_APOSTROPHES = re.compile("['’ʼ]")
_PARTICLES_IN_NAMES = (
    "al ben da das de del della den der di do dos du el la le mac mc o san st ten ter van von zu"
)
_PARTICLES = frozenset(_PARTICLES_IN_NAMES.split())
# Family names that so many people have that one initial before them tells nobody apart.
_COMMON_NAMES = """
    bai cao chang chen cheng choi chung dai ding dong du fan fang feng fu gao gu guo han he ho hu
    huang huynh jiang jin jung kang kim kong kumar lai le lee li liang liao lin liu long lu luo ma
    mao meng ng nguyen pan park peng pham qian qin ren shao shen shi singh song su sun tan tang
    tian tran tsai wang wei wen wong wu xia xiao xie xiong xu xue yan yang yao ye yin yu yuan zeng
    zhang zhao zheng zhong zhou zhu zou
"""
_SHARED_BY_MANY = frozenset(_COMMON_NAMES.split())
# And those of them that many write first: Li Fei-Fei. Le Cun and Lee Smolin are none of them.
_WRITTEN_FIRST = _SHARED_BY_MANY - _PARTICLES - {"lee", "singh", "kumar"}
_LONGEST_JOIN = 3  # van der Berg
# How many typed parts may be how many of an author's: Fei-Fei and Feifei, LeCun and Le Cun.
_JOINS = ((1, 1), (1, 2), (1, 3), (2, 1), (3, 1))


@lru_cache(8_192)
def read_name(text: str) -> tuple[str, ...]:
    """The parts of a name, folded: muller for Müller and Mueller, but åström for Åström."""
    words = Words(text, read_name_chunks(text))
    return tuple(_fold_part(words.spell(i, i)) for i in range(len(words.folded)))


def _fold_part(spelled: str) -> str:
    spelled = unicodedata.normalize("NFC", spelled).casefold()
    folded = "å".join(fold(piece) for piece in spelled.split("å"))
    return _DIGRAPH.sub(lambda found: found[0][0], _APOSTROPHES.sub("", folded))


def fold_author_term(term: Term, value: str) -> Term:
    """The term with its words as `read_name` has them."""
    pairs = zip(term.words, read_name(value), strict=True)
    return replace(term, words=tuple(replace(word, folded=part) for word, part in pairs))


# -- which authors are compared at all -------------------------------------------------------------


def make_author_key(term: Term) -> str:
    """What an author must have among their keys to be the one who was typed."""
    parts = _read_typed(term)
    first = len(parts) - 1
    if parts[-1] not in _SHARED_BY_MANY:  # Le Zhang has no particle
        while first and parts[first - 1] in _PARTICLES and len(parts) - first < _LONGEST_JOIN:
            first -= 1
    return _make_key("".join(parts[first:]))


@lru_cache(8_192)
def list_author_keys(name: str) -> tuple[str, ...]:
    """The keys of one author: each part, and what particles and the parts behind them make."""
    parts = read_name(name)
    keys = dict.fromkeys(map(_make_key, parts))
    for first, part in enumerate(parts):
        if part in _PARTICLES:
            ends = range(first + 2, min(first + _LONGEST_JOIN, len(parts)) + 1)
            keys.update(dict.fromkeys(_make_key("".join(parts[first:end])) for end in ends))
    return tuple(keys)


def find_first_letter(term: Term) -> str:
    """The letter that another part of the author's name begins with; "" for a single part."""
    parts = _read_typed(term)
    return _make_key(parts[0])[:1] if len(parts) > 1 else ""


def _make_key(part: str) -> str:
    return part.replace("å", "a").replace("aa", "a")


def _read_typed(term: Term) -> tuple[str, ...]:
    """The typed parts, the family name last where it is told which that is."""
    parts = tuple(word.folded for word in term.words)
    comma = next((i for i, word in enumerate(term.words) if "," in word.gap), 0)
    return (*parts[comma:], *parts[:comma]) if comma else _put_family_last(parts)


def _put_family_last(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Lunt A. B. and Li Fei-Fei turned round; others as they are."""
    first = next((i for i, part in enumerate(parts) if _is_initial(part)), 0)
    if first and all(map(_is_initial, parts[first:])):
        return (*parts[first:], *parts[:first])
    if parts and parts[0] in _WRITTEN_FIRST and parts[-1] not in _SHARED_BY_MANY:
        return (*parts[1:], parts[0])
    return parts


def _is_initial(part: str) -> bool:
    return len(part) == 1 and part < "\u2e80"  # one Chinese sign is a name


# -- part by part ----------------------------------------------------------------------------------


class _Pair(NamedTuple):
    """One or more parts of a typed name, joined, and those of an author's that they are."""

    typed: str
    own: str
    starts: str  # the first of the parts that were joined; "" where none were
    is_last: bool  # whether no part of the author's comes behind

    @property
    def is_same(self) -> bool:
        return not _spell_ring(self.typed).isdisjoint(_spell_ring(self.own))

    @property
    def is_shortened(self) -> bool:
        """Whether the author gives an initial where a name was typed."""
        return _is_initial(self.own) and not _is_initial(self.typed)

    def is_initial(self, *, may_shorten: bool) -> bool:
        """Whether one is the initial of the other."""
        if self.starts:
            return False
        if _is_initial(self.typed):
            return self.own.startswith(self.typed)
        return may_shorten and _is_initial(self.own) and self.typed.startswith(self.own)


def _spell_ring(part: str) -> set[str]:
    """Åström as Astrom and as Aastrom; but Haan is not Han."""
    return {part.replace("å", "a"), part.replace("å", "aa")}


def is_author(term: Term, name: str) -> bool:
    """Whether the typed name can be this author's: its parts in their order, in any spelling.

    Others may stand between. Whole names are compared in all orders, those with initials only where
    it is told which name is the family's.
    """
    typed, parts = _read_typed(term), read_name(name)
    if _fits(typed, parts) or _fits(typed, _put_family_last(parts)):
        return True
    if any(map(_is_initial, typed)):
        return False
    orders = (typed[at:] + typed[:at] for at in range(1, len(typed)))
    return any(_fits(order, parts, may_shorten=False) for order in orders)


def _fits(typed: tuple[str, ...], name: tuple[str, ...], *, may_shorten: bool = True) -> bool:
    found = _list_alignments(typed, name, may_shorten=may_shorten)
    if any(_is_telling(pairs) for pairs in found):
        return True
    middle = [part for part in typed[1:-1] if not _is_initial(part)]
    fewer = (typed[0], *middle, typed[-1])
    if not len(typed) > len(fewer) > 1:
        return False
    # An initial that the author does not give; another one in its place is another person's.
    found = _list_alignments(fewer, name, may_shorten=may_shorten)
    return any(len(pairs) == len(name) and _is_telling(pairs) for pairs in found)


def _list_alignments(
    typed: tuple[str, ...], name: tuple[str, ...], *, may_shorten: bool
) -> Iterator[tuple[_Pair, ...]]:
    """Every way to find all typed parts in the name, one behind the other."""
    if not typed:
        yield ()
    for first in range(len(name) if typed else 0):
        for many, own in _JOINS:
            end = first + own
            if many > len(typed) or end > len(name):
                continue
            starts = typed[0] if many > 1 else name[first] if own > 1 else ""
            joined = "".join(typed[:many]), "".join(name[first:end])
            pair = _Pair(*joined, starts, end == len(name))
            if pair.is_same or pair.is_initial(may_shorten=may_shorten):
                for rest in _list_alignments(typed[many:], name[end:], may_shorten=may_shorten):
                    yield (pair, *rest)


def _is_telling(pairs: Sequence[_Pair]) -> bool:
    """Whether what was found names a person: not one name in pieces, nor a mere initial."""
    *given, family = pairs
    if not given:
        return family.is_same and (not family.starts or family.starts in _PARTICLES)
    if family.is_shortened:
        return False
    if not family.is_last and any(_is_initial(pair.typed) for pair in given):
        return False  # J. Li is not Jia Li Wang
    is_bare = len(given) == 1 and given[0].is_shortened
    return not (is_bare and family.typed in _SHARED_BY_MANY)
