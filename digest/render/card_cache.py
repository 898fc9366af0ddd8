"""Cards by their items, kept by the process: those that are asked for again and again stay.

A few papers are in most mails and most cards in few, so what goes is what nobody asked for lately.
A run lasts some seconds and an edition some minutes, so a card outlives the run that made it; the
next one asks whether it is still of the paper as it is now.
"""

from __future__ import annotations

from functools import cache

from digest.models import DigestItem
from digest.render.assemble import PlacedCard

MOST_QUOTED, MOST_PLAIN = 12_000, 500  # about 6 KB each


class CardCache:
    """Holds up to `most` cards, in two halves: the older one goes when the younger one is full."""

    def __init__(self, most: int) -> None:
        self._half = max(most // 2, 1)
        self._young: dict[DigestItem, PlacedCard] = {}
        self._old: dict[DigestItem, PlacedCard] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, item: DigestItem) -> PlacedCard | None:
        card = self._young.get(item)
        if card is None and (card := self._old.pop(item, None)):
            self.add(item, card)
        return card

    def add(self, item: DigestItem, card: PlacedCard) -> None:
        if len(self._young) >= self._half:
            self._young, self._old = {}, self._young
        self._young[item] = card


@cache
def find_kept_cards(*, is_quoted: bool) -> CardCache:
    """The process's cards: many where they are quoted for mails, few where a page shows one."""
    return CardCache(MOST_QUOTED if is_quoted else MOST_PLAIN)
