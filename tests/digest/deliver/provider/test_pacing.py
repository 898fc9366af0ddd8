"""A provider's pace is one for all workers, and no clock that goes wrong stops it for long."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from anymail.backends.mailgun import MailgunPayload
from anymail.message import AnymailMessage
from django.db import connection

from digest.deliver import deliver_planned
from digest.deliver.provider.pacing import (
    LEAD_SECONDS,
    LONGEST_LATE_SECONDS,
    MARGIN,
    PACES,
    Pace,
    put_off_turns,
    read_pace,
    take_turn,
)
from digest.deliver.provider.send import Provider
from digest.models import ProviderPace
from tests.factories import NOW, make_delivery
from tests.provider_server import provider_server

NAME = "Resend 12345678"
MINUTE_SECONDS = 60.0


def test_calls_are_spaced_by_whichever_allows_less() -> None:
    assert Pace(calls_per_second=2).space_calls(100) == pytest.approx(0.5 * MARGIN)
    assert Pace(messages_per_second=10).space_calls(5) == pytest.approx(0.5 * MARGIN)
    both = Pace(calls_per_second=2, messages_per_second=10)
    assert both.space_calls(1) == pytest.approx(0.5 * MARGIN)
    assert both.space_calls(20) == pytest.approx(2 * MARGIN)
    assert Pace().space_calls(500) == 0.0


def test_a_fast_pace_is_not_slowed_by_the_lead_of_a_slow_one() -> None:
    assert Pace(calls_per_second=2).find_lead(1) == LEAD_SECONDS
    assert Pace(calls_per_second=1000).find_lead(1) == pytest.approx(MARGIN / 1000)
    assert Pace().find_lead(1) == 0.0


def test_what_the_settings_say_goes_before_what_is_published(settings: Any) -> None:
    assert read_pace("Resend") == PACES["Resend"]
    assert read_pace("Postmark") == Pace()
    settings.DELIVER_CALLS_PER_SECOND, settings.DELIVER_CONNECTIONS = 10.0, 3
    assert read_pace("Resend") == Pace(calls_per_second=10.0, connections=3)


@pytest.mark.django_db
def test_a_turn_is_taken_once_and_the_next_one_comes_later() -> None:
    pace = Pace(calls_per_second=1)
    assert take_turn(NAME, pace, 1) == 0.0
    assert 0.5 < take_turn(NAME, pace, 1) <= MARGIN
    assert take_turn("another account", pace, 1) == 0.0


@pytest.mark.django_db
def test_nothing_is_asked_where_there_is_no_limit(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert take_turn(NAME, Pace(), 100) == 0.0


@pytest.mark.django_db
def test_a_turn_that_lies_hours_ahead_was_set_by_a_wrong_clock() -> None:
    pace = Pace(calls_per_second=1)
    take_turn(NAME, pace, 1)
    ProviderPace.objects.update(free_at=time.time() + 7200)
    assert take_turn(NAME, pace, 1) == 0.0
    assert take_turn(NAME, pace, 1) <= MARGIN


@pytest.mark.django_db
def test_a_call_that_comes_late_puts_the_next_one_off() -> None:
    pace = Pace(calls_per_second=1)
    take_turn(NAME, pace, 1)
    ProviderPace.objects.update(free_at=time.time() - 0.5)
    assert take_turn(NAME, pace, 1) == 0.0
    assert take_turn(NAME, pace, 1) > 0.8


@pytest.mark.django_db
@pytest.mark.parametrize(("late_by", "put_off"), [(0.004, 0.0), (0.3, 0.3), (9.0, 1.0)])
def test_a_call_that_left_late_puts_the_turns_to_come_off(late_by: float, put_off: float) -> None:
    pace = Pace(calls_per_second=2)
    take_turn(NAME, pace, 1)
    [free_at] = ProviderPace.objects.values_list("free_at", flat=True)
    put_off_turns(NAME, pace, 1, late_by)
    assert put_off <= LONGEST_LATE_SECONDS
    assert ProviderPace.objects.get().free_at == pytest.approx(free_at + put_off, abs=1e-4)


@pytest.mark.django_db
def test_a_pace_of_many_calls_a_second_has_room_for_late_ones(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(0):
        put_off_turns(NAME, Pace(calls_per_second=1000), 1, 0.3)
        put_off_turns(NAME, Pace(), 1, 0.3)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_many_workers_together_keep_the_pace() -> None:
    pace, taken = Pace(calls_per_second=20), []
    take_turn(NAME, pace, 1)

    def work() -> None:
        try:
            while len(taken) < 12:
                wait = take_turn(NAME, pace, 1)
                if wait:
                    time.sleep(wait)
                else:
                    taken.append(time.monotonic())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    gaps = [b - a for a, b in zip(sorted(taken), sorted(taken)[1:], strict=False)]
    assert sum(gaps) / len(gaps) >= 0.05


@pytest.mark.django_db
def test_a_run_waits_for_its_turn_between_two_calls(settings: Any) -> None:
    # So slow that no machine takes as long by itself.
    settings.DELIVER_CALLS_PER_SECOND = 0.7
    with provider_server() as server:
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key",
            "MAILGUN_SENDER_DOMAIN": "mail.example.org",
            "MAILGUN_API_URL": server.url,
        }
        for _ in range(2):
            make_delivery()
        began = time.monotonic()
        assert deliver_planned(NOW).counts == {"sent": 2}
        assert time.monotonic() - began >= 1 / 0.7


def test_a_paced_call_is_prepared_first_and_leaves_at_its_own_moment(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    with provider_server() as server:
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key",
            "MAILGUN_SENDER_DOMAIN": "mail.example.org",
            "MAILGUN_API_URL": server.url,
        }
        order: list[str] = []
        build = MailgunPayload.get_request_params

        def note_build(payload: MailgunPayload, url: str) -> Any:
            order.append("built")
            return build(payload, url)

        monkeypatch.setattr(MailgunPayload, "get_request_params", note_build)

        def note_wait(seconds: float) -> None:
            order.extend(["waited"] * (seconds > 1000))  # others sleep too, for moments

        monkeypatch.setattr("subscribers.limits.call_limit.time.sleep", note_wait)
        message = AnymailMessage("Papers", "Words", "digest@example.org", ["reader@example.org"])
        message.metadata = {"delivery": "key"}
        with Provider() as provider:
            provider.hold_back(time.monotonic() + 3600)
            provider.send_messages([message])
    assert order == ["built", "waited"]


@pytest.mark.django_db(transaction=True)
def test_a_run_says_how_late_its_calls_left(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    # Its moment is so far off that a slow machine is early too.
    settings.DELIVER_CALLS_PER_SECOND = 0.01
    monkeypatch.setattr("digest.deliver.provider.pacing.LEAD_SECONDS", MINUTE_SECONDS)
    monkeypatch.setattr(
        "subscribers.limits.call_limit.time.sleep", lambda _: None
    )  # wakes too early
    said: list[float] = []
    monkeypatch.setattr(
        "digest.deliver.hand_over.put_off_turns", lambda *told: said.append(told[-1])
    )
    with provider_server() as server:
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key",
            "MAILGUN_SENDER_DOMAIN": "mail.example.org",
            "MAILGUN_API_URL": server.url,
        }
        make_delivery()
        assert deliver_planned(NOW).counts == {"sent": 1}
    assert -MINUTE_SECONDS <= said[0] < 0.0
