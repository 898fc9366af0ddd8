"""Acronyms that papers spell out themselves, learned from the papers and never guessed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from subscribers.topics.phrases import spelled_plainly
from subscribers.topics.terms import ParsedTopic, Term
from subscribers.topics.words import Words, capitals, read_words, singular

# A pairing counts when this many papers made it, and this share of all that spell the acronym out.
FEWEST_PAPERS = 3
SMALLEST_SHARE = 0.6
_MAX_LETTERS = 8
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
    """Learned pairs, both ways: LLM -> ("larg", "languag", "model") and back."""

    long_forms: dict[str, Stems] = field(default_factory=dict)
    short_forms: dict[Stems, str] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)  # by the acronym

    def __len__(self) -> int:
        return len(self.long_forms)

    def add(self, short: str, stems: Stems, evidence: Evidence) -> None:
        self.long_forms[short] = stems
        self.short_forms[stems] = short
        self.evidence[short] = evidence

    @cached_property
    def stems(self) -> dict[str, str]:
        """LLM -> "llm", as it stands in a normal form."""
        return {short: read_words(short).stems[0] for short in self.long_forms}

    @cached_property
    def by_stem(self) -> dict[str, list[Stems]]:
        """ "llm" -> every long form of an acronym with this stem."""
        found: dict[str, list[Stems]] = {}
        for short, stems in self.long_forms.items():
            found.setdefault(self.stems[short], []).append(stems)
        return found

    @cached_property
    def by_beginning(self) -> dict[str, list[Stems]]:
        """ "larg" -> every long form that begins so."""
        found: dict[str, list[Stems]] = {}
        for stems in self.short_forms:
            found.setdefault(stems[0], []).append(stems)
        return found

    def beginnings(self, short: str, stems: Stems) -> set[str]:
        """The stems with which another form of a phrase can begin."""
        found = {
            self.stems[self.short_forms[long_form]]
            for long_form in self.by_beginning.get(stems[0], ())
            if stems[: len(long_form)] == long_form
        }
        if short in self.long_forms:
            found.add(self.long_forms[short][0])
        return found


NO_ACRONYMS = Acronyms()
_MOST_FORMS = 8  # of one term; more acronyms in one phrase are not typed


def other_forms(term: Term, acronyms: Acronyms) -> list[str]:
    """The stems of a phrase as typed, and with every acronym or long form in it exchanged."""
    forms = {term.stems: None}
    if acronyms and not term.is_exact:
        for i, word in enumerate(term.words):
            if long_form := acronyms.long_forms.get(word.capitals):
                forms[(*term.stems[:i], *long_form, *term.stems[i + 1 :])] = None
        for _ in range(2):  # two long forms in one phrase
            for form in list(forms):
                forms |= dict.fromkeys(_shortened(form, acronyms))
    return [" ".join(form) for form in forms][:_MOST_FORMS]


def _shortened(form: Stems, acronyms: Acronyms) -> Iterator[Stems]:
    for i, stem in enumerate(form):
        for long_form in acronyms.by_beginning.get(stem, ()):
            if form[i : i + len(long_form)] == long_form:
                short = acronyms.stems[acronyms.short_forms[long_form]]
                yield (*form[:i], short, *form[i + len(long_form) :])


def learn_acronyms(texts: Iterable[str], fewest_papers: int = FEWEST_PAPERS) -> Acronyms:
    """Return the acronyms that enough of the texts (one a paper) spell out alike."""
    seen: Counter[tuple[str, Stems]] = Counter()
    spellings: defaultdict[Stems, Counter[str]] = defaultdict(Counter)
    for text in texts:
        found = list(spelled_out(text))
        seen.update({(one.short, one.stems) for one in found})
        for one in found:
            spellings[one.stems][one.spelled] += 1
    return _choose(seen, spellings, fewest_papers)


def _choose(
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
            chosen.add(short, stems, Evidence(spellings[stems].most_common(1)[0][0], papers))
    return chosen


def spelled_out(text: str) -> Iterator[SpelledOut]:
    """The acronyms a text spells out, either one in brackets behind the other."""
    for found in _BRACKETED.finditer(text):
        inside = found.group(1).strip("“”\"' ")
        before = text[max(0, found.start() - _REACH_CHARS) : found.start()]
        if short := _as_acronym(inside):
            yield from _pairs(short, read_words(before), is_behind=False)
        elif (last := _LAST_WORD.search(before)) and (short := _as_acronym(last.group())):
            yield from _pairs(short, read_words(inside), is_behind=True)


def _as_acronym(word: str) -> str:
    """The word as it must be spelled, or "" if it does not look like an acronym."""
    short = capitals(word)
    is_one = (
        2 <= len(short) <= _MAX_LETTERS and short.isalpha() and len(read_words(short).stems) == 1
    )
    return short if is_one else ""


def _pairs(short: str, words: Words, *, is_behind: bool) -> Iterator[SpelledOut]:
    """The long form whose letters fit: the last words before a bracket, or all within it."""
    last = len(words.stems) - 1
    shortest_first = range(last - 1, max(-1, last - 2 * len(short) - 1), -1)
    for first in [0] if is_behind else shortest_first:
        if (
            first < last
            and _fits(short.casefold(), words, first)
            and words.is_together(first, last)
        ):
            yield SpelledOut(short, tuple(words.stems[first:]), _in_singular(words, first))
            return


def _in_singular(words: Words, first: int) -> str:
    """The long form as it is spelled, its last word in the singular: LLM is one model."""
    last = len(words.stems) - 1
    spelled = spelled_plainly(words.spelled(first, last))
    ending = words.folded[last]
    return spelled.removesuffix(ending) + singular(ending) if spelled.endswith(ending) else spelled


def _fits(letters: str, words: Words, first: int) -> bool:
    """Whether the words from first on give all the letters in order.

    Every word gives its first letter and maybe more; small words and the later parts of a
    compound (auto-encoder) may give none.
    """
    if words.folded[first] in _SMALL_WORDS or (first and words.is_compound(first)):
        return False
    places = {0}  # how many letters may have been given so far
    for i in range(first, len(words.stems)):
        after = {end for start in places for end in _given(letters, start, words.folded[i])}
        if i > first and (words.folded[i] in _SMALL_WORDS or words.is_compound(i)):
            after |= places
        places = after
    return len(letters) in places


def _given(letters: str, start: int, word: str) -> Iterator[int]:
    """How far the letters may be after this word, which gives its first and any later ones."""
    if start == len(letters) or letters[start] != word[0]:
        return
    yield start + 1
    at, end = 1, start + 1
    while end < len(letters) and (at := word.find(letters[end], at) + 1):
        end += 1
        yield end


class AlsoFound(NamedTuple):
    """What a topic finds besides what was typed, and on what evidence."""

    typed: str  # LLM
    other: str  # large language model
    papers: int  # that spell it out
    only: str  # what to type instead, to find only the words typed
    instead: str  # the whole topic with that in it


def also_found(topic: ParsedTopic, acronyms: Acronyms) -> list[AlsoFound]:
    """Return what learned acronyms add to a topic; [] where they add nothing, as within quotes."""
    found = [
        AlsoFound(typed, other, papers, only, _with_term(topic, term, only))
        for term in (*topic.wanted, *topic.unwanted)
        if not term.is_exact and term.field in ("", "title")
        for only in [f'{term.field}{":" if term.field else ""}"{term.plain}"']
        for typed, other, papers in _others(term, acronyms)
    ]
    return list(dict.fromkeys(found))


def _with_term(topic: ParsedTopic, old: Term, only: str) -> str:
    """The topic as one types it, with one of its terms put in other words."""
    wanted = [only if term is old else term.typed for term in topic.wanted]
    unwanted = [f"-{only if term is old else term.typed}" for term in topic.unwanted]
    return " ".join([" + ".join(wanted), *unwanted])


def _others(term: Term, acronyms: Acronyms) -> Iterator[tuple[str, str, int]]:
    for word in term.words:
        if evidence := acronyms.evidence.get(word.capitals):
            yield word.capitals, evidence.spelled, evidence.papers
    for first in range(len(term.stems)):
        for end in range(first + 2, len(term.stems) + 1):
            if short := acronyms.short_forms.get(term.stems[first:end]):
                typed = "".join(f"{w.gap}{w.typed}" for w in term.words[first:end]).strip(" -")
                yield typed, short, acronyms.evidence[short].papers
