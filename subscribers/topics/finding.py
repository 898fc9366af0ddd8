"""Find a topic in one paper, and say which words show it.

A paper is read once (`read`) and may then be asked for any number of topics (`find`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from subscribers.topics.acronyms import NO_ACRONYMS, Acronyms
from subscribers.topics.language import ParsedTopic, Term
from subscribers.topics.words import Words, capitals, exact_capitals, fold, read_words, singular

SPELLINGS_PER_TERM = 3
TITLE_WEIGHT = 3.0

Span = tuple[int, int]  # the first word, and the one after the last


@dataclass(frozen=True)
class Text:
    """What of one paper is searched."""

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    organization: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A topic was found: how strongly (> 0), and the words as the paper spells them."""

    strength: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A paper read once: its title and abstract as words, and where each stem stands."""

    text: Text
    title: Words
    abstract: Words
    acronyms: Acronyms = NO_ACRONYMS
    _names: dict[str, list[Words]] = field(default_factory=dict)

    def names(self, field_name: str) -> list[Words]:
        """The authors' names, or the organization's, as words."""
        if field_name not in self._names:
            is_author = field_name == "author"
            texts = self.text.authors if is_author else (self.text.organization,)
            self._names[field_name] = [read_words(text) for text in texts]
        return self._names[field_name]


def read(text: Text, acronyms: Acronyms = NO_ACRONYMS) -> Reading:
    return Reading(text, read_words(text.title), read_words(text.abstract), acronyms)


def find(topic: ParsedTopic, text: Text | Reading) -> Found | None:
    """Return where and how strongly the topic is in the paper, or None if it is not."""
    reading = read(text) if isinstance(text, Text) else text
    if any(_find_term(term, reading) for term in topic.unwanted):
        return None
    strength = 0.0
    words: list[str] = []
    for term in topic.wanted:
        found = _find_term(term, reading)
        if found is None:
            return None
        strength += found.strength
        words += found.words
    return Found(strength / len(topic.wanted), tuple(dict.fromkeys(words)))


def _find_term(term: Term, reading: Reading) -> Found | None:
    if term.field == "cat":
        return _found(_categories(term.words[0].folded, reading.text.categories), 0)
    if term.field in ("author", "org"):
        is_found = _is_author if term.field == "author" else _is_organization
        return _found([w.text for w in reading.names(term.field) if is_found(term, w)], 0)
    in_title = occurrences(term, reading.title, reading.acronyms)
    in_abstract = occurrences(term, reading.abstract, reading.acronyms) if not term.field else []
    spelled = [reading.title.spelled(a, b - 1) for a, b in in_title]
    spelled += [reading.abstract.spelled(a, b - 1) for a, b in in_abstract]
    return _found(spelled, len(in_title))


def _found(spelled: list[str], in_title: int) -> Found | None:
    if not spelled:
        return None
    strength = len(spelled) + TITLE_WEIGHT * in_title
    once = {fold(words): words for words in reversed(spelled)}
    return Found(strength / (1 + strength), tuple(reversed(once.values()))[:SPELLINGS_PER_TERM])


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
    for first in range(len(words.stems)):
        if spans and first < spans[-1][1]:
            continue
        end = _end_of(term, 0, words, first, acronyms)
        if end and words.is_together(first, end - 1):
            spans.append((first, end))
    return spans


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
    if term.is_exact:
        return words.folded[i] == typed.folded and _has(typed.capitals, exact_capitals, words, i)
    if term.is_single and singular(words.folded[i]) != typed.singular:
        return False
    return _has(typed.capitals, capitals, words, i)


def _has(wanted: str, capitals_of: Callable[[str], str], words: Words, i: int) -> bool:
    return not wanted or capitals_of(words.spelled(i, i)) == wanted
