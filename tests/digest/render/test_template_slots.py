"""A mail joined from pieces is, byte for byte, its template rendered whole by Django."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import Delivery
from digest.render import Typesetter
from digest.render import stage as render_stage
from digest.render.card import Size
from digest.render.template_slots import Kind, SlottedText, make_slot
from subscribers.mail import mail_links
from tests.factories import make_delivery, make_paper, make_reader
from tests.whole_mail import set_whole

pytestmark = pytest.mark.django_db
AWKWARD = "<b>Robots</b> & 'quotes' {{ 7 }} {% now %} {# cut:tail #} 0<x<1"


def set_whole_from(kind: Kind, delivery: Delivery, sizes: list[Size]) -> str:
    typesetter, contents = Typesetter(), delivery.digest
    typesetter.render_all([delivery])
    return set_whole(kind, contents.papers, sizes, typesetter.write_values(delivery, contents))


def make_items(count: int) -> list[dict[str, Any]]:
    items = []
    for n in range(count):
        paper = make_paper(
            title=f"{AWKWARD} {n}",
            abstract=f"{AWKWARD} is studied. " * 20 if n % 3 else "",
            summary=f"{AWKWARD} in short." if n % 2 else "",
            authors=[AWKWARD] * (n % 5),
            organization="Lab & Sons" if n % 2 else "",
            code_url=f"https://code.example.org/?a=1&b={n}" if n % 2 else "",
            code_stars=n * 700,
            categories=["cs.RO"] if n % 2 else [],
            trend_parts={"votes": n, "votes_since_yesterday": n // 2},
        )
        reasons = [[1, "robots", "Robots"], [2, "quotes", "quotes"]][: 1 + n % 2]
        section = ("trending", "again", "new", "everywhere")[n * 4 // count]
        said = {} if n % 2 else {"evidence": f"{AWKWARD} votes"}
        topics = [] if section == "everywhere" else reasons
        items.append({"id": paper.pk, "section": section, "topics": topics} | said)
    return items


@pytest.mark.parametrize("postal_address", ["", "1 Paper Street & Sons"])
def test_joined_pieces_equal_the_whole_template_for_every_reader(
    settings: Any, postal_address: str
) -> None:
    settings.POSTAL_ADDRESS = postal_address
    items = make_items(8)
    readers = [make_reader(email=f"{name}@example.org") for name in ("ada", "o'hara")]
    extras: list[dict[str, Any]] = [{"is_first": True}, {"sources": [AWKWARD, "cs.CL: 95 new"]}]
    deliveries = [
        make_delivery(subscriber=reader, contents={"papers": items[n * 4 :], "seen": n, **extra})
        for n, (reader, extra) in enumerate(zip(readers, extras, strict=True))
    ]
    for delivery, message in zip(deliveries, Typesetter().render_all(deliveries), strict=True):
        assert message is not None
        sizes = [Size.FULL] * len(delivery.contents["papers"])
        assert message.alternatives[0][0] == set_whole_from("html", delivery, sizes)
        assert message.body == set_whole_from("text", delivery, sizes)


def test_that_holds_for_a_mail_that_had_to_be_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_stage, "fit_cards", lambda *_: [Size.FULL, Size.SHORT, Size.TITLE])
    delivery = make_delivery(contents={"papers": make_items(5)})
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    sizes = [Size.FULL, Size.SHORT, Size.TITLE]
    assert message.alternatives[0][0] == set_whole_from("html", delivery, sizes)
    assert message.body == set_whole_from("text", delivery, sizes)


def test_a_slot_is_filled_wherever_it_stands_and_nothing_else_is() -> None:
    text = SlottedText.read(f"a{make_slot('one')}b{make_slot('two')}c{make_slot('one')}")
    assert (
        text.fill({"one": "1", "two": make_slot("one"), "three": "3"}) == f"a1b{make_slot('one')}c1"
    )
    assert SlottedText.read("é without slots").size == len("é without slots".encode())
    with pytest.raises(KeyError, match="one"):
        text.fill({"two": "2"})


def test_slots_that_are_filled_for_good_leave_the_others_open() -> None:
    text = SlottedText.read(f"a{make_slot('one')}b{make_slot('two')}c{make_slot('one')}é")
    part = text.fill_some({"one": make_slot("two"), "three": "3"})
    assert part.slots == ("two",)
    assert part.fill({"two": "2"}) == f"a{make_slot('two')}b2c{make_slot('two')}é"
    assert part.size == len(part.fill({"two": ""}).encode())
    assert text.fill({"one": "1", "two": "2"}) == "a1b2c1é"


def test_a_title_cannot_forge_a_slot() -> None:
    forged = "\ue000unsubscribe_url\ue001 \ue000place\ue001"
    paper = make_paper(title=forged, abstract=forged)
    item = {"id": paper.pk, "section": "new", "topics": [[1, forged, "x"]]}
    delivery = make_delivery(contents={"papers": [item]})
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    html = str(message.alternatives[0][0])
    assert html.count(mail_links.unsubscribe_url(delivery.subscriber_id)) == 2
    assert forged in html


def test_thousands_of_texts_share_what_they_call_their_slots() -> None:
    slots = make_slot("place") + make_slot("numeral")
    first, second = (SlottedText.read(f"{n}{slots}") for n in "12")
    assert first.slots == ("place", "numeral")
    assert first.slots is second.slots is first.quoted.slots
    assert first.fill({"place": "3", "numeral": " 3"}) == "13 3"
