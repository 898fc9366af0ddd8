"""What leads to a paper from elsewhere in a mail is little, wherever the paper stands."""

from __future__ import annotations

import gc
import types
from functools import partial
from typing import Any

from digest.models import DigestItem, Section
from digest.render.assemble import CONTENTS_LINES, MailAssembler, PlacedCard
from digest.render.card import Card
from digest.render.paper_card import make_paper_card
from digest.render.paper_facts import PaperFacts
from digest.render.template_slots import Kind
from tests.digest.render.test_paper_card import make_paper

PAGE = {"browser_url": "https://papers.example.org/mail/7/"}
KINDS: tuple[Kind, ...] = ("html", "text")


def make_card(number: int, *, is_quoted: bool = True) -> PlacedCard:
    facts = PaperFacts.read_paper(make_paper(title=f"Paper number {number}"))
    item = DigestItem(number, Section.NEW)
    card = Card(make_paper_card(facts), item, "", is_quoted=is_quoted)
    return PlacedCard(card, Section.NEW)


def count_kept(kept: object) -> int:
    """How many objects are reached from this one, but for code."""
    seen, waiting = set[int](), [kept]
    while waiting:
        one = waiting.pop()
        is_code = isinstance(one, type | types.ModuleType | types.FunctionType)
        if id(one) not in seen and not is_code:
            seen.add(id(one))
            waiting += gc.get_referents(one)
    return len(seen)


def test_a_paper_keeps_as_much_however_many_places_it_had() -> None:
    """A line for each place was most of what was kept of a paper, for as long as its cards."""
    assembler = MailAssembler(is_quoted=True)
    paper, others = make_card(1), [make_card(n) for n in range(2, CONTENTS_LINES + 1)]

    def list_with_paper_at(place: int) -> list[str]:
        placed = [*others[:place], paper, *others[place:]]
        return ["".join(assembler.render_contents(kind, placed, PAGE)) for kind in KINDS]

    list_with_paper_at(0)
    kept = count_kept(paper.card.references)
    said = {tuple(list_with_paper_at(place)) for place in range(CONTENTS_LINES)}
    assert len(said) == CONTENTS_LINES
    assert count_kept(paper.card.references) == kept


def test_a_table_of_contents_is_measured_as_it_comes_out() -> None:
    lengths = {name: len(value) for name, value in PAGE.items()}
    for is_quoted in (True, False):
        assembler = MailAssembler(is_quoted=is_quoted)
        make: Any = partial(make_card, is_quoted=is_quoted)
        for count in (3, 6, 12, CONTENTS_LINES + 4):
            placed = [make(n) for n in range(count)]
            plain = MailAssembler().render_contents("html", placed, PAGE)
            assert assembler.measure_contents(placed, lengths) == len("".join(plain))
            assert bool(plain) is (count >= 6)
