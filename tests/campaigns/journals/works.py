"""Made works: titles, authors and abstracts that no two of them share, from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

TOPICS = (
    *("glacier melt", "protein folding", "market liquidity", "bilingual reading"),
    *("quantum sensing", "soil carbon", "robot grasping", "immune memory"),
)
_ADJECTIVES = ("Slow", "Seasonal", "Hidden", "Robust", "Sparse", "Early", "Coupled", "Remote")
_PLACES = ("in northern valleys", "under daily stress", "across two decades", "at small scales")
_TAILS = ("a field study", "evidence from three sites", "a model and a test", "what CO₂ explains")
_GIVEN = ("Ada", "Bo", "Jean-Pierre", "Mei", "Oona", "Søren", "Zoë", "Ivan", "Lucía", "Tariq")
_KEY = "by the"
_START, _MIDDLE = ("Tob", "Kel", "Mar", "Vin", "Dro", "Hes", "Pal", "Ruz"), ("re", "a", "o", "ul")
_END = ("lin", "sen", "dar", "vik", "mota", "ner", "shaw", "quist")


@dataclass(frozen=True)
class Person:
    given: str
    family: str

    def write(self, style: str) -> str:
        """The name as one of the STYLES has it."""
        initials = "-".join(f"{part[0]}." for part in self.given.split("-"))
        return style.format(
            given=self.given,
            family=self.family,
            initials=initials,
            letters=initials.replace(".", "").replace("-", ""),
        )


STYLES = {
    "whole": "{given} {family}",
    "turned": "{family}, {given}",
    "initials": "{initials} {family}",
    "letters": "{family} {letters}",
}


@dataclass(frozen=True)
class Work:
    """One made paper, whatever names and shapes it comes in."""

    number: int
    topic: str
    title: str
    authors: tuple[Person, ...]
    abstract: str

    @property
    def key(self) -> str:
        """What of the title tells it from all others', whatever becomes of the rest of it."""
        return (
            self.title[self.title.find(_KEY) :].partition(":")[0]
            if _KEY in self.title
            else self.title
        )

    def rename(self) -> str:
        """The title that a journal gives to what was a preprint."""
        return f"On {self.topic} measured anew {self.key}: the version of record"

    @property
    def start_of_abstract(self) -> str:
        """As feeds cut it."""
        return f"{self.abstract[:80].rsplit(' ', 1)[0]}…"


class Maker:
    """Makes one work after another."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"works {seed}")
        self._made = 0

    def make_work(self, title: str = "", *, is_signed: bool = True) -> Work:
        """A work with a title of its own, or with one that others may have too."""
        self._made += 1
        dice, marker = self.dice, f"{self._make_name()}{self._made}"
        topic = next((topic for topic in TOPICS if topic in title), "") or dice.choice(TOPICS)
        adjective, place, tail = map(dice.choice, (_ADJECTIVES, _PLACES, _TAILS))
        authors = tuple(self._make_person() for _ in range(dice.randint(1, 5)))
        share, sites = dice.randint(11, 89), dice.randint(3, 40)
        return Work(
            self._made,
            topic,
            title or f"{adjective} {topic} {place} {_KEY} {marker} method: {tail}",
            authors if is_signed else (),
            f"We study {topic} {place} and ask what the {marker} method can tell of it. "
            f"At {sites} sites it explains {share} percent of what older models leave open. "
            f"We give the data of all {sites} sites, and say where {marker} fails.",
        )

    def _make_person(self) -> Person:
        return Person(self.dice.choice(_GIVEN), f"{self._make_name()}{self.dice.choice(_END)}")

    def _make_name(self) -> str:
        return "".join(map(self.dice.choice, (_START, _MIDDLE, _END)))
