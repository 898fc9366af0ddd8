"""A topic once it is parsed: terms, each a phrase that must or must not be in a paper."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from hashlib import sha256

# Unlike that of functools in Python 3.11 it takes no lock, which costs more than most of these.
from django.utils.functional import cached_property

from subscribers.topics.stems import stem

_STOP_WORDS = (
    "a about after all also an and any are as at be been before being between both but by can "
    "could did do does each for from had has have how if in into is it its may might more most "
    "no not of on one only or other our over same she should so some such than that the their "
    "them then there these they this those to too two under until up upon us using very via was "
    "we were what when where which while who whom why will with would you your i he his her my "
    "me s t vs versus"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
# The stem of every word that is one of these is among them, of one spelled “HIs” too.
STOP_STEMS = frozenset(map(stem, STOP_WORDS | {word.removesuffix("s") for word in STOP_WORDS}))
NORMAL_FORM_CHARS = 600
# What a full stop behind it shortens, besides single letters.
_ABBREVIATIONS = "cf dr fig ft mt no nos prof sp spp st subsp var versus vs"
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())


class TopicError(ValueError):
    """A topic that cannot be looked for; its text says what is wrong and what to type."""


@dataclass(frozen=True)
class TopicWord:
    """One word to be found: by its stem, and where they count by its spelling or capitals."""

    stem: str
    singular: str
    folded: str
    capitals: str  # "" where capitals do not count
    gap: str = dataclasses.field(
        default="", compare=False
    )  # what was typed between the last word and this
    stops: str = ""  # what of stops, brackets and the like was typed there, and may stand there

    @property
    def key(self) -> str:
        return self.mark_stops(f"={self.capitals}" if self.capitals else self.stem)

    def mark_stops(self, spelled: str) -> str:
        """The word in a normal form: SE(3) is another topic than SE3, "se (3"."""
        return f"{self.stops}{spelled}"

    @property
    def typed(self) -> str:
        return self.capitals or self.folded


@dataclass(frozen=True)
class Term:
    """A phrase, and in which field it must stand ("" is anywhere in title or abstract)."""

    words: tuple[TopicWord, ...]
    field: str = ""
    is_exact: bool = False

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(word.stem for word in self.words)

    @cached_property
    def distinct_stems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.stems))

    @cached_property
    def capitals(self) -> tuple[str, ...]:
        """How words must be spelled whose capitals count."""
        return tuple(word.capitals for word in self.words if word.capitals)

    @cached_property
    def needs_spelling(self) -> bool:
        """Whether the stems alone do not tell that a word is the one that was typed."""
        return (
            self.is_exact
            or len(self.words) == 1
            or bool(self.capitals)
            or self.is_number_with_letter
        )

    @cached_property
    def ends_in_digit(self) -> bool:
        """Whether a letter right behind it makes another name of it: GPT-4 is not GPT-4o."""
        return self.words[-1].folded.replace(".", "").isdecimal()

    @cached_property
    def is_number_with_letter(self) -> bool:
        """Whether it is a number and one letter, typed without a gap: 10B, which is no 10 B."""
        if len(self.words) != 2 or self.words[1].gap:
            return False
        number, letter = (word.folded for word in self.words)
        return number.isdecimal() and len(letter) == 1 and letter.isalpha()

    @cached_property
    def is_single(self) -> bool:
        """Whether it is one plain word: of those only singular and plural count, not the stem."""
        return len(self.words) == 1 and not self.is_exact and not self.words[0].capitals

    @cached_property
    def stops(self) -> tuple[str, ...]:
        """For each word which stops may stand before it in a text; () where none may.

        A full stop behind one letter or an abbreviation ends no phrase, whether it is typed or
        not: E. coli, St. Louis.
        """
        befores = ("", *[word.folded for word in self.words])
        stops = tuple(
            [
                word.stops + ("." if is_shortened(before) else "")
                for before, word in zip(befores, self.words, strict=False)
            ]
        )
        return stops if any(stops) else ()

    @property
    def is_loose(self) -> bool:
        """Whether its words standing apart are a near find."""
        return not self.field and not self.is_exact

    @cached_property
    def plain(self) -> str:
        """Its words, without field and quotes."""
        return "".join(f"{word.gap}{word.typed}" for word in self.words)

    @cached_property
    def typed(self) -> str:
        """The term as one could type it."""
        needs_quotes = self.is_exact or (self.field and len(self.words) > 1)
        quoted = f'"{self.plain}"' if needs_quotes else self.plain
        return f"{self.field}:{quoted}" if self.field else quoted

    @cached_property
    def identity(self) -> str:
        """Equal only for terms that find the same and as strongly.

        How a term is typed is not enough: title:data-set needs quotes there, and is not exact.
        """
        return f"{self.is_exact:d} {self.typed} {' '.join(self.stems)}"

    @cached_property
    def key(self) -> str:
        """The term's part of the normal form: equal for terms that find the same."""
        if self.is_exact:
            spelled = " ".join(
                w.mark_stops(f"={w.capitals}" if w.capitals else w.folded) for w in self.words
            )
            return f'{self.field}:"{spelled}"' if self.field else f'"{spelled}"'
        if self.field in ("author", "org", "cat"):
            return f"{self.field}:{' '.join(word.folded for word in self.words)}"
        spelled = self.words[0].singular if self.is_single else " ".join(w.key for w in self.words)
        return f"{self.field}:{spelled}" if self.field else spelled


def is_shortened(folded: str) -> bool:
    """Whether a full stop behind a word ends no phrase: one letter, or an abbreviation."""
    return folded in ABBREVIATIONS or (len(folded) == 1 and "a" <= folded <= "z")


@dataclass(frozen=True)
class ParsedTopic:
    """A topic that can be looked for: all of `wanted` must be found and none of `unwanted`."""

    query: str
    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...] = ()

    @cached_property
    def normal_form(self) -> str:
        """Equal for topics that find the same; one that is too long ends in a hash of all of it."""
        parts = sorted(term.key for term in self.wanted)
        parts += sorted(f"-{term.key}" for term in self.unwanted)
        form = " + ".join(parts)
        if len(form) <= NORMAL_FORM_CHARS:
            return form
        return f"{form[: NORMAL_FORM_CHARS - 65]} {sha256(form.encode()).hexdigest()}"

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The stems of all that is wanted, each once."""
        return tuple(dict.fromkeys(stem for term in self.wanted for stem in term.stems))
