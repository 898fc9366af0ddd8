"""Other ways in which papers write words: re-ranking for reranking, imagenet for ImageNet.

They are learned from papers (`learn_variants`) and never guessed; a topic in quotes has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar

Stems = tuple[str, ...]
Key = TypeVar("Key")
Value = TypeVar("Value")


class Kind(StrEnum):
    COMPOUND = "compound"  # reranking, re-ranking, re ranking
    HYPHEN = "hyphen"  # setup and set-up, but not set up
    ENDING = "ending"  # robustness finds robust
    NAME = "name"  # CelebA finds celeba
    ORDER = "order"  # implicit neural representation, neural implicit representation


class Variant(NamedTuple):
    """Two ways to write one thing, and how many papers use each.

    `form` and `other` are what is compared: stems joined by blanks for COMPOUND and HYPHEN (the
    closed form first) and for ORDER, which hold in both directions; words in the singular for
    ENDING; a name with its capitals for NAME, whose other form is in small letters where no
    capitals count in it. These two hold in one direction.
    """

    kind: str
    form: str
    other: str
    spelled: str
    other_spelled: str
    papers: int
    other_papers: int


class Compound(NamedTuple):
    """The stems of a word that is also written as two: rerank, and re with rank."""

    closed: str
    parts: Stems
    needs_hyphen: bool

    @property
    def is_shortened(self) -> bool:
        """Whether the closed form has only the first letter of the first word: fMRI."""
        first, second = self.parts
        return len(first) > 2 and self.closed == f"{first[0]}{second}"


_NOTHING: dict[str, frozenset[str]] = {}


@dataclass(frozen=True)
class Variants:
    """Everything learned, by what a topic may hold of it."""

    learned: tuple[Variant, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.learned)

    @cached_property
    def _compounds(self) -> list[Compound]:
        return [
            Compound(row.form, tuple(row.other.split()), row.kind == Kind.HYPHEN)
            for row in self.learned
            if row.kind in (Kind.COMPOUND, Kind.HYPHEN)
        ]

    @cached_property
    def by_closed(self) -> dict[str, list[Compound]]:
        """Compounds by the stem of the closed form: "rerank"."""
        return _group((compound.closed, compound) for compound in self._compounds)

    @cached_property
    def by_first_part(self) -> dict[str, list[Compound]]:
        """Compounds by the stem of their first part: "re"."""
        return _group((compound.parts[0], compound) for compound in self._compounds)

    @cached_property
    def orders(self) -> dict[Stems, list[Stems]]:
        """The other orders of a phrase of three words or more."""
        rows = [row for row in self.learned if row.kind == Kind.ORDER]
        pairs = [(tuple(row.form.split()), tuple(row.other.split())) for row in rows]
        return _group([*pairs, *((other, form) for form, other in pairs)])

    @cached_property
    def orders_by_first(self) -> dict[str, list[Stems]]:
        """Every phrase with another order, by its first stem."""
        return _group((stems[0], stems) for stems in self.orders)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Stems without one of which a phrase surely has no other form of other stems."""
        return frozenset(self.by_closed) | frozenset(self.by_first_part)

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """Stems with one of which every form begins that has others of other stems."""
        return self.stems | frozenset(self.orders_by_first)

    @cached_property
    def _endings(self) -> dict[str, frozenset[str]]:
        return self._collect(Kind.ENDING)

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        return self._collect(Kind.NAME)

    def _collect(self, kind: Kind) -> dict[str, frozenset[str]]:
        rows = _group((row.form, row.other) for row in self.learned if row.kind == kind)
        return {form: frozenset(others) for form, others in rows.items()} if rows else _NOTHING

    def may_change(self, stems: Stems) -> bool:
        """Whether a phrase of these stems may have a form of other stems."""
        return not self.stems.isdisjoint(stems) or stems in self.orders

    def find_beginnings(self, stems: Stems) -> set[str]:
        """The stems with which a phrase can begin if its first word, or two, are written otherwise.

        These are no other orders of its words.
        """
        beginnings = {compound.parts[0] for compound in self.by_closed.get(stems[0], ())}
        return beginnings | {one.closed for one in self.list_compounds_at(stems, 0)}

    def list_substitutes(self, stems: Stems) -> dict[str, list[Stems]]:
        """For each stem of a phrase the stems that stand for it where a compound is written so.

        {"rerank": [("re", "rank")]}, and the reverse {"re": [("rerank",)], "rank": [("rerank",)]}.
        """
        if self.stems.isdisjoint(stems):
            return {}
        parts = [(stem, one.parts) for stem in stems for one in self.by_closed.get(stem, ())]
        wholes = [
            (part, (one.closed,))
            for at in range(len(stems))
            for one in self.list_compounds_at(stems, at)
            for part in one.parts
        ]
        return _group([*parts, *wholes])

    def is_same_ending(self, typed: str, found: str) -> bool:
        """Whether a word in the singular stands for the one typed: robust for robustness."""
        return found in self._endings.get(typed, ())

    def is_same_name(self, typed: str, found: str, folded: str) -> bool:
        """Whether a name is the one typed in other capitals.

        `found` is how it is spelled where capitals count in it, else ""; `folded` has none.
        """
        return (found or folded) in self._names.get(typed, ())

    def list_compounds_at(self, stems: Stems | list[str], at: int) -> Iterator[Compound]:
        """The compounds whose two parts stand in these stems at a place."""
        for compound in self.by_first_part.get(stems[at], ()):
            if tuple(stems[at : at + 2]) == compound.parts:
                yield compound

    def list_orders_at(self, stems: Stems | list[str], at: int) -> Iterator[Stems]:
        """The phrases with other orders that stand in these stems at a place."""
        for phrase in self.orders_by_first.get(stems[at], ()):
            if tuple(stems[at : at + len(phrase)]) == phrase:
                yield phrase


def _group(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    grouped: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        grouped[key].append(value)
    return dict(grouped)


NO_VARIANTS = Variants()
