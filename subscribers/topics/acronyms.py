"""Acronyms that papers spell out themselves, learned from the papers and never guessed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from subscribers.topics.phrases import lower_sentence_capitals
from subscribers.topics.stems import make_singular
from subscribers.topics.terms import Term
from subscribers.topics.variants import NO_VARIANTS, Variants
from subscribers.topics.words import Words, list_capitals, read_words

# An acronym is paired with a long form when this many papers do so, and this share of all that
# spell the acronym out.
FEWEST_PAPERS = 3
SMALLEST_SHARE = 0.6
_MOST_LETTERS = 8
_ALIKE_CHARS = 3  # at the beginning of two words that mean the same: vision, visual
_SMALL_WORDS = frozenset({"of", "and", "for", "the", "in", "on", "to", "a", "with", "by", "from"})
_BRACKETED = re.compile(r"\(([^()]{2,120})\)")
_LAST_WORD = re.compile(r"\w+(?=\s*$)")
_REACH_CHARS = 120

Stems = tuple[str, ...]


class SpelledOut(NamedTuple):
    """An acronym as one paper spells it out: its letters, the stems and spelling of its words."""

    short: str
    stems: Stems
    spelled: str


class Evidence(NamedTuple):
    """On what an acronym rests: its long form as most papers spell it, and how many do."""

    spelled: str
    papers: int


@dataclass(frozen=True)
class Acronyms:
    """Learned pairs of acronym and long form, by either: LLM and ("larg", "languag", "model").

    With them the variants of spelling that the same papers taught.
    """

    long_forms: dict[str, Stems] = field(default_factory=dict)
    short_forms: dict[Stems, str] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)  # by the acronym
    variants: Variants = NO_VARIANTS

    def __len__(self) -> int:
        return len(self.long_forms)

    def __bool__(self) -> bool:
        """Whether anything was learned."""
        return bool(self.long_forms) or bool(self.variants)

    def add_pairing(self, short: str, stems: Stems, evidence: Evidence) -> None:
        self.long_forms[short] = stems
        self.short_forms[stems] = short
        self.evidence[short] = evidence

    @cached_property
    def stems(self) -> dict[str, str]:
        """Each acronym as it stands in a normal form: LLM -> "llm"."""
        return {short: read_words(short).stems[0] for short in self.long_forms}

    @cached_property
    def by_stem(self) -> dict[str, list[Stems]]:
        """The long forms of all acronyms with a stem: "llm" -> [("larg", "languag", "model")]."""
        forms: dict[str, list[Stems]] = {}
        for short, stems in self.long_forms.items():
            forms.setdefault(self.stems[short], []).append(stems)
        return forms

    @cached_property
    def by_beginning(self) -> dict[str, list[Stems]]:
        """The long forms by their first stem: "larg" -> [("larg", "languag", "model")]."""
        forms: dict[str, list[Stems]] = {}
        for stems in self.short_forms:
            forms.setdefault(stems[0], []).append(stems)
        return forms

    def may_change(self, term: Term) -> bool:
        """Whether the phrase has a form of other stems; never if it is exact.

        True as well for what only begins as a long form or a compound does.
        """
        return not term.is_exact and (
            not self.by_beginning.keys().isdisjoint(term.stems)
            or not self.long_forms.keys().isdisjoint(term.capitals)
            or self.variants.may_change(term.stems)
        )

    def find_beginnings(self, short: str, stems: Stems) -> set[str]:
        """The stems with which another form of a phrase can begin, its word order unchanged.

        `short` is the phrase's first word as it must be spelled, `stems` are those of all of it.
        """
        beginnings = {
            self.stems[self.short_forms[long_form]]
            for long_form in self.by_beginning.get(stems[0], ())
            if stems[: len(long_form)] == long_form
        }
        if short in self.long_forms:
            beginnings.add(self.long_forms[short][0])
        return beginnings | self.variants.find_beginnings(stems)


NO_ACRONYMS = Acronyms()


def learn_acronyms(texts: Iterable[str], fewest_papers: int = FEWEST_PAPERS) -> Acronyms:
    """Return the acronyms that enough of the texts (one a paper) spell out alike."""
    seen: Counter[tuple[str, Stems]] = Counter()
    spellings: defaultdict[Stems, Counter[str]] = defaultdict(Counter)
    for text in texts:
        pairs = list(find_spelled_out(text))
        seen.update({(one.short, one.stems) for one in pairs})
        for one in pairs:
            spellings[one.stems][one.spelled] += 1
    return _choose_pairings(seen, spellings, fewest_papers)


def _choose_pairings(
    seen: Counter[tuple[str, Stems]], spellings: dict[Stems, Counter[str]], fewest_papers: int
) -> Acronyms:
    """Keep the pairings that enough papers made; each acronym and each long form has one other."""
    totals: defaultdict[str, int] = defaultdict(int)
    for (short, _), papers in seen.items():
        totals[short] += papers
    chosen = Acronyms()
    for (short, stems), papers in sorted(seen.items(), key=lambda pair: (-pair[1], pair[0])):
        is_sure = papers >= fewest_papers and papers >= SMALLEST_SHARE * totals[short]
        if is_sure and short not in chosen.long_forms and stems not in chosen.short_forms:
            chosen.add_pairing(
                short, stems, Evidence(spellings[stems].most_common(1)[0][0], papers)
            )
    return chosen


def find_spelled_out(text: str) -> Iterator[SpelledOut]:
    """The acronyms a text spells out, either one in brackets behind the other."""
    for bracketed in _BRACKETED.finditer(text):
        inside = bracketed.group(1).strip("“”\"' ")
        before = text[max(0, bracketed.start() - _REACH_CHARS) : bracketed.start()]
        if short := _read_acronym(inside):
            yield from _pair_with_long_form(short, read_words(before), is_behind=False)
        elif (last := _LAST_WORD.search(before)) and (short := _read_acronym(last.group())):
            yield from _pair_with_long_form(short, read_words(inside), is_behind=True)


def are_one_sense(one: Stems, other: Stems) -> bool:
    """Whether two long forms of an acronym are one, but for endings and small words.

    Vision and visual language model are, self- and semi-supervised learning are not: each word
    begins as one of the other's does. Where one form is longer, a single word may be beyond that.
    """
    ones, others = ([stem for stem in form if stem not in _SMALL_WORDS] for form in (one, other))
    apart = [
        stem
        for form, against in ((ones, others), (others, ones))
        for stem in form
        if not any(stem[:_ALIKE_CHARS] == word[:_ALIKE_CHARS] for word in against)
    ]
    return len(apart) <= (len(ones) != len(others))


def _read_acronym(word: str) -> str:
    """The word as it must be spelled, or "" if it does not look like an acronym."""
    short = list_capitals(word)
    is_one = (
        2 <= len(short) <= _MOST_LETTERS and short.isalpha() and len(read_words(short).stems) == 1
    )
    return short if is_one else ""


def _pair_with_long_form(short: str, words: Words, *, is_behind: bool) -> Iterator[SpelledOut]:
    """The long form whose letters fit: the last words before a bracket, or all within it."""
    last = len(words.stems) - 1
    shortest_first = range(last - 1, max(-1, last - 2 * len(short) - 1), -1)
    for first in [0] if is_behind else shortest_first:
        if (
            first < last
            and _letters_fit(short.casefold(), words, first)
            and words.is_together(first, last)
        ):
            yield SpelledOut(short, tuple(words.stems[first:]), _spell_in_singular(words, first))
            return


def _spell_in_singular(words: Words, first: int) -> str:
    """The long form as it is spelled, its last word in the singular: LLM is one model."""
    last = len(words.stems) - 1
    spelled = lower_sentence_capitals(words.spell(first, last))
    ending = words.folded[last]
    return (
        spelled.removesuffix(ending) + make_singular(ending)
        if spelled.endswith(ending)
        else spelled
    )


def _letters_fit(letters: str, words: Words, first: int) -> bool:
    """Whether the words from first on give all the letters in order.

    Every word gives its first letter and maybe more; small words and the later parts of a
    compound (auto-encoder) may give none.
    """
    if words.folded[first] in _SMALL_WORDS or (first and words.is_compound(first)):
        return False
    consumed = {0}  # how many letters the words so far may have given
    for i in range(first, len(words.stems)):
        word = words.folded[i]
        after = {end for start in consumed for end in _consume_letters(letters, start, word)}
        if i > first and (word in _SMALL_WORDS or words.is_compound(i)):
            after |= consumed
        consumed = after
    return len(letters) in consumed


def _consume_letters(letters: str, start: int, word: str) -> Iterator[int]:
    """How many letters may be used up after this word, which gives its first and any later ones."""
    if start == len(letters) or letters[start] != word[0]:
        return
    yield start + 1
    at, end = 1, start + 1
    while end < len(letters) and (at := word.find(letters[end], at) + 1):
        end += 1
        yield end
