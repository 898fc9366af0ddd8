"""A provider that wants to be left alone is left alone, for as long as it said and no longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from digest.deliver import deliver_planned
from digest.deliver.provider.pause import (
    delete_impossible_pauses,
    end_pause,
    find_pause,
    start_pause,
    take_trial,
)
from digest.models import ProviderPause
from tests.factories import NOW, make_delivery, make_pause

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NAME = "Postmark 12345678"


def test_a_pause_is_found_until_it_is_ended() -> None:
    assert find_pause(NAME, NOW) is None
    start_pause(NAME, NOW, MINUTE, "It asked for a pause. " * 30)
    pause = find_pause(NAME, NOW + 2 * MINUTE)
    assert pause is not None
    assert (pause.paused_at, pause.until) == (NOW, NOW + MINUTE)
    assert len(pause.reason) == 300
    assert str(pause) == f"{NAME} until 2026-04-22 12:01"
    trial = take_trial(pause, NOW + 2 * MINUTE)
    assert trial
    end_pause(trial, NOW + 2 * MINUTE)
    assert find_pause(NAME, NOW + 2 * MINUTE) is None


def test_one_run_alone_takes_the_trial() -> None:
    start_pause(NAME, NOW, MINUTE, "It asked for a pause.")
    pause = ProviderPause.objects.get()
    assert take_trial(pause, NOW + MINUTE)
    assert take_trial(pause, NOW + MINUTE) is None


def test_the_longer_of_two_pauses_stays_with_its_reason() -> None:
    start_pause(NAME, NOW, 5 * MINUTE, "long")
    start_pause(NAME, NOW, MINUTE, "short")
    assert ProviderPause.objects.get().reason == "long"
    start_pause(NAME, NOW + MINUTE, 9 * MINUTE, "longer")
    [pause] = ProviderPause.objects.all()
    assert (pause.reason, pause.until) == ("longer", NOW + 10 * MINUTE)


def test_a_pause_set_by_another_worker_meanwhile_is_not_ended() -> None:
    start_pause(NAME, NOW, MINUTE, "ours")
    trial = take_trial(ProviderPause.objects.get(), NOW + MINUTE)
    assert trial
    start_pause(NAME, NOW, 5 * MINUTE, "theirs")
    end_pause(trial, NOW + MINUTE)
    assert find_pause(NAME, NOW) is not None


def test_one_providers_pause_holds_up_no_other(settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    make_pause(provider=NAME)
    make_delivery()
    assert deliver_planned(NOW).counts["sent"] == 1
    assert find_pause(NAME, NOW) is not None


def test_a_pause_of_a_clock_that_went_wrong_counts_for_nothing_and_is_forgotten() -> None:
    start_pause(NAME, NOW + timedelta(days=400), MINUTE, "a year ahead")
    assert find_pause(NAME, NOW) is None
    start_pause(NAME, NOW, MINUTE, "now")
    assert ProviderPause.objects.get().until == NOW + MINUTE
    start_pause(NAME, NOW + timedelta(days=400), MINUTE, "a year ahead")
    delete_impossible_pauses(NOW)
    assert not ProviderPause.objects.exists()


def test_a_pause_that_ends_before_it_begins_cannot_be_saved() -> None:
    with pytest.raises(IntegrityError):
        make_pause(until=NOW - MINUTE)
