"""When a run stops calling a provider, for how long, and how it finds out that all is well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from anymail.exceptions import AnymailUnsupportedFeature

from digest.deliver.provider.judge import DEFAULT_PAUSE, judge_build_error, judge_exception
from digest.deliver.provider.outcomes import CALL_CHANGED, NOT_ATTEMPTED, Outcome, SendResult
from digest.deliver.provider.pause import TRIAL_TAKES
from digest.deliver.provider.pause_watch import (
    ACCOUNT_PAUSE,
    LONGEST_GUESS,
    SILENCE_PAUSE,
    PauseWatch,
)
from digest.models import ProviderPause
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NAME = "Postmark 12345678"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SENT = SendResult(Outcome.SENT)
SILENCE = SendResult(Outcome.UNKNOWN, error="no answer")


def read_length() -> timedelta:
    pause = ProviderPause.objects.get()
    return pause.until - pause.paused_at


def test_a_batch_without_an_answer_is_one_silence() -> None:
    watch = PauseWatch(NAME)
    for _ in range(2):
        watch.note_results([SILENCE] * 100, NOW)
    assert watch.find_running(NOW) is None
    watch.note_results([SILENCE] * 100, NOW)
    pause = watch.find_running(NOW)
    assert pause
    assert (read_length(), "gives no answers" in pause.reason) == (SILENCE_PAUSE, True)


def test_runs_of_one_call_each_learn_together_that_nobody_answers() -> None:
    """As first digests are: none of them waits once the third got no answer."""
    for _ in range(3):
        assert PauseWatch(NAME).find_running(NOW) is None
        PauseWatch(NAME).note_results([SILENCE], NOW)
    assert PauseWatch(NAME).find_running(NOW)
    assert read_length() == SILENCE_PAUSE


def test_an_answer_to_any_run_ends_the_row_of_silences_of_all() -> None:
    others = PauseWatch(NAME)
    for n in range(9):
        PauseWatch(NAME).note_results([SILENCE], NOW + n * SECOND)
        if n % 2:
            others.note_results([SENT], NOW + n * SECOND)
    assert not ProviderPause.objects.exists()


def test_an_answer_between_two_silences_ends_the_row_of_them() -> None:
    watch = PauseWatch(NAME)
    for results in ([SILENCE], [SILENCE], [SENT, SILENCE], [SILENCE], [NOT_ATTEMPTED], [SILENCE]):
        watch.note_results(results, NOW)
    assert not ProviderPause.objects.exists()


def test_each_try_without_an_answer_doubles_the_pause_up_to_a_quarter_of_an_hour() -> None:
    watch, now, lengths = PauseWatch(NAME), NOW, []
    for _ in range(3):
        watch.note_results([SILENCE], now)
    for _ in range(8):
        lengths.append(read_length())
        now = ProviderPause.objects.get().until + SECOND
        assert watch.find_running(now) is None
        assert watch.is_trying
        watch.note_results([SILENCE], now)
    assert lengths[:3] == [SILENCE_PAUSE, 2 * SILENCE_PAUSE, 4 * SILENCE_PAUSE]
    assert lengths[-1] == LONGEST_GUESS


def test_a_pause_that_was_asked_for_is_kept_to_the_second_and_ends_with_the_first_mail() -> None:
    watch = PauseWatch(NAME)
    watch.note_results([SendResult(Outcome.UNAVAILABLE, pause=7 * SECOND)], NOW)
    assert watch.find_running(NOW + 6 * SECOND)
    assert not watch.is_trying
    assert watch.find_running(NOW + 7 * SECOND) is None
    assert watch.is_trying
    watch.note_results([SENT], NOW + 7 * SECOND)
    assert not watch.is_trying
    assert not ProviderPause.objects.exists()


def test_later_without_a_time_is_soon_and_then_twice_as_long_each_time() -> None:
    watch, now, lengths = PauseWatch(NAME), NOW, []
    for _ in range(3):
        watch.note_results([SendResult(Outcome.UNAVAILABLE, pause=DEFAULT_PAUSE)], now)
        lengths.append(read_length())
        now = ProviderPause.objects.get().until + SECOND
        watch.find_running(now)
    assert lengths == [DEFAULT_PAUSE, 2 * DEFAULT_PAUSE, 4 * DEFAULT_PAUSE]


def test_a_refused_account_is_left_alone_for_long() -> None:
    PauseWatch(NAME).note_results([SendResult(Outcome.ACCOUNT_REFUSED, error="no such key")], NOW)
    assert read_length() == ACCOUNT_PAUSE


def test_a_call_of_before_the_pause_tells_nothing_of_whether_it_is_over() -> None:
    watch = PauseWatch(NAME)
    watch.note_results([SendResult(Outcome.UNAVAILABLE, pause=7 * SECOND)], NOW)
    watch.find_running(NOW + 7 * SECOND)
    for result in (SILENCE, SILENCE, SENT):
        watch.note_results([result], NOW + 8 * SECOND, is_news=False)
    assert watch.is_trying
    assert ProviderPause.objects.get().until == NOW + 7 * SECOND + TRIAL_TAKES


@pytest.mark.parametrize(
    "ours",
    [
        CALL_CHANGED,
        judge_build_error(AnymailUnsupportedFeature("a feature")),
        judge_build_error(LookupError("a fault of ours")),
        judge_exception(AnymailUnsupportedFeature("a feature"), has_sent=False),
    ],
)
def test_what_we_judged_without_a_call_tells_nothing_of_whether_a_pause_is_over(
    ours: SendResult,
) -> None:
    watch = PauseWatch(NAME)
    watch.note_results([SendResult(Outcome.UNAVAILABLE, pause=MINUTE)], NOW)
    assert watch.find_running(NOW + MINUTE) is None
    watch.note_results([ours], NOW + MINUTE)
    assert (watch.is_trying, ProviderPause.objects.count()) == (True, 1)
    watch.note_results([SENT, ours], NOW + MINUTE)
    assert (watch.is_trying, ProviderPause.objects.count()) == (False, 0)


def test_of_many_runs_one_alone_finds_out_whether_a_pause_is_over() -> None:
    """Where each tried, one unlucky call of them would double the pause for all."""
    first, second, third = PauseWatch(NAME), PauseWatch(NAME), PauseWatch(NAME)
    first.note_results([SendResult(Outcome.UNAVAILABLE, pause=7 * SECOND)], NOW)
    now = NOW + 7 * SECOND
    assert (first.find_running(now), first.is_trying) == (None, True)
    assert (bool(second.find_running(now)), second.is_trying) == (True, False)
    first.note_results([SENT], now + SECOND)
    assert (second.find_running(now + SECOND), second.is_trying) == (None, False)
    second.note_results([SILENCE], now + SECOND)  # one of them is no pause
    assert (third.find_running(now + SECOND), third.is_trying) == (None, False)


def test_where_the_run_that_tries_dies_another_one_tries_soon() -> None:
    dead, heir = PauseWatch(NAME), PauseWatch(NAME)
    dead.note_results([SendResult(Outcome.UNAVAILABLE, pause=7 * SECOND)], NOW)
    dead.find_running(NOW + 7 * SECOND)
    pause = heir.find_running(NOW + 8 * SECOND)
    assert pause
    assert pause.until == NOW + 12 * SECOND
    assert (heir.find_running(NOW + 12 * SECOND), heir.is_trying) == (None, True)


def test_what_another_run_began_is_seen_within_a_second() -> None:
    watch = PauseWatch(NAME)
    assert watch.find_running(NOW) is None
    PauseWatch(NAME).note_results([SendResult(Outcome.UNAVAILABLE, pause=9 * SECOND)], NOW)
    assert watch.find_running(NOW + SECOND)
