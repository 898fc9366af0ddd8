"""Find a topic in one paper, and say which words show it.

A paper is read once (`read`) and may then be asked for any number of topics (`find`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from subscribers.topics.acronyms import Acronyms
from subscribers.topics.reading import Reading, Text, read
from subscribers.topics.strength import (
    AFTER_A_WORD,
    AS_TYPED_WEIGHT,
    BEFORE_A_WORD,
    MOST,
    TITLE_SHARE_WEIGHT,
    TOGETHER_WEIGHT,
    TOGETHER_WITHIN,
    saturated,
)
from subscribers.topics.terms import STOP_WORDS, ParsedTopic, Term
from subscribers.topics.words import Words, are_one_name, capitals, exact_capitals, fold, singular

SPELLINGS_PER_TERM = 3

Span = tuple[int, int]  # the first word, and the one after the last


@dataclass(frozen=True)
class Found:
    """A topic was found: how strongly (> 0), and the words as the paper spells them.

    Near: its words are there, but not as the phrase that was typed. A digest takes none of these.
    """

    strength: float
    words: tuple[str, ...]
    is_near: bool = False
    is_in_title: bool = False


_ABSENT = Found(0.0, (), is_near=True)


def find(topic: ParsedTopic, text: Text | Reading) -> Found | None:
    """Return how strongly the topic is in the paper, and by which words; None if it is not in it.

    In it means what a reader would accept: every phrase stands there as typed or in another
    number, ending or spelling, or as the acronym or long form that papers taught.
    """
    found = find_near(topic, text)
    return None if found is None or found.is_near else found


def is_in(topic: ParsedTopic, reading: Reading) -> bool:
    """Whether `find` finds it: for whoever asks many papers and shows few."""
    is_held = all(_is_held(term, reading) for term in topic.wanted)
    return is_held and not any(_is_held(term, reading) for term in topic.unwanted)


def _is_held(term: Term, reading: Reading) -> bool:
    if term.field in ("cat", "author", "org"):
        return _find_term(term, reading) is not None
    if occurrences(term, reading.title, reading.acronyms):
        return True
    return not term.field and bool(occurrences(term, reading.abstract, reading.acronyms))


def find_near(topic: ParsedTopic, text: Text | Reading) -> Found | None:
    """The same, and also a weaker find (`is_near`) where a phrase's words stand apart.

    Within one topic every near find is weaker than every other.
    """
    return _find(topic, text, None)


def find_alike(topic: ParsedTopic, text: Text | Reading) -> Found | None:
    """The same, and also a near find, as weak as 0, in a paper that holds none of the words.

    None only where the topic shuts the paper out: by what it excludes, a field or quotes.
    """
    return _find(topic, text, _ABSENT)


def _find(topic: ParsedTopic, text: Text | Reading, absent: Found | None) -> Found | None:
    reading = read(text) if isinstance(text, Text) else text
    if any(_is_held(term, reading) for term in topic.unwanted):
        return None
    parts = []
    for term in topic.wanted:
        part = _find_term(term, reading) or _find_words(term, reading)
        if part is None and term.is_loose:
            part = absent
        if part is None:
            return None
        parts.append(part)
    is_near = any(part.is_near for part in parts)
    strength = sum(min(p.strength, 1.0) if is_near else p.strength for p in parts) / len(parts)
    stems = (stem for term in topic.wanted for stem in term.stems)
    words = dict.fromkeys(word for part in parts for word in part.words)
    is_in_title = any(part.is_in_title for part in parts)
    return Found(strength * reading.statistics.rareness(stems), tuple(words), is_near, is_in_title)


def _find_term(term: Term, reading: Reading) -> Found | None:
    if term.field == "cat":
        return _found_name(_categories(term.words[0].folded, reading.text.categories))
    if term.field == "author":
        return _found_name([name.text for name in reading.authors if _is_author(term, name)])
    if term.field == "org":
        return _found_name([n.text for n in reading.organization if _is_organization(term, n)])
    return _find_phrase(term, reading)


def _found_name(names: list[str]) -> Found | None:
    return Found(1.0 + MOST, tuple(names[:SPELLINGS_PER_TERM])) if names else None


def _find_phrase(term: Term, reading: Reading) -> Found | None:
    in_title = occurrences(term, reading.title, reading.acronyms)
    in_abstract = occurrences(term, reading.abstract, reading.acronyms) if not term.field else []
    if not in_title and not in_abstract:
        return None
    spelled = [reading.title.spelled(a, b - 1) for a, b in in_title]
    spelled += [reading.abstract.spelled(a, b - 1) for a, b in in_abstract]
    once: dict[str, str] = {}
    for words in spelled:
        once.setdefault(fold(words), words)
    phrase = saturated(
        sum(_standing(reading.title, *span) for span in in_title),
        sum(_standing(reading.abstract, *span) for span in in_abstract),
        reading.lengths,
    )
    strength = 1.0 + phrase + _words_strength(term, reading) + _together(term, reading)
    if fold(term.plain) in once:
        strength += AS_TYPED_WEIGHT
    if in_title:
        strength += TITLE_SHARE_WEIGHT * len(term.words) / reading.title_size
    return Found(strength, tuple(once.values())[:SPELLINGS_PER_TERM], is_in_title=bool(in_title))


def _standing(words: Words, first: int, end: int) -> float:
    """How much one mention counts: less as a part of a longer name, "variational autoencoder"."""
    weight = 1.0
    if first and _goes_on(words, first - 1, first):
        weight *= AFTER_A_WORD
    if end < len(words.stems) and _goes_on(words, end, end - 1):
        weight *= BEFORE_A_WORD
    return weight


def _goes_on(words: Words, neighbour: int, own: int) -> bool:
    together = words.is_together(min(neighbour, own), max(neighbour, own))
    return together and words.folded[neighbour] not in STOP_WORDS


def _find_words(term: Term, reading: Reading) -> Found | None:
    """The words of a phrase, or one word with another ending; below 1."""
    if not term.is_loose:
        return None
    strength = _words_strength(term, reading)
    if not strength:
        return None
    first = {stem: i for i, stem in reversed(list(enumerate(reading.title.stems)))}
    spelled = [reading.title.spelled(first[s], first[s]) for s in term.stems if s in first]
    return Found(strength / MOST, tuple(spelled), is_near=True)


def _words_strength(term: Term, reading: Reading) -> float:
    """Each word of the phrase wherever it stands, the rare ones before the common: 0 to 2.2."""
    total = strength = 0.0
    for stem in dict.fromkeys(term.stems):
        rarity = reading.statistics.rarity(stem)
        total += rarity
        often = saturated(
            reading.title_counts[stem], reading.abstract_counts[stem], reading.lengths
        )
        strength += rarity * often
    return strength / total


def _together(term: Term, reading: Reading) -> float:
    """How often the abstract brings all words of the phrase close together: 0 to 0.66."""
    stems = set(term.stems)
    if len(stems) == 1 or term.field:
        return 0.0
    places = reading.places
    times, last = 0, dict[str, int]()
    for place, stem in sorted((at, one) for one in stems for at in places.get(one, ())):
        last[stem] = place
        if len(last) == len(stems) and place - min(last.values()) < TOGETHER_WITHIN:
            times, last = times + 1, {}
    return TOGETHER_WEIGHT * saturated(0.0, times, reading.lengths) if times else 0.0


def _categories(name: str, categories: tuple[str, ...]) -> list[str]:
    return [c for c in categories if c.casefold() == name or c.casefold().startswith(f"{name}.")]


def _is_author(term: Term, name: Words) -> bool:
    """All typed names in their order, others may stand between; or the family name first."""
    typed = [word.folded for word in term.words]
    return _is_within(typed, name.folded) or _is_within([*typed[1:], typed[0]], name.folded)


def _is_within(typed: list[str], names: list[str]) -> bool:
    rest = iter(names)
    return all(any(_is_name(part, name) for name in rest) for part in typed)


def _is_name(typed: str, name: str) -> bool:
    return typed == name or (len(typed) == 1 and name.startswith(typed))


def _is_organization(term: Term, name: Words) -> bool:
    typed, size = [word.folded for word in term.words], len(term.words)
    return any(name.folded[i : i + size] == typed for i in range(len(name.folded) - size + 1))


def occurrences(term: Term, words: Words, acronyms: Acronyms) -> list[Span]:
    """Every place where the phrase stands, from left to right, none within another."""
    spans: list[Span] = []
    for first in _starts(term, words.stems, acronyms):
        if spans and first < spans[-1][1]:
            continue
        end = _end_of(term, 0, words, first, acronyms)
        if end and words.is_together(first, end - 1):
            spans.append((first, end))
    return spans


def _starts(term: Term, stems: list[str], acronyms: Acronyms) -> list[int]:
    """Where the phrase, or a learned other form of its beginning, may begin."""
    beginnings = {term.stems[0]}
    if acronyms and not term.is_exact:
        beginnings |= acronyms.beginnings(term.words[0].capitals, term.stems)
    starts: list[int] = []
    for stem in beginnings:
        at = -1
        for _ in range(stems.count(stem)):
            at = stems.index(stem, at + 1)
            starts.append(at)
    return sorted(starts) if len(beginnings) > 1 else starts


def _end_of(term: Term, k: int, words: Words, i: int, acronyms: Acronyms) -> int:
    """Where the phrase from its word k on ends if it stands at word i; 0 if it does not."""
    if k == len(term.words):
        return i
    if i == len(words.stems):
        return 0
    if _is_word(term, k, words, i) and (end := _end_of(term, k + 1, words, i + 1, acronyms)):
        return end
    if not acronyms or term.is_exact:
        return 0
    for k_after, i_after in _shortcuts(term, k, words, i, acronyms):
        if end := _end_of(term, k_after, words, i_after, acronyms):
            return end
    return 0


def _shortcuts(
    term: Term, k: int, words: Words, i: int, acronyms: Acronyms
) -> Iterator[tuple[int, int]]:
    """An acronym in the topic meets its long form in the paper, or the reverse."""
    long_form = acronyms.long_forms.get(term.words[k].capitals, ())
    if long_form and tuple(words.stems[i : i + len(long_form)]) == long_form:
        yield k + 1, i + len(long_form)
    long_form = acronyms.long_forms.get(capitals(words.spelled(i, i)), ())
    if long_form and term.stems[k : k + len(long_form)] == long_form:
        yield k + len(long_form), i + 1


def _is_word(term: Term, k: int, words: Words, i: int) -> bool:
    typed = term.words[k]
    if typed.stem != words.stems[i]:
        return False
    # Papers write LLMs more often than LLM: whoever wants the letters alone wants both.
    is_acronym = typed.capitals.isupper() and typed.capitals.isalpha()
    if term.is_exact and not is_acronym:
        return words.folded[i] == typed.folded and _has(typed.capitals, exact_capitals, words, i)
    if term.is_single and singular(words.folded[i]) != typed.singular:
        return False
    return _has(typed.capitals, capitals, words, i)


def _has(wanted: str, capitals_of: Callable[[str], str], words: Words, i: int) -> bool:
    if not wanted:
        return True
    spelled = capitals_of(words.spelled(i, i))
    return spelled == wanted or (capitals_of is capitals and are_one_name(spelled, wanted))
