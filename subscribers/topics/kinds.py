"""What else titles call a topic, and kinds of it: dehazing is a kind of image restoration.

Papers on dehazing need not say that it restores images, since whoever reads them knows. Five
thousand stored papers say it too seldom to learn it from them (docs/topics.md), so it is listed,
in `kinds.txt`. A title that holds one of these brings a paper nearer to the topic, which finds it
where its other words agree (digest/match/day_words.py); so does, by half as much, an abstract that
opens with one, by which nothing is found.

Among a topic's weights a *mark* stands for all of its kinds, so that what is stored of a topic is
short, and new kinds count at once: "~imag_restor".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from subscribers.topics.letters import fold
from subscribers.topics.stems import make_singular
from subscribers.topics.terms import STOP_WORDS, ParsedTopic
from subscribers.topics.words import read_words

# So much nearer is a paper whose title holds a kind of the topic (docs/judged.md).
OF_A_KIND = 0.6
OPENING_WORDS = 30  # of an abstract, a sentence or two, in which a kind counts too
_MARK, _JOINT = "~", "_"
_LISTED = Path(__file__).with_name("kinds.txt")
_Line = tuple[list[str], list[str]]  # the names and the kinds listed in one line


class Kind(NamedTuple):
    """A name or a kind of a topic: its stems joined by blanks, the first of them, its spelling."""

    phrase: str
    first: str
    spelled: str


def mark_kinds(topic: ParsedTopic) -> dict[str, float]:
    """The mark of a topic's kinds and what one of them weighs; nothing where none are listed.

    None are of a topic with several terms, in quotes or with a field: it says what it wants.
    """
    if topic.unwanted or len(topic.wanted) != 1 or not topic.wanted[0].is_loose:
        return {}
    words = topic.wanted[0].words
    name = _make_name([word.stem for word in words], words[0].singular)
    return {_MARK + name.replace(" ", _JOINT): OF_A_KIND} if _find_lines(name) else {}


def is_mark(stem: str) -> bool:
    """Whether this is no stem, but stands for kinds of a topic."""
    return stem.startswith(_MARK)


@cache
def list_name_stems(mark: str) -> tuple[str, ...]:
    """The telling stems of the topic that a mark is of; () where its name is a single word."""
    stems = mark.removeprefix(_MARK).split(_JOINT)
    return tuple([stem for stem in stems if stem not in STOP_WORDS]) if len(stems) > 1 else ()


@cache
def list_kinds(mark: str) -> tuple[Kind, ...]:
    """The kinds that a mark stands for; () where they are listed no longer."""
    topic = mark.removeprefix(_MARK).replace(_JOINT, " ")
    listed = (one for names, kinds in _find_lines(topic) for one in (*names, *kinds))
    spelled = {one: " ".join(read_words(one).stems) for one in listed}
    return tuple(
        Kind(stems, stems.partition(" ")[0], one)
        for one, stems in spelled.items()
        if _read_name(one) != topic
    )


def is_listed_kind(topic: ParsedTopic, words: str) -> bool:
    """Whether words are a kind of the topic, and no other name of it."""
    stems = read_words(words).stems
    return any(
        read_words(kind).stems == stems
        for mark in mark_kinds(topic)
        for _, kinds in _find_lines(mark.removeprefix(_MARK).replace(_JOINT, " "))
        for kind in kinds
    )


def find_kind(weights: Iterable[str], title: str, abstract: str = "") -> str:
    """The longest kind of a topic of these weights in a title, or where an abstract opens; or "".

    As the text spells it; of the title first.
    """
    kinds = [kind for stem in weights if is_mark(stem) for kind in list_kinds(stem)]
    if not kinds:
        return ""
    return _spell_longest(kinds, title) or _spell_longest(kinds, abstract, OPENING_WORDS)


def _spell_longest(kinds: Iterable[Kind], text: str, most: int | None = None) -> str:
    """The longest of the kinds among the text's first words, `most` of them; or ""."""
    words = read_words(text)
    form = _pad(words.stems[:most])
    held = [kind.phrase for kind in kinds if _pad([kind.phrase]) in form]
    if not held:
        return ""
    phrase = max(held, key=len)
    at = form[: form.index(_pad([phrase]))].count(" ")
    return words.spell(at, at + phrase.count(" "))


def _pad(stems: Iterable[str]) -> str:
    return f" {' '.join(stems)} "


def _find_lines(name: str) -> tuple[_Line, ...]:
    """The lines that are of a topic."""
    return _read_listed(_find_beginning(name)).get(name, ())


def _find_beginning(name: str) -> str:
    """The first two letters, or one sign where these are none: the same of a name and its stems."""
    beginning = fold(name)[:2]
    return beginning if beginning.isascii() and beginning.isalpha() else beginning[:1]


@cache
def _read_listed(beginning: str) -> Mapping[str, tuple[_Line, ...]]:
    """Of the topics that begin so the lines, by name."""
    listed = dict[str, tuple[_Line, ...]]()
    for line in _sort_lines().get(beginning, ()):
        names, kinds = read_line(line)
        for name in names:
            if _find_beginning(name) == beginning:
                key = _read_name(name)
                listed[key] = (*listed.get(key, ()), (names, kinds))
    return listed


@cache
def _sort_lines() -> Mapping[str, list[str]]:
    """The lines by how their names begin, so that few are read where one is asked for.

    That all names are found is tested.
    """
    by_beginning = dict[str, list[str]]()
    for line in _LISTED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            for beginning in set(map(_find_beginning, read_line(line)[0])):
                by_beginning.setdefault(beginning, []).append(line)
    return by_beginning


def read_line(line: str) -> tuple[list[str], list[str]]:
    """The names and the kinds of one line: "topic = name, name > kind, kind"."""
    left, _, right = line.partition(" > ")
    topic, _, names = left.partition(" = ")
    return [topic, *_split(names)], _split(right)


def _split(listed: str) -> list[str]:
    return listed.split(", ") if listed else []


def _read_name(phrase: str) -> str:
    words = read_words(phrase)
    return _make_name(words.stems, make_singular(words.folded[0]))


def _make_name(stems: Sequence[str], singular: str) -> str:
    """What a topic is known by: its stems, or a single word as it is (no optimizer optimizes)."""
    return " ".join(stems) if len(stems) > 1 else singular
