"""Reports as nobody should send them: odd in one word, or on two mails of one delivery at once."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from django.test import Client

from digest.models import Delivery, ProviderEvent
from subscribers.models import Suppression
from tests.digest.track.reports import HOUR, MINUTE, make_sent
from tests.factories import NOW
from tests.webhook_posts import (
    SETTINGS,
    Happening,
    build_document,
    post_document,
    stand_in_packages,
)

pytestmark = pytest.mark.django_db
TWO = ("brevo", "mailgun")
WORDS: list[Any] = [
    *("a\ud800@example.org", "\udfff", "\0", "\x1b[2J", "x" * 70_000, "", " ", "@", "<>", "a@b@c"),
    *(10**30, -1, 1.5, True, None, [], {}, ["reader@example.org"], {"delivery": "x"}),
    *("2026-04-31", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "-1e9"),
]


@pytest.fixture
def webhooks(settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.ANYMAIL = SETTINGS
    stand_in_packages(monkeypatch)
    return client


def _list_places(document: Any) -> list[tuple[Any, Any]]:
    """Every container in a document with a key of its own: where one word can be put."""
    places = [(document, key) for key in list(document)]
    for key in list(document):
        if isinstance(document[key], dict):
            places += _list_places(document[key])
    return places


@pytest.mark.parametrize("provider", TWO)
def test_one_odd_word_anywhere_in_a_report_is_never_a_fault_of_ours(
    provider: str, webhooks: Client
) -> None:
    sent = make_sent()
    hard = Happening(provider, "hard", sent.subscriber.email, sent.message_id, NOW, "e-1")
    count = len(_list_places(build_document(hard)))
    answers = {}
    for at in range(count):
        for word in WORDS:
            document = build_document(hard)
            container, key = _list_places(document)[at]
            container[key] = word
            answer = post_document(webhooks, provider, document, f"{at} {word!r}"[:80])
            answers[f"{key}={word!r}"[:80]] = answer.status_code
    assert set(answers.values()) == {200, 400}, answers
    assert {str(row.delivery_id) for row in ProviderEvent.objects.all()} <= {str(sent.pk), "None"}


def _add_key(provider: str, document: Any, key: str) -> Any:
    """Our metadata as each hands it back."""
    if provider == "mailgun":
        document["event-data"]["user-variables"] = {"delivery": key}
    else:
        document["X-Mailin-custom"] = json.dumps({"delivery": key})
    return document


@pytest.mark.parametrize("provider", TWO)
def test_reports_on_two_mails_of_one_delivery_end_alike_in_any_order_and_however_often(
    provider: str, webhooks: Client
) -> None:
    told = [
        ("hard", "<first@relay>", NOW + MINUTE),
        ("delivered", "<second@relay>", NOW + HOUR),
        ("complaint", "<second@relay>", NOW + 2 * HOUR),
    ]
    ends = set()
    for order in permutations(told):
        sent = make_sent(claimed_at=NOW + HOUR, message_id="<second@relay>", attempts=2)
        address = sent.subscriber.email
        for what, message_id, moment in (*order, *order[::-1]):  # each comes twice
            event_id = f"{sent.pk} {what}"
            of = Happening(provider, what, address, message_id, moment, event_id)
            document = _add_key(provider, build_document(of), str(sent.key))
            assert post_document(webhooks, provider, document, event_id).status_code == 200
        row = Delivery.objects.get(pk=sent.pk)
        ends.add((row.status, row.bounced_at, row.delivered_at, row.complained_at))
        assert ProviderEvent.objects.filter(delivery=row).count() == 3
        assert Suppression.objects.about(address).exists()
        row.delete()  # the next order has a delivery of the same id
    assert ends == {("sent", NOW + MINUTE, NOW + HOUR, NOW + 2 * HOUR)}


@pytest.mark.parametrize("provider", TWO)
def test_a_key_moved_to_another_mail_or_another_reader_changes_nothing_there(
    provider: str, webhooks: Client
) -> None:
    mine, theirs = make_sent(), make_sent()
    for address, message_id, key in (
        (theirs.subscriber.email, "<of-nobody@relay>", mine.key),
        ("stranger@example.org", mine.message_id, mine.key),
        (theirs.subscriber.email, mine.message_id, mine.key),
    ):
        of = Happening(provider, "hard", address, message_id, NOW + MINUTE, f"{address}{key}")
        document = _add_key(provider, build_document(of), str(key))
        assert post_document(webhooks, provider, document, of.event_id).status_code == 200
    assert not ProviderEvent.objects.exists()
    assert not Suppression.objects.exists()
