"""Where a topic's phrase stands in a text: as typed, or with acronyms and long forms exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from subscribers.topics.acronyms import Acronyms
from subscribers.topics.stems import make_singular
from subscribers.topics.terms import Term
from subscribers.topics.words import Words, are_one_name, list_capitals, list_exact_capitals

Span = tuple[int, int]  # the first word, and the one after the last


def find_occurrences(term: Term, words: Words, acronyms: Acronyms) -> list[Span]:
    """Return all spans of words where the phrase stands, left to right, none within another."""
    if not acronyms or not acronyms.may_change(term):
        return _find_as_typed(term, words)
    spans: list[Span] = []
    for first in _find_starts(term, words.stems, acronyms):
        if spans and first < spans[-1][1]:
            continue
        end = _find_end(term, 0, words, first, acronyms)
        if end and (words.is_together(first, end - 1) or _may_hold_stops(term, words, first, end)):
            spans.append((first, end))
    return spans


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


def _find_as_typed(term: Term, words: Words) -> list[Span]:
    """The same for a phrase without any other form: most of them, and in a tenth of the time."""
    starts = words.positions.get(term.stems[0])
    if not starts:
        return []
    spans, size, stems, segments = list[Span](), len(term.stems), words.stems, words.segments
    for first in starts:
        end = first + size
        if spans and first < spans[-1][1]:
            continue
        if size > 1 and tuple(stems[first:end]) != term.stems:
            continue
        if segments[first] != segments[end - 1] and not _may_hold_stops(term, words, first, end):
            continue
        if term.needs_spelling and not all(
            _is_word_at(term, k, words, first + k) for k in range(size)
        ):
            continue
        spans.append((first, end))
    return spans


def _find_starts(term: Term, stems: list[str], acronyms: Acronyms) -> list[int]:
    """Where the phrase, or a learned other form of its beginning, may begin."""
    beginnings = {term.stems[0]}
    if acronyms and not term.is_exact:
        beginnings |= acronyms.find_beginnings(term.words[0].capitals, term.stems)
    starts: list[int] = []
    for stem in beginnings:
        at = -1
        for _ in range(stems.count(stem)):
            at = stems.index(stem, at + 1)
            starts.append(at)
    return sorted(starts) if len(beginnings) > 1 else starts


def _find_end(term: Term, k: int, words: Words, i: int, acronyms: Acronyms) -> int:
    """Where the phrase from its word k on ends if it stands at word i; 0 if it does not."""
    if k == len(term.words):
        return i
    if i == len(words.stems):
        return 0
    if _is_word_at(term, k, words, i) and (end := _find_end(term, k + 1, words, i + 1, acronyms)):
        return end
    if not acronyms or term.is_exact:
        return 0
    for k_after, i_after in _step_over_acronyms(term, k, words, i, acronyms):
        if end := _find_end(term, k_after, words, i_after, acronyms):
            return end
    return 0


def _step_over_acronyms(
    term: Term, k: int, words: Words, i: int, acronyms: Acronyms
) -> Iterator[tuple[int, int]]:
    """An acronym in the topic meets its long form in the paper, or the reverse.

    Yields the phrase's next word and the text's.
    """
    long_form = acronyms.long_forms.get(term.words[k].capitals, ())
    if long_form and tuple(words.stems[i : i + len(long_form)]) == long_form:
        yield k + 1, i + len(long_form)
    long_form = acronyms.long_forms.get(list_capitals(words.spell(i, i)), ())
    if long_form and term.stems[k : k + len(long_form)] == long_form:
        yield k + len(long_form), i + 1


def _is_word_at(term: Term, k: int, words: Words, i: int) -> bool:
    typed = term.words[k]
    if typed.stem != words.stems[i]:
        return False
    # Papers write LLMs more often than LLM: whoever wants the letters alone wants both.
    is_acronym = typed.capitals.isupper() and typed.capitals.isalpha()
    if term.is_exact and not is_acronym:
        is_same = words.folded[i] == typed.folded
        return is_same and _has_capitals(typed.capitals, list_exact_capitals, words, i)
    if term.is_single and make_singular(words.folded[i]) != typed.singular:
        return False
    return _has_capitals(typed.capitals, list_capitals, words, i)


def _has_capitals(wanted: str, capitals_of: Callable[[str], str], words: Words, i: int) -> bool:
    if not wanted:
        return True
    spelled = capitals_of(words.spell(i, i))
    return spelled == wanted or (capitals_of is list_capitals and are_one_name(spelled, wanted))
