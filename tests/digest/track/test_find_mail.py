"""A report is about a mail of ours only where its address fits, and an id with it."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import ProviderEvent
from tests.digest.track.reports import make_sent, tell
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reported", ["1@relay.example.org", "<1@relay.example.org>"])
@pytest.mark.parametrize("kept", ["1@relay.example.org", "<1@relay.example.org>"])
def test_brackets_around_an_id_make_no_difference(reported: str, kept: str) -> None:
    assert tell(make_sent(message_id=kept), "delivered", message_id=reported)


@pytest.mark.parametrize(
    "forged",
    [
        {"recipient": "somebody.else@example.org"},
        {"recipient": ""},
        {"recipient": None},
        {"message_id": "another"},
        {"message_id": ""},
        {"message_id": "<>"},
        {"message_id": None},
    ],
)
def test_what_fits_no_mail_is_not_even_written_down(forged: dict[str, Any]) -> None:
    delivery = make_sent()
    assert not tell(delivery, "complained", **forged)
    delivery.refresh_from_db()
    assert (delivery.complained_at, ProviderEvent.objects.count()) == (None, 0)


def test_our_key_speaks_only_for_a_mail_whose_id_we_never_learnt() -> None:
    known = make_sent()
    unknown = make_delivery(status="in_doubt", maybe_sent_at=NOW)
    for delivery, fits in ((known, False), (unknown, True)):
        key = {"delivery": str(delivery.key)}
        assert tell(delivery, "delivered", at=NOW, message_id="m-new", metadata=key) == fits
