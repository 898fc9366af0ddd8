"""What stands between two blanks of a text: its words, folded and stemmed, and their capitals.

No word reaches over a blank, so each chunk is read by itself, and what was read is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from subscribers.topics.capitals import NO_APOSTROPHES, strip_small_s
from subscribers.topics.letters import GREEK, fold
from subscribers.topics.printed_names import find_glued_mutation, respell_names
from subscribers.topics.spelling import find_compound_break, fold_umlauts, to_american
from subscribers.topics.stems import stem


class Piece(NamedTuple):
    """One word within a raw token: its stem, its folded spelling, where it starts and ends."""

    stem: str
    folded: str
    start: int
    end: int


_MARKS = "".join(chr(c) for c in range(0x300, 0xFE30) if unicodedata.category(chr(c))[0] == "M")
# Scripts written without blanks, or with endings glued on: every sign is a word of its own.
_SIGNS = (
    "\u0e00-\u0e4f\u0e80-\u0ecf\u1000-\u104f\u1780-\u17d3\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd"
)
# Raised and lowered digits are words of their own, or 10⁶ were 106.
_RAISED, _LOWERED = "⁰¹²³⁴-⁹", "₀-₉"
_LETTER = rf"[^\W\d_{_RAISED}{_LOWERED}{_SIGNS}{_MARKS}]"
_LETTERS = rf"{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*"
_WORD = re.compile(
    rf"[{_SIGNS}][{_MARKS}]*"
    rf"|\d+(?:\.\d+)+|[{_LOWERED}]+(?:\.[{_LOWERED}]+)+"  # 4.5, PM₂.₅
    r"|(?P<to>(?<=[^\W\d_]{3})2(?=[^\W\d_]{3}))"  # seq2seq
    r"|(?<![\w'’])[Aa][*∗⋆](?!\w)"  # A*, of the search and of Sagittarius: C*-algebras need no star
    rf"|{_LETTERS}(?:['’ʼ]{_LETTERS})*(?:\+\+(?![^\W\d]|\+)|(?<![\w'’]\w)\#(?!\w))?"  # C++, C#
    rf"|\d+|[{_RAISED}]+|[{_LOWERED}]+"
)
# One Greek letter beside Latin ones is a word of its own, as in TNFα, which is TNF-α; so is its
# name behind a capital: TNFalpha. Names of fewer letters are left: Beta is no B-eta.
_GREEK_LETTER = r"[Ͱ-Ͽµ\u2126\U0001d6a8-\U0001d7cb]"
_SCRIPTS = re.compile(rf"{_GREEK_LETTER}+|(?:(?!{_GREEK_LETTER}).)+")
_GREEK_LETTERS = re.compile("[αβγδεκ]{2,3}")  # of a name, as in γδ T cells and Gβγ
_GREEK_NAME = re.compile(
    "(?:^|(?<=[A-Z]))(?:alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|sigma|omega)"
    "(?=[A-Z](?![a-z])|$)"
)
_TO = Piece("to", "to", 0, 1)
_POSSESSIVE = re.compile(r"['’ʼ][sS]$")
# What may stand between two words that are side by side; anything else ends the phrase.
APART = re.compile(r"[.,;:!?()\[\]|…。，、；：！？（）—―]")
# Of 5,000 papers: some 25 MB of chunks and 12 MB of tokens.
_CACHED_TOKENS = 50_000
_CACHED_CHUNKS = 50_000
_CACHED_NAME_PARTS = 8_192
_LONGEST_CHUNK = 80  # a sentence of signs without blanks will not come again


class Chunk(NamedTuple):
    """The words of what stands between two blanks, and where they stand in it."""

    size: int  # characters
    stems: tuple[str, ...]
    folded: tuple[str, ...]
    spelled: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    stops: tuple[int, ...]  # for each word, how many stops stand between words before it
    opens_apart: bool  # whether a stop or the like stands before its first word
    ends_apart: bool  # or behind its last one
    is_joined: bool  # "(LLM)-based": the bracket that ends it does not end the phrase
    is_plain: bool  # one word without a stop before or behind it, as most are


class _ChunkCache(dict[str, Chunk]):
    """Chunks that were read before. No word reaches over a blank, so each is read by itself.

    In two halves: the older one goes when the younger one is full. Were all dropped at once, the
    texts that are kept would go on holding the old ones beside the new ones.
    """

    def __init__(self) -> None:
        super().__init__()
        self._old: dict[str, Chunk] = {}

    def __missing__(self, raw: str) -> Chunk:
        chunk = self._old.pop(raw, None) or _read_chunk(raw)
        if len(raw) <= _LONGEST_CHUNK:
            if len(self) >= _CACHED_CHUNKS // 2:
                self._old = dict(self)
                self.clear()
            self[raw] = chunk
        return chunk


_chunks = _ChunkCache()


def read_chunks(text: str) -> list[Chunk]:
    """The chunks of a text, in their order."""
    return list(map(_chunks.__getitem__, text.split(" ")))


def read_chunk(raw: str) -> Chunk:
    """One chunk: what stands between two blanks."""
    return _chunks[raw]


def read_name_chunks(name: str) -> list[Chunk]:
    """The same of a person's name, of which only what many share is kept.

    Papers name more people than they use words, and each of them once or twice: kept as words are,
    they would fill the memory, and then drop all words with them.
    """
    return list(map(_read_name_part, name.split(" ")))


def _read_chunk(raw: str, *, is_kept: bool = True) -> Chunk:
    printed = respell_names(raw)
    split = _split_token if is_kept else _split_token.__wrapped__
    if printed.isascii() and printed.isalpha():
        return _make_chunk_of_letters(raw, split(printed))
    pieces = [
        Piece(piece.stem, piece.folded, token.start() + piece.start, token.start() + piece.end)
        for token in _find_tokens(printed)
        for piece in ((_TO,) if token.lastgroup else split(token.group()))
    ]
    head = printed[: pieces[0].start] if pieces else printed
    tail = printed[pieces[-1].end :] if pieces else ""
    opens_apart = APART.search(head) is not None
    ends_apart = APART.search(tail) is not None
    return Chunk(
        len(raw),
        tuple(piece.stem for piece in pieces),
        tuple(piece.folded for piece in pieces),
        tuple(_spell_piece(raw, piece) for piece in pieces),
        tuple((piece.start, piece.end) for piece in pieces),
        tuple(_count_stops(printed, pieces)),
        opens_apart,
        ends_apart,
        tail.startswith(")-"),
        len(pieces) == 1 and not opens_apart and not ends_apart,
    )


def _make_chunk_of_letters(raw: str, pieces: tuple[Piece, ...]) -> Chunk:
    """The same for letters alone, as most are, in half the time."""
    stems, folded, starts, ends = zip(*pieces, strict=True)
    spelled = tuple(_spell_piece(raw, piece) for piece in pieces)
    spans, stops = tuple(zip(starts, ends, strict=True)), (0,) * len(pieces)
    is_one = len(pieces) == 1
    return Chunk(len(raw), stems, folded, spelled, spans, stops, False, False, False, is_one)


@lru_cache(_CACHED_NAME_PARTS)
def _read_name_part(raw: str) -> Chunk:
    return _read_chunk(raw, is_kept=False)


def _find_tokens(printed: str) -> Iterator[re.Match[str]]:
    if cut := find_glued_mutation(printed):  # KRASG12C
        return chain(_WORD.finditer(printed, 0, cut), _WORD.finditer(printed, cut))
    return _WORD.finditer(printed)


def _count_stops(raw: str, pieces: list[Piece]) -> Iterator[int]:
    """For each word of a chunk how many stops stand between words before it."""
    stops = 0
    for before, piece in zip([None, *pieces], pieces, strict=False):
        gap = raw[before.end : piece.start] if before else ""
        stops += APART.search(gap) is not None and not gap.startswith(")-")
        yield stops


def _spell_piece(raw: str, piece: Piece) -> str:
    spelled = raw[piece.start : piece.end]
    return piece.folded if spelled == piece.folded else spelled  # mostly one string in memory


@lru_cache(_CACHED_TOKENS)
def _split_token(raw: str) -> tuple[Piece, ...]:
    """The words in one raw token: two where a compound is written closed, else mostly one."""
    spelled = _POSSESSIVE.sub("", raw)
    if not spelled.isascii():
        parts = _SCRIPTS.finditer(spelled)
        return tuple(piece for part in parts for piece in _fold_part(part.group(), part.start()))
    if name := _GREEK_NAME.search(spelled):
        cuts = (0, *name.span(), len(spelled))
        spans = [(start, end) for start, end in pairwise(cuts) if start < end]
        return tuple(_make_piece(_fold_word(spelled[a:b]), a, b) for a, b in spans)
    folded = _fold_word(spelled)
    cut = find_compound_break(folded)
    if cut:
        return _make_piece(folded[:cut], 0, cut), _make_piece(folded[cut:], cut, len(spelled))
    bare = strip_small_s(spelled)
    root = folded if bare == spelled else _fold_word(bare)
    return (Piece(stem(root), folded, 0, len(spelled)),)


def _fold_part(spelled: str, start: int) -> Iterator[Piece]:
    """The words of letters that are not all ASCII; ½, ㎏ and ligatures fold to several."""
    words = [word.group() for word in _WORD.finditer(_fold_word(spelled))]
    if len(words) == 1 and _GREEK_LETTERS.fullmatch(words[0]) and len(words[0]) == len(spelled):
        for at, letter in enumerate(words[0], start):
            yield _make_piece(GREEK[letter], at, at + 1)
        return
    for folded in words:
        yield _make_piece(GREEK.get(folded, folded), start, start + len(spelled))


def _make_piece(folded: str, start: int, end: int) -> Piece:
    return Piece(stem(folded), folded, start, end)


def _fold_word(spelled: str) -> str:
    folded = fold_umlauts(to_american(fold(spelled).translate(NO_APOSTROPHES)))
    return GREEK.get(folded, folded)
