"""One run with several calls under way: pauses, ends, and a database that goes away meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from config.provider_settings import read_provider_settings
from digest.deliver import RunOptions, deliver_planned, hand_over
from digest.models import Delivery, DeliveryRun, ProviderPause
from tests.factories import NOW, make_delivery
from tests.provider_server import Book, provider_server
from tests.running import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def book(settings: Any) -> Iterator[Book]:
    """What a provider that takes one mail a call, and knows no keys, is asked."""
    with provider_server() as server:
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key",
            "MAILGUN_SENDER_DOMAIN": "mail.example.org",
            "MAILGUN_API_URL": server.url,
        }
        yield server.book


def list_states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def make_deliveries(count: int) -> None:
    for _ in range(count):
        make_delivery()


def test_calls_are_under_way_at_once(book: Book, settings: Any) -> None:
    settings.DELIVER_CALLS_AT_ONCE = 4
    make_deliveries(8)
    book.meeting = 4  # no call is answered before so many have come
    deliver_planned(NOW)
    assert list_states() == ["sent"] * 8
    assert len({call.peer for call in book.calls}) == 4
    assert not DeliveryRun.objects.exists()


def test_a_pause_that_is_short_enough_is_waited_out_in_the_same_run(book: Book) -> None:
    make_deliveries(3)
    book.faults.append("429")
    book.retry_after = "2"
    began = time.monotonic()
    report = deliver_planned(NOW, options=RunOptions(patience=60 * SECOND))
    assert time.monotonic() - began >= 2
    assert (report.stopped, list_states()) == ("", ["sent"] * 3)
    assert not ProviderPause.objects.exists()


def test_a_longer_one_ends_the_run_which_says_until_when(book: Book) -> None:
    make_deliveries(3)
    book.faults += ["429"] * 4
    report = deliver_planned(NOW, options=RunOptions(patience=SECOND))
    assert report.waits_until
    assert report.waits_until >= NOW + 7 * SECOND
    assert set(list_states()) == {"planned"}


def test_a_process_that_is_told_to_end_cuts_off_what_hangs_and_gives_back_the_rest(
    book: Book, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DELIVER_CALLS_AT_ONCE = 1
    monkeypatch.setattr(hand_over, "END_SECONDS", 0.2)
    make_deliveries(3)
    book.faults.append("trickle")
    began = time.monotonic()

    def is_ending() -> bool:
        return bool(book.calls)

    deliver_planned(
        NOW, options=RunOptions(keep_going=lambda: not is_ending(), is_ending=is_ending)
    )
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert list_states() == ["in_doubt", "planned", "planned"]
    assert list(Delivery.objects.planned().values_list("attempts", flat=True)) == [0, 0]


@pytest.mark.thorough
def test_a_process_that_is_told_to_end_is_out_within_ten_seconds_of_a_hostile_amazon(
    book: Book, settings: Any
) -> None:
    """boto3 has connections of its own, which go on being read as long as a byte comes."""
    pytest.importorskip("boto3")
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
    said = json.dumps({"endpoint_url": settings.ANYMAIL["MAILGUN_API_URL"]})
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    settings.ANYMAIL = read_provider_settings(
        "amazon_ses", {"ANYMAIL_AMAZON_SES_CLIENT_PARAMS": said}
    ) | {"AMAZON_SES_SESSION_PARAMS": keys}
    settings.DELIVER_CALLS_AT_ONCE = 2
    make_deliveries(3)
    book.faults += ["trickle"] * 2
    told_at = 0.0

    def is_ending() -> bool:
        nonlocal told_at
        if len(book.calls) == 2:
            told_at = told_at or time.monotonic()
        return bool(told_at)

    deliver_planned(
        NOW, options=RunOptions(keep_going=lambda: not is_ending(), is_ending=is_ending)
    )
    assert told_at
    assert time.monotonic() - told_at < 10
    assert list_states() == ["in_doubt", "in_doubt", "planned"]


def test_what_is_not_begun_is_given_back_while_a_call_hangs(
    book: Book, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DELIVER_CALLS_AT_ONCE = 2
    monkeypatch.setattr(hand_over, "LOOK_SECONDS", 0.05)
    make_deliveries(5)
    book.meeting = 3  # the two that are under way are answered when another one comes
    seen: list[list[str]] = []

    def keep_going() -> bool:
        if len(book.calls) < 2:
            return True
        seen.append(list_states())
        if seen[-1].count("planned") == 3:
            book.meeting = 0
        return False

    deliver_planned(NOW, options=RunOptions(keep_going=keep_going))
    assert sorted(list_states()) == ["planned"] * 3 + ["sent"] * 2
    assert any(sorted(states) == ["claimed"] * 2 + ["planned"] * 3 for states in seen)


def test_what_left_is_marked_though_the_database_fails_in_between(
    book: Book, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A claim that fails ends the run, and costs nothing that is under way."""
    settings.DELIVER_CALLS_AT_ONCE = 2
    make_deliveries(1)
    claim = hand_over.claim

    def fail_later(*args: Any, **kwargs: Any) -> Any:
        if book.calls or Delivery.objects.filter(maybe_sent_at__isnull=False).exists():
            raise OperationalError("server closed the connection")
        return claim(*args, **kwargs)

    monkeypatch.setattr(hand_over, "claim", fail_later)
    with pytest.raises(OperationalError):
        deliver_planned(NOW)
    assert list_states() == ["sent"]
    assert not DeliveryRun.objects.exists()


def test_a_call_that_hangs_holds_up_neither_the_try_after_a_pause_nor_the_next_run(
    book: Book, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DELIVER_CALLS_AT_ONCE = 2
    monkeypatch.setattr(hand_over, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(hand_over, "LAST_SECONDS", 0.2)
    make_deliveries(5)
    book.faults += ["trickle", "429"]
    book.retry_after = "1"
    began = time.monotonic()
    options = RunOptions(patience=60 * SECOND, keep_going=lambda: list_states().count("sent") < 4)
    deliver_planned(NOW, options=options)
    assert sorted(list_states()) == ["in_doubt"] + ["sent"] * 4
    assert time.monotonic() - began < PATIENCE_SECONDS


def test_others_are_told_once_that_there_is_work_for_them_too(book: Book) -> None:
    make_deliveries(5)
    told: list[str] = []
    deliver_planned(NOW, options=RunOptions(size=2, on_more=lambda: told.append("more")))
    assert (told, list_states()) == (["more"], ["sent"] * 5)
    make_deliveries(1)
    told.clear()
    deliver_planned(NOW, options=RunOptions(size=2, on_more=lambda: told.append("more")))
    assert told == []


def test_a_run_says_that_it_lives_while_a_call_hangs(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_deliveries(1)
    monkeypatch.setattr(hand_over, "LOOK_SECONDS", 0.05)
    seen: list[Any] = []
    monkeypatch.setattr(hand_over, "note_alive", lambda _, now: seen.append(now))
    book.latency = 0.5
    deliver_planned(NOW)
    assert len(seen) >= 3
