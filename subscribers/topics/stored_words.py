"""The words of a text whose stems are known already, as those of a paper that was read before."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import cached_property

from subscribers.topics.chunks import Chunk, read_chunk, read_chunks
from subscribers.topics.words import Words

_SHORTEST_HINT = 3  # letters of a stem


class StoredWords(Words):
    """A text and its stems: of the text only what stands around the words that are asked about.

    One topic asks about two or three of two hundred words. To read them all costs several times
    what it costs to find these few by their letters; that all were found is known by their number.
    """

    def __init__(self, text: str, stems: list[str]) -> None:
        self.__dict__.update(text=text, stems=stems)

    @cached_property
    def chunks(self) -> list[Chunk]:
        return read_chunks(self.text)

    @cached_property
    def _stem_places(self) -> dict[str, Sequence[int]]:
        """Where the stems stand that were asked about: each is, some three times."""
        return {}

    def find_stem(self, stem: str) -> Sequence[int]:
        """Where a stem stands, counted in words."""
        known = self._stem_places
        if stem not in known:
            known[stem] = super().find_stem(stem)
        return known[stem]

    @cached_property
    def _raws(self) -> list[str]:
        return self.text.split(" ")

    @cached_property
    def _known_places(self) -> dict[int, tuple[int, int]]:
        """The places that are known, as `_find_place` tells them."""
        return {}

    @cached_property
    def _folds(self) -> dict[int, str]:
        """The words that were asked for: each is, some three times."""
        return {}

    def fold(self, i: int) -> str:
        """Word i as it is folded."""
        known = self._folds
        if i not in known:
            known[i] = super().fold(i)
        return known[i]

    def _get_chunk(self, at: int) -> Chunk:
        return read_chunk(self._raws[at])

    def _find_place(self, i: int) -> tuple[int, int]:
        places = self._known_places
        if i not in places:
            if i - 1 in places:
                places[i] = self._step_forward(*places[i - 1])
            elif i + 1 in places:
                places[i] = self._step_back(*places[i + 1])
            else:
                self._find_places(self.stems[i])
        return places[i]

    def _step_forward(self, at: int, k: int) -> tuple[int, int]:
        if k + 1 < len(self._get_chunk(at).stems):
            return at, k + 1
        at += 1
        while not (_is_of_letters(self._raws[at]) or self._get_chunk(at).stems):
            at += 1
        return at, 0

    def _step_back(self, at: int, k: int) -> tuple[int, int]:
        if k:
            return at, k - 1
        at -= 1
        while not (stems := self._get_chunk(at).stems):
            at -= 1
        return at, len(stems) - 1

    def _is_apart(self, i: int) -> bool:
        at, k = self._find_place(i)
        if not k and _is_of_letters(self._raws[at]) and _is_of_letters(self._raws[at - 1]):
            return False
        return super()._is_apart(i)

    def _find_places(self, stem: str) -> None:
        """Find all places of a stem."""
        wanted, found = self.find_stem(stem), self._guess_places(stem)
        if len(found) != len(wanted):  # some are spelled with other letters: matrices, colour
            found = [super(StoredWords, self)._find_place(i) for i in wanted]
        self._known_places.update(zip(wanted, found, strict=True))

    def _guess_places(self, stem: str) -> list[tuple[int, int]]:
        """Its places in chunks that hold its letters; the last one often changes: policy, polici"""
        hint = stem[:-1] if len(stem) > _SHORTEST_HINT else stem
        places, text = list[tuple[int, int]](), self._lowered
        found = text.find(hint)
        while found >= 0:
            at = text.count(" ", 0, found)
            stems = self._get_chunk(at).stems
            places += [(at, k) for k, one in enumerate(stems) if one == stem]
            end = text.find(" ", found)
            found = text.find(hint, end) if end >= 0 else -1
        return places

    @cached_property
    def _lowered(self) -> str:
        return self.text.lower()

    def _cut(self, at: int, start: int, end: int, stop: int) -> str:
        raws = self._raws[at : end + 1]
        raws[-1] = raws[-1][:stop]
        return " ".join(raws)[start:]


def _is_of_letters(raw: str) -> bool:
    """Whether it surely has words and no stop, as most that stands between two blanks."""
    return raw.isascii() and raw.isalpha()
