"""A card that is asked for again and again stays, however many others come."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import Delivery, DigestItem, Paper, Section
from digest.render import Typesetter
from digest.render import stage as render_stage
from digest.render.card import Card
from digest.render.card_cache import CardCache
from tests.factories import make_delivery
from tests.mail_lint import html_of


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


@pytest.mark.django_db
@pytest.mark.parametrize("is_quoted", [True, False])
def test_a_card_outlives_its_run_as_long_as_the_paper_stays_what_it_was(
    is_quoted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run ends after some seconds; the next would else set thousands of cards again."""
    made: list[DigestItem] = []

    def make_card(paper: Any, item: DigestItem, *args: Any, **options: Any) -> Card:
        made.append(item)
        return Card(paper, item, *args, **options)

    monkeypatch.setattr(render_stage, "Card", make_card)
    delivery = make_delivery()
    paper = Paper.objects.get()
    for title, has_new_card in (("Of rivers", True), ("Of rivers", False), ("Of lakes", True)):
        Paper.objects.filter(pk=paper.pk).update(title=title)
        made.clear()
        [mail] = Typesetter(is_quoted=is_quoted).render_all([Delivery.objects.get(pk=delivery.pk)])
        assert mail is not None
        assert title in html_of(mail)
        assert bool(made) is has_new_card
