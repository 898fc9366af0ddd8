"""A call holds more mails as long as all goes well, and few as soon as anything does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from digest.deliver import deliver_planned
from digest.deliver.provider import call_size
from digest.deliver.provider.call_size import CallSize
from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.pacing import Pace
from digest.deliver.provider.traits import TRAITS
from digest.models import Delivery
from tests.factories import NOW, make_delivery, make_paper
from tests.provider_server import Book, provider_server

SENT = SendResult(Outcome.SENT)
SOON = 0.3


def choose_after(size: CallSize, *calls: tuple[list[SendResult], float]) -> list[int]:
    chosen = [size.choose()]
    for results, took in calls:
        size.note_results(results, took)
        chosen.append(size.choose())
    return chosen


def test_each_call_that_is_answered_well_and_soon_doubles_the_next_one() -> None:
    size = CallSize(TRAITS["Postmark"], Pace())
    calls = [([SENT] * count, SOON) for count in (20, 20, 40, 50)]
    assert choose_after(size, *calls) == [20, 40, 40, 50, 50]


@pytest.mark.parametrize(
    "outcome",
    [Outcome.UNKNOWN, Outcome.UNAVAILABLE, Outcome.DEFERRED, Outcome.NOT_ATTEMPTED],
)
def test_after_anything_else_it_begins_anew(outcome: Outcome) -> None:
    size = CallSize(TRAITS["Postmark"], Pace())
    calls = [([SENT] * 20, SOON), ([SENT] * 39 + [SendResult(outcome)], SOON)]
    assert choose_after(size, *calls) == [20, 40, 20]


def test_a_refused_address_is_an_answer_and_a_refusal_of_all_is_none_to_trust() -> None:
    size = CallSize(TRAITS["Postmark"], Pace())
    refused = SendResult(Outcome.REJECTED)
    assert choose_after(
        size, ([SENT] * 19 + [refused], SOON), ([refused] * 40, SOON), ([], SOON)
    ) == [20, 40, 20, 20]


def test_a_slow_answer_lets_it_grow_no_further_and_a_very_slow_one_ends_it() -> None:
    size = CallSize(TRAITS["Postmark"], Pace())
    calls = [([SENT] * 20, SOON), ([SENT] * 40, 5 * SOON), ([SENT] * 40, 11 * SOON)]
    assert choose_after(size, *calls) == [20, 40, 40, 20]


def test_it_is_never_more_than_a_second_allows() -> None:
    for allowed, most in ((30.0, 30), (7.5, 20)):
        size = CallSize(TRAITS["Postmark"], Pace(messages_per_second=allowed))
        assert choose_after(size, *[([SENT] * 100, SOON)] * 4)[-1] == most


@pytest.mark.parametrize("name", sorted(set(TRAITS) - {"Postmark"}))
def test_it_is_the_same_where_calls_have_keys_or_take_one_mail(name: str) -> None:
    size = CallSize(TRAITS[name], Pace())
    assert set(choose_after(size, *[([SENT] * 100, SOON)] * 3)) == {TRAITS[name].batch_size}


@pytest.fixture
def book(settings: Any) -> Iterator[Book]:
    with provider_server() as server:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": server.url}
        settings.DELIVER_CALLS_AT_ONCE = 1
        settings.CANARY_MINUTES = 0
        yield server.book


@pytest.mark.django_db
def test_a_call_without_an_answer_leaves_one_call_unknown_and_the_next_has_few(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_size, "QUICK_SECONDS", 60.0)
    items = [{"id": make_paper().pk, "section": "new", "topics": []}]
    for _ in range(100):
        make_delivery(contents={"papers": items})
    book.faults += ["", "drop"]
    deliver_planned(NOW)
    assert [len(call.rows) for call in book.calls] == [20, 40, 20, 20]
    assert Delivery.objects.in_doubt().count() == 40
    assert Delivery.objects.sent().count() == 60
