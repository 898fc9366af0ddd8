"""Where a topic's phrase stands in a text: as typed, or in a form that papers taught.

Such are acronyms and their long forms, compounds closed and open, and other orders of the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from subscribers.topics.acronyms import Acronyms
from subscribers.topics.capitals import are_one_name, list_capitals, list_exact_capitals
from subscribers.topics.stems import find_all, make_singular
from subscribers.topics.terms import Term
from subscribers.topics.variants import Variants
from subscribers.topics.verbs import VERBS_TOO, is_verb
from subscribers.topics.words import HYPHENS, Words

Span = tuple[int, int]  # the first word, and the one after the last


def find_occurrences(term: Term, words: Words, acronyms: Acronyms) -> list[Span]:
    """Return all spans of words where the phrase stands, left to right, none within another."""
    if not acronyms or not acronyms.may_change(term):
        return _find_as_typed(term, words, acronyms.variants)
    spans: list[Span] = []
    for first, end in sorted(_find_other_forms(term, words, acronyms)):
        if not spans or first >= spans[-1][1]:
            spans.append((first, end))
    return spans


def _find_other_forms(term: Term, words: Words, acronyms: Acronyms) -> Iterator[Span]:
    for first in _find_starts(term, words.stems, acronyms):
        end = _find_end(term, 0, words, first, acronyms)
        if end and (words.is_together(first, end - 1) or _may_hold_stops(term, words, first, end)):
            yield first, end
    for order in acronyms.variants.orders.get(term.stems, ()):
        for first in words.find_stem(order[0]):
            end = first + len(order)
            if tuple(words.stems[first:end]) == order and words.is_together(first, end - 1):
                yield first, end


def _may_hold_stops(term: Term, words: Words, first: int, end: int) -> bool:
    """Whether every stop between these words of a text is one that the phrase has there too.

    Where an acronym and its long form are exchanged, one that it has anywhere.
    """
    if not (stops := term.stops):
        return False
    if end - first != len(stops):
        stops = ("".join(stops),) * (end - first)
    return all(
        sign in stops[at - first]
        for at in range(first + 1, end)
        for sign in words.list_stops_before(at)
    )


def _find_as_typed(term: Term, words: Words, variants: Variants) -> list[Span]:
    """The same for a phrase whose stems have no other form: most, and in a tenth of the time."""
    starts = words.find_stem(term.stems[0])
    if not starts:
        return []
    spans, size, stems = list[Span](), len(term.stems), words.stems
    for first in starts:
        end = first + size
        if spans and first < spans[-1][1]:
            continue
        if size > 1 and tuple(stems[first:end]) != term.stems:
            continue
        if not (words.is_together(first, end - 1) or _may_hold_stops(term, words, first, end)):
            continue
        if term.needs_spelling and not all(
            _is_word_at(term, k, words, first + k, variants) for k in range(size)
        ):
            continue
        if term.ends_in_digit and _goes_on(words, end):
            continue
        spans.append((first, end))
    return spans


def _find_starts(term: Term, stems: list[str], acronyms: Acronyms) -> list[int]:
    """Where the phrase, or a learned other form of its beginning, may begin."""
    beginnings = {term.stems[0]}
    if acronyms and not term.is_exact:
        beginnings |= acronyms.find_beginnings(term.words[0].capitals, term.stems)
    starts = [at for stem in beginnings for at in find_all(stems, stem)]
    return sorted(starts) if len(beginnings) > 1 else starts


def _find_end(term: Term, k: int, words: Words, i: int, acronyms: Acronyms) -> int:
    """Where the phrase from its word k on ends if it stands at word i; 0 if it does not."""
    if k == len(term.words):
        return 0 if term.ends_in_digit and _goes_on(words, i) else i
    if i == len(words.stems):
        return 0
    is_word_at = _is_word_at(term, k, words, i, acronyms.variants)
    if is_word_at and (end := _find_end(term, k + 1, words, i + 1, acronyms)):
        return end
    if not acronyms or term.is_exact:
        return 0
    steps = chain(
        _step_over_acronyms(term, k, words, i, acronyms),
        _step_over_compounds(term, k, words, i, acronyms),
    )
    for k_after, i_after in steps:
        if end := _find_end(term, k_after, words, i_after, acronyms):
            return end
    return 0


def _step_over_acronyms(
    term: Term, k: int, words: Words, i: int, acronyms: Acronyms
) -> Iterator[tuple[int, int]]:
    """An acronym in the topic meets a long form in the paper, or the reverse, or one the other.

    Yields the phrase's next word and the text's.
    """
    for long_form in acronyms.long_forms.get(term.words[k].capitals, ()):
        if tuple(words.stems[i : i + len(long_form)]) == long_form:
            yield k + 1, i + len(long_form)
    for long_form in acronyms.long_forms.get(list_capitals(words.spell(i, i)), ()):
        if term.stems[k : k + len(long_form)] == long_form:
            yield k + len(long_form), i + 1
    for long_form in acronyms.by_beginning.get(term.stems[k], ()):
        if term.stems[k : k + len(long_form)] != long_form:
            continue
        for other in acronyms.list_other_forms(long_form):
            if tuple(words.stems[i : i + len(other)]) == other:
                yield k + len(long_form), i + len(other)


def _step_over_compounds(
    term: Term, k: int, words: Words, i: int, acronyms: Acronyms
) -> Iterator[tuple[int, int]]:
    """A compound in the topic meets its open form in the paper, or the reverse; yields the same."""
    variants = acronyms.variants
    for compound in variants.by_closed.get(term.stems[k], ()):
        if (
            tuple(words.stems[i : i + 2]) == compound.parts
            and (not compound.needs_hyphen or words.is_compound(i + 1))
            and (
                not term.is_single
                or compound.is_shortened
                or _is_joined_as_typed(term, words, i, variants)
            )
        ):
            yield k + 1, i + 2
    for compound in variants.list_compounds_at(term.stems, k):
        is_typed_so = not compound.needs_hyphen or term.words[k + 1].gap in HYPHENS
        if words.stems[i] == compound.closed and is_typed_so:
            yield k + 2, i + 1


def _is_joined_as_typed(term: Term, words: Words, i: int, variants: Variants) -> bool:
    """Whether two words of a text, joined, are the single one typed: only the number may differ."""
    joined = make_singular(words.fold(i) + words.fold(i + 1))
    typed = term.words[0].singular
    return joined == typed or variants.is_same_ending(typed, joined)


def _goes_on(words: Words, end: int) -> bool:
    """Whether letters follow a digit without a gap, so that it is another name: GPT-4o, H2O.

    A plural is none: GPT-4s.
    """
    if end == len(words.stems) or words.gap_before(end):
        return False
    folded = words.fold(end)
    return folded[:1].isalpha() and folded != "s"


def _is_word_at(term: Term, k: int, words: Words, i: int, variants: Variants) -> bool:
    typed = term.words[k]
    if typed.stem != words.stems[i]:
        return False
    if k and term.is_number_with_letter and words.gap_before(i).isspace():
        return False  # 10B is no figure 10 B
    # Papers write LLMs more often than LLM: whoever wants the letters alone wants both.
    is_acronym = typed.capitals.isupper() and typed.capitals.isalpha()
    if term.is_exact and not is_acronym:
        is_same = words.fold(i) == typed.folded
        return is_same and _has_capitals(typed.capitals, list_exact_capitals, words, i)
    if term.is_single:
        folded = words.fold(i)
        singular = make_singular(folded)
        if folded in VERBS_TOO and is_verb(words, i):
            return False
        return singular == typed.singular or variants.is_same_ending(typed.singular, singular)
    if _has_capitals(typed.capitals, list_capitals, words, i):
        return True
    found = list_capitals(words.spell(i, i))
    return variants.is_same_name(typed.capitals, found, words.fold(i))


def _has_capitals(wanted: str, capitals_of: Callable[[str], str], words: Words, i: int) -> bool:
    if not wanted:
        return True
    spelled = capitals_of(words.spell(i, i))
    return spelled == wanted or (capitals_of is list_capitals and are_one_name(spelled, wanted))
