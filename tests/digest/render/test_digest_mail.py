"""A mail joined of quoted pieces is the mail that is joined of plain ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.render import Typesetter
from digest.render import stage as render_stage
from digest.render.card import Size
from digest.render.digest_mail import DigestMail
from subscribers.site_look import Look
from tests.factories import make_delivery, make_paper, make_reader

pytestmark = pytest.mark.django_db
AWKWARD = 'Ro"bots" \\ back\\slash & <b>é</b> 🤖\u2028 {{ 7 }} #a8321a'


def set_both(count: int = 7, **said: Any) -> tuple[DigestMail, DigestMail]:
    """One delivery's mail, quoted and plain."""
    items = []
    for n in range(count):
        paper = make_paper(
            title=f"{AWKWARD} {n}", abstract=f"{AWKWARD} is studied. " * 20, authors=[AWKWARD] * n
        )
        topics = [[1, 'ro"bots"', 'Ro"bots"'], [2, "🤖", "🤖"]][: 1 + n % 2]
        evidence = {"evidence": f"{AWKWARD} votes"} if n % 2 else {}
        items.append({"id": paper.pk, "section": "new", "topics": topics} | evidence)
    delivery = make_delivery(
        subscriber=make_reader(),
        contents={"papers": items, "seen": count, "sources": [AWKWARD], **said},
    )
    mails = [Typesetter(is_quoted=quoted).render_all([delivery])[0] for quoted in (True, False)]
    assert isinstance(mails[0], DigestMail)
    assert isinstance(mails[1], DigestMail)
    return mails[0], mails[1]


@pytest.mark.parametrize("said", [{}, {"is_first": True}])
def test_its_bodies_are_the_same_to_the_byte(said: dict[str, Any]) -> None:
    quoted, plain = set_both(**said)
    assert quoted.quoted
    assert quoted.quoted.text == json.dumps(plain.body)[1:-1]
    assert quoted.quoted.html == json.dumps(plain.alternatives[0][0])[1:-1]
    assert quoted.is_as_made
    copy = quoted.make_plain()
    assert quoted.is_as_made
    for mail in (copy, quoted):
        assert (mail.body, mail.alternatives) == (plain.body, plain.alternatives)
        assert (mail.subject, mail.to, mail.extra_headers) == (
            *(plain.subject, plain.to),
            plain.extra_headers,
        )
        assert vars(mail)["metadata"] == plain.metadata


def test_so_they_are_in_another_color_and_where_not_all_has_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render_stage, "read_look", lambda: Look(accent="#123456"))
    monkeypatch.setattr(render_stage, "fit_cards", lambda *_: [Size.FULL, Size.SHORT, Size.TITLE])
    quoted, plain = set_both()
    assert "#123456" in str(plain.alternatives[0][0])
    assert (quoted.body, quoted.alternatives) == (plain.body, plain.alternatives)


def test_its_size_is_reckoned_as_that_of_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[int] = []

    def note_room(cards: list[Any], room: int, _address_bytes: int) -> list[Size]:
        rooms.append(room)
        return [Size.FULL] * len(cards)

    monkeypatch.setattr(render_stage, "fit_cards", note_room)
    set_both()
    assert rooms[0] == rooms[1]


def test_what_somebody_changes_is_what_counts() -> None:
    quoted, plain = set_both()
    quoted.body = "Another text."
    assert not quoted.is_as_made
    assert quoted.alternatives == plain.alternatives
    assert quoted.body == "Another text."
    asked, _ = set_both()
    assert asked.body
    assert not asked.is_as_made
    tagged, _ = set_both()
    tagged.tags = ["a tag"]  # type: ignore[attr-defined]
    assert not tagged.is_as_made
