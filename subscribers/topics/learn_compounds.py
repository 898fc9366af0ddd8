"""Compounds that papers write closed, with a hyphen and open: reranking, re-ranking, re ranking."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from subscribers.topics.neighbourhoods import ReadPapers
from subscribers.topics.stems import make_singular, stem
from subscribers.topics.terms import STOP_WORDS
from subscribers.topics.variants import Kind, Variant
from subscribers.topics.words import HYPHENS, Words

# Whoever writes a hyphen means the closed word: with that, few papers do.
_FEWEST_PAPERS = 3  # with either form
# The least share of the two parts: fewer are mistakes, such as a word broken at the end of a line.
_SMALLEST_SHARE, _SHARE_OF_ONE = 0.005, 0.05
_FEWEST_OPEN = 2  # papers with the open form, where none has a hyphen
_FEWEST_OF_A_PART = 5  # papers with each of its parts, or the open form is a broken word
LEAST_LIKENESS = 0.8  # of papers with the open form alone
_UNLIKE, _FEWEST_UNLIKE = 0.55, 4  # so unlike in so many papers, a hyphen makes another word
# Behind these the open form is a verb, the closed one a noun: set up and setup.
_PARTICLES = STOP_WORDS | frozenset(["around", "away", "back", "down", "off", "out"])


@dataclass
class _Sighting:
    """The papers that have a word closed and in its two parts, and how these are spelled."""

    closed: set[int] = field(default_factory=set)
    hyphen: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)
    spelled: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def apart(self) -> set[int]:
        return self.hyphen | self.open


_Key = tuple[str, str, str]  # the stems of the closed word and of its parts


def learn_compounds(papers: ReadPapers) -> Iterator[Variant]:
    """Yield the words that papers also write in two parts."""
    having = Counter(word for words in papers.words for word in set(words.folded))
    sightings = _find_parts(papers, having)
    _find_closed(papers, sightings)
    for key, seen in sorted(sightings.items()):
        if kind := _judge_compound(key, seen, papers, having):
            first, second = seen.spelled.most_common(1)[0][0]
            sign = "-" if seen.hyphen else " "
            apart = seen.hyphen if kind == Kind.HYPHEN else seen.apart
            yield Variant(
                kind,
                key[0],
                f"{key[1]} {key[2]}",
                f"{first}{second}",
                f"{first}{sign}{second}",
                len(seen.closed),
                len(apart),
            )


def _find_parts(papers: ReadPapers, having: Counter[str]) -> dict[_Key, _Sighting]:
    """Words side by side that some paper writes as one."""
    sightings: defaultdict[_Key, _Sighting] = defaultdict(_Sighting)
    for paper, words in enumerate(papers.words):
        folded, stems = words.folded, words.stems
        for i in range(1, len(folded)):
            joined = folded[i - 1] + folded[i]
            if joined not in having or not joined.isalpha() or len(joined) < 4:
                continue
            gap = words.gap_before(i)
            if (gap != " " and gap not in HYPHENS) or _is_cut(words, i - 1, i + 1):
                continue
            seen = sightings[stem(joined), stems[i - 1], stems[i]]
            (seen.open if gap == " " else seen.hyphen).add(paper)
            seen.spelled[folded[i - 1], make_singular(folded[i])] += 1
        words.drop_places()
    return sightings


def _is_cut(words: Words, first: int, end: int) -> bool:
    """Whether the words are pieces of longer ones: the D of 3D-vision, the v of DINO-v2."""
    return bool(first and not words.gap_before(first)) or (
        end < len(words.folded) and not words.gap_before(end)
    )


def _find_closed(papers: ReadPapers, sightings: dict[_Key, _Sighting]) -> None:
    """Add the papers with the closed words."""
    by_word: defaultdict[str, list[_Sighting]] = defaultdict(list)
    for seen in sightings.values():
        for first, second in seen.spelled:
            by_word[first + second].append(seen)
    for paper, words in enumerate(papers.words):
        for word in set(words.folded):
            for seen in by_word.get(make_singular(word), ()):
                seen.closed.add(paper)


def _judge_compound(
    key: _Key, seen: _Sighting, papers: ReadPapers, having: Counter[str]
) -> Kind | None:
    """Whether both forms are one word, and whether its parts may stand without a hyphen."""
    closed, apart = len(seen.closed), len(seen.apart)
    if not closed or closed + apart < _FEWEST_PAPERS:
        return None
    rarer = min(closed, apart)
    if apart < (_SHARE_OF_ONE if apart == 1 else _SMALLEST_SHARE) * (closed + apart):
        return None
    words = {word for pair in seen.spelled for word in pair}
    if any(len(second) == 1 for _, second in seen.spelled) and rarer < 2:
        return None  # FINE-R is not finer
    is_phrase = not words.isdisjoint(_PARTICLES)
    if not seen.hyphen:
        if is_phrase or not _may_be_open(seen, having):
            return None
        likeness = papers.rank_likeness(seen.closed, seen.open, key)
        return Kind.COMPOUND if likeness >= LEAST_LIKENESS else None
    if rarer >= _FEWEST_UNLIKE and papers.rank_likeness(seen.closed, seen.apart, key) < _UNLIKE:
        return None
    return Kind.HYPHEN if is_phrase else Kind.COMPOUND


def _may_be_open(seen: _Sighting, having: Counter[str]) -> bool:
    """Whether two words that no paper joins by a hyphen are words: no classifi cation."""
    return min(len(seen.open), len(seen.closed)) >= _FEWEST_OPEN and all(
        len(word) >= 3 and having[word] >= _FEWEST_OF_A_PART
        for pair in seen.spelled
        for word in pair
    )
