"""A card that is asked for again and again stays, however many others come."""

from __future__ import annotations

from typing import Any

from digest.models import DigestItem, Section
from digest.render.card_cache import CardCache


def test_what_is_asked_for_stays_and_the_others_go() -> None:
    items = [DigestItem(n, Section.NEW) for n in range(50)]
    cache, cards = CardCache(10), [object() for _ in items]
    some_card: Any
    for item, some_card in zip(items, cards, strict=True):
        assert cache.get(item) is None
        cache.add(item, some_card)
        assert cache.get(items[0]) is cards[0]
        assert len(cache) <= 10
    assert cache.get(items[1]) is None
    assert [cache.get(item) for item in items[-4:]] == cards[-4:]
