"""Text into words: where they stand, how they are folded and stemmed, what capitals they carry.

Topics and papers go through the same functions, so that what is typed and what is printed meet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import attrgetter

from django.utils.functional import cached_property

from subscribers.topics.chunks import APART, Chunk, read_chunks
from subscribers.topics.stems import find_all

HYPHENS = ("-", "‐", "‑")
_FEW_WORDS = 60
_FEW_STEMS = 10
_FEW_PLACES = 100  # asked about one by one: to list what is asked of all words costs as much
_get_stems = attrgetter("stems")


@dataclass(frozen=True)
class Words:
    """A text read once: its words in order, as parallel lists that are made when asked for.

    Of a few words each is looked up in its chunk instead: one topic in a paper asks about two or
    three of two hundred.
    """

    text: str
    chunks: list[Chunk]

    @cached_property
    def stems(self) -> list[str]:
        return list(chain.from_iterable(map(_get_stems, self.chunks)))

    @cached_property
    def folded(self) -> list[str]:
        return list(chain.from_iterable([chunk.folded for chunk in self.chunks]))

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(self.folded)

    def has_none_of(self, words: Mapping[str, object]) -> bool:
        """Whether none of its words, as they are folded, is a key here.

        A sentence is looked through: a set of its words takes six times as much as their list.
        """
        folded = self.folded
        if len(folded) <= _FEW_WORDS:
            return words.keys().isdisjoint(folded)
        return self._vocabulary.isdisjoint(words)

    @cached_property
    def _spellings(self) -> list[str]:
        return list(chain.from_iterable([chunk.spelled for chunk in self.chunks]))

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands in the text: its first character, and the one after its last."""
        starts = accumulate([chunk.size + 1 for chunk in self.chunks], initial=0)
        return [
            (at + start, at + end)
            for at, chunk in zip(starts, self.chunks, strict=False)  # one start is left over
            for start, end in chunk.spans
        ]

    @cached_property
    def segments(self) -> list[int]:
        """For each word how many stops, brackets or the like stand before it in the text."""
        segments, segment, is_apart, is_joined, done = list[int](), 0, False, False, 0
        for at, chunk in [(i, chunk) for i, chunk in enumerate(self.chunks) if not chunk.is_plain]:
            if at > done:  # plain words are between: no stop is
                segment += is_apart and not is_joined
                segments.extend([segment] * (at - done))
                is_apart = is_joined = False
            done = at + 1
            is_apart = is_apart or chunk.opens_apart
            if not chunk.stems:
                continue
            if is_apart and not is_joined:
                segment += 1
            if chunk.stops[-1]:
                segments.extend([segment + stops for stops in chunk.stops])
                segment = segments[-1]
            else:
                segments.extend([segment] * len(chunk.stems))
            is_apart, is_joined = chunk.ends_apart, chunk.is_joined
        segment += is_apart and not is_joined
        return segments + [segment] * (len(self.chunks) - done)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Where each stem stands, counted in words."""
        positions: dict[str, list[int]] = {}
        for i, stemmed in enumerate(self.stems):
            positions.setdefault(stemmed, []).append(i)
        return positions

    def find_stem(self, stem: str) -> Sequence[int]:
        """Where a stem stands, counted in words; only many questions are worth `positions`."""
        known = self.__dict__
        if "positions" not in known:
            known["_asked"] = known.get("_asked", 0) + 1
            if known["_asked"] <= _FEW_STEMS:
                return find_all(self.stems, stem)
        return self.positions.get(stem, ())

    def drop_places(self) -> None:
        """Keep `spans` no longer, which are most of what a text takes; they are made again."""
        self.__dict__.pop("spans", None)

    @cached_property
    def _ends(self) -> list[int]:
        """For each chunk how many words there are up to its end."""
        return list(accumulate(map(len, map(_get_stems, self.chunks))))

    def _find_place(self, i: int) -> tuple[int, int]:
        """Of word i the chunk it is in, and which of the chunk's words it is."""
        at = bisect_right(self._ends, i)
        return at, i - (self._ends[at - 1] if at else 0)

    def _knows(self, name: str) -> bool:
        """Whether a list of all words is there, or so much was asked that it is to be made."""
        known = self.__dict__
        if name in known:
            return True
        known["_places"] = known.get("_places", 0) + 1
        return bool(known["_places"] > _FEW_PLACES)

    def _get_chunk(self, at: int) -> Chunk:
        return self.chunks[at]

    def fold(self, i: int) -> str:
        """Word i as it is folded."""
        if self._knows("folded"):
            return self.folded[i]
        at, k = self._find_place(i)
        return self._get_chunk(at).folded[k]

    def spell(self, first: int, last: int) -> str:
        """The words from first to last as the text spells them."""
        if first == last:
            if self._knows("_spellings"):
                return self._spellings[first]
            at, k = self._find_place(first)
            return self._get_chunk(at).spelled[k]
        if self._knows("spans"):
            return self.text[self.spans[first][0] : self.spans[last][1]]
        (at, k), (end, k_last) = self._find_place(first), self._find_place(last)
        start, stop = self._get_chunk(at).spans[k][0], self._get_chunk(end).spans[k_last][1]
        return self._cut(at, start, end, stop)

    def _cut(self, at: int, start: int, end: int, stop: int) -> str:
        """The text from character `start` of one chunk up to `stop` of another."""
        raws = self.text.split(" ")[at : end + 1]
        raws[-1] = raws[-1][:stop]
        return " ".join(raws)[start:]

    def is_together(self, first: int, last: int) -> bool:
        """Whether no stop, bracket or the like stands between the words first to last."""
        if first == last:
            return True
        if self._knows("segments"):
            return self.segments[first] == self.segments[last]
        if last == first + 1:
            return not self._is_apart(last)
        return not any(self._is_apart(i) for i in range(first + 1, last + 1))

    def _is_apart(self, i: int) -> bool:
        """Whether a stop or the like stands between word i and the one before it, as `segments`."""
        at, k = self._find_place(i)
        chunk = self._get_chunk(at)
        if k:
            return chunk.stops[k] != chunk.stops[k - 1]
        is_apart = chunk.opens_apart
        while not (before := self._get_chunk(at := at - 1)).stems:
            is_apart = is_apart or before.opens_apart
        return (is_apart or before.ends_apart) and not before.is_joined

    def list_stops_before(self, i: int) -> str:
        """The stops, brackets and the like between word i and the one before it, each once."""
        gap = self.gap_before(i)
        if gap.startswith(")-"):  # "(LLM)-based" is one phrase
            return ""
        return "".join(dict.fromkeys(APART.findall(gap)))

    def gap_before(self, i: int) -> str:
        """The characters between word i and the one before it."""
        if self._knows("spans"):
            return self.text[self.spans[i - 1][1] : self.spans[i][0]]
        (at, k), (end, k_next) = self._find_place(i - 1), self._find_place(i)
        start, stop = self._get_chunk(at).spans[k][1], self._get_chunk(end).spans[k_next][0]
        return self._cut(at, start, end, stop)

    def is_compound(self, i: int) -> bool:
        """Whether word i is joined to the one before it, closed or by a hyphen."""
        return self.gap_before(i) in ("", *HYPHENS)


def read_words(text: str) -> Words:
    """Return the words of a text with their stems, folded spellings and positions."""
    return Words(text, read_chunks(text))


def normal_form(text: str) -> str:
    """Return the text as folded, stemmed words, padded with blanks: " parallel decod ".

    A text without words is "". Applied twice it changes nothing.
    """
    stems = read_words(text).stems
    return f" {' '.join(stems)} " if stems else ""
