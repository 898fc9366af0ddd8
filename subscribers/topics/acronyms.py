"""Acronyms that papers spell out themselves, learned from the papers and never guessed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from subscribers.topics.spelled_out import SMALL_WORDS, Stems, find_spelled_out
from subscribers.topics.terms import Term
from subscribers.topics.variants import NO_VARIANTS, Variants
from subscribers.topics.words import read_words

# An acronym is paired with a long form when this many papers do so, and this share of all that
# spell the acronym out.
FEWEST_PAPERS = 3
SMALLEST_SHARE = 0.6
_ALIKE_CHARS = 3  # at the beginning of two words that mean the same: vision, visual


class Evidence(NamedTuple):
    """On what an acronym rests: its long form as most papers spell it, and how many do."""

    spelled: str
    papers: int


@dataclass(frozen=True)
class Acronyms:
    """What papers taught of acronyms: LLM and ("larg", "languag", "model"), by either.

    An acronym has the long forms of its usual sense, the commonest first; a topic of one finds the
    others. What it stands for in other papers is known too, and found by none of these.
    With them the variants of spelling that the same papers taught.
    """

    long_forms: dict[str, tuple[Stems, ...]] = field(default_factory=dict)
    short_forms: dict[Stems, str] = field(default_factory=dict)
    other_senses: dict[str, tuple[Stems, ...]] = field(default_factory=dict)
    evidence: dict[tuple[str, Stems], Evidence] = field(default_factory=dict)
    variants: Variants = NO_VARIANTS

    def __len__(self) -> int:
        return len(self.long_forms)

    def __bool__(self) -> bool:
        """Whether anything was learned."""
        return bool(self.evidence) or bool(self.variants)

    def add_pairing(
        self, short: str, stems: Stems, evidence: Evidence, *, is_usual: bool = True
    ) -> None:
        """Add a long form, behind those that the acronym has; of its usual sense, or of another."""
        self.evidence[short, stems] = evidence
        forms = self.long_forms if is_usual else self.other_senses
        forms[short] = (*forms.get(short, ()), stems)
        if is_usual:
            self.short_forms[stems] = short

    @cached_property
    def stems(self) -> dict[str, str]:
        """Each acronym as it stands in a normal form: LLM -> "llm"."""
        return {short: read_words(short).stems[0] for short in self.long_forms}

    @cached_property
    def by_stem(self) -> dict[str, list[Stems]]:
        """The long forms of all acronyms with a stem: "llm" -> [("larg", "languag", "model")]."""
        forms: dict[str, list[Stems]] = {}
        for short, long_forms in self.long_forms.items():
            forms.setdefault(self.stems[short], []).extend(long_forms)
        return forms

    @cached_property
    def by_beginning(self) -> dict[str, list[Stems]]:
        """The long forms by their first stem: "larg" -> [("larg", "languag", "model")]."""
        forms: dict[str, list[Stems]] = {}
        for stems in self.short_forms:
            forms.setdefault(stems[0], []).append(stems)
        return forms

    @cached_property
    def commonest(self) -> dict[str, Stems]:
        """The commonest long form by the acronym's stem."""
        return {stem: forms[0] for stem, forms in self.by_stem.items()}

    def list_other_forms(self, long_form: Stems) -> list[Stems]:
        """The other long forms of what a long form is called in short."""
        short = self.short_forms.get(long_form, "")
        return [form for form in self.long_forms.get(short, ()) if form != long_form]

    def list_senses(self, short: str) -> list[Stems]:
        """One long form of each sense that papers spell the acronym out as, the commonest first."""
        forms = [*self.long_forms.get(short, ())[:1], *self.other_senses.get(short, ())]
        return sorted(forms, key=lambda stems: -self.evidence[short, stems].papers)

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
        beginnings = {form[0] for form in self.long_forms.get(short, ())}
        for long_form in self.by_beginning.get(stems[0], ()):
            if stems[: len(long_form)] == long_form:
                beginnings.add(self.stems[self.short_forms[long_form]])
                beginnings.update(form[0] for form in self.list_other_forms(long_form))
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
    """Keep the long forms that enough papers made, those of the usual sense and those of others.

    A long form stands for one acronym.
    """
    by_short: defaultdict[str, list[tuple[int, Stems]]] = defaultdict(list)
    for (short, stems), papers in seen.items():
        by_short[short].append((papers, stems))
    chosen, spelled_out = Acronyms(), _list_commonest(by_short, fewest_papers)
    most_first = sorted(by_short.items(), key=lambda one: (-max(one[1])[0], one[0]))
    for short, counted in most_first:
        total = sum(papers for papers, _ in counted)
        for sense in _group_senses(counted, spelled_out):
            is_usual = sum(papers for papers, _ in sense) >= SMALLEST_SHARE * total
            for papers, stems in sense if is_usual else sense[:1]:
                if papers >= fewest_papers and not (is_usual and stems in chosen.short_forms):
                    evidence = Evidence(spellings[stems].most_common(1)[0][0], papers)
                    chosen.add_pairing(short, stems, evidence, is_usual=is_usual)
    return chosen


def _list_commonest(
    by_short: Mapping[str, Iterable[tuple[int, Stems]]], fewest_papers: int
) -> dict[str, Stems]:
    """By the stem of each acronym the long form that most papers give it, where enough do."""
    commonest = {short: max(counted) for short, counted in by_short.items()}
    return {
        read_words(short).stems[0]: stems
        for short, (papers, stems) in commonest.items()
        if papers >= fewest_papers
    }


def _group_senses(
    counted: Iterable[tuple[int, Stems]], spelled_out: Mapping[str, Stems]
) -> list[list[tuple[int, Stems]]]:
    """An acronym's long forms with their papers, by sense; the commonest form first in both.

    A form that may be of a sense, and is not surely, is in none.
    """
    senses: list[list[tuple[int, Stems]]] = []
    for papers, stems in sorted(counted, key=lambda one: (-one[0], one[1])):
        whole = spell_out(stems, spelled_out)
        for sense in senses:
            if are_one_sense(first := spell_out(sense[0][1], spelled_out), whole):
                if _are_surely_one(first, whole):
                    sense.append((papers, stems))
                break
        else:
            senses.append([(papers, stems)])
    return senses


def spell_out(stems: Stems, long_forms: Mapping[str, Stems]) -> Stems:
    """A long form with the acronyms within it spelled out too: a multimodal LLM."""
    return tuple(word for stem in stems for word in long_forms.get(stem, (stem,)))


def are_one_sense(one: Stems, other: Stems) -> bool:
    """Whether two long forms of an acronym are one, but for endings and small words.

    Vision and visual language model are, self- and semi-supervised learning are not: each word
    begins as one of the other's does. Where one form is longer, a single word may be beyond that.
    """
    ones, others = ([stem for stem in form if stem not in SMALL_WORDS] for form in (one, other))
    apart = [
        stem
        for form, against in ((ones, others), (others, ones))
        for stem in form
        if not any(stem[:_ALIKE_CHARS] == word[:_ALIKE_CHARS] for word in against)
    ]
    return len(apart) <= (len(ones) != len(others))


def _are_surely_one(one: Stems, other: Stems) -> bool:
    """Whether two long forms of one sense share all words but one, and at least two of them.

    So contrastive and continual learning are not made one: they begin alike by chance.
    """
    ones, others = ({stem for stem in form if stem not in SMALL_WORDS} for form in (one, other))
    shared = len(ones & others)
    return ones == others or (shared > 1 and shared + 1 == max(len(ones), len(others)))
