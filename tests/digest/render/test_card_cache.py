"""A card that is asked for again and again stays, however many others come."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from digest.models import Delivery, DigestItem, Paper, Section
from digest.render import Typesetter
from digest.render import stage as render_stage
from digest.render.card import Card, mark_card
from digest.render.card_cache import CardCache, find_kept_cards
from digest.render.paper_card import make_paper_card
from digest.render.paper_facts import PaperFacts
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


@pytest.mark.django_db
def test_a_kept_card_keeps_nothing_of_what_it_was_set_from() -> None:
    """The words of a paper's sentences are ten times as much, and a week's cards are kept."""
    delivery = make_delivery()
    [mail] = Typesetter(is_quoted=True).render_all([delivery])
    assert mail is not None
    paper = weakref.ref(make_paper_card(PaperFacts.read_paper(Paper.objects.get())))
    kept = find_kept_cards(is_quoted=True).get(delivery.digest.papers[0])
    assert kept is not None
    make_paper_card.cache_clear()
    mark_card.cache_clear()
    gc.collect()
    assert paper() is None
    assert kept.card.references.facts.title == Paper.objects.get().title
