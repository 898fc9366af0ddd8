"""A clock that is set back or forward neither hastens nor delays what waits."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

from digest import tasks
from digest.models import MachineClock, ServiceClock
from digest.watch import clock
from digest.watch.clock import LARGEST_FOLLOWED, STANDS_FOR
from subscribers import database_clock
from tests.factories import NOW, make_delivery, make_subscriber
from tests.fake_clocks import FakeClocks

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86400))
STEPS = [DAY, -2 * HOUR, 400 * DAY, -400 * DAY]


def test_without_any_step_the_service_goes_by_the_databases_clock(clocks: FakeClocks) -> None:
    assert clocks.pass_time(MINUTE) == NOW + MINUTE
    assert clocks.pass_time(DAY) == NOW + MINUTE + DAY
    assert clock.read_state().set_at is None


@pytest.mark.parametrize("step", STEPS)
def test_a_clock_that_is_set_moves_the_service_for_an_hour_not_at_all(
    clocks: FakeClocks, step: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    clocks.wall += step
    assert clock.read_now() == NOW
    assert clocks.pass_time(STANDS_FOR - SECOND) == NOW + STANDS_FOR - SECOND
    [alarm] = [row for row in caplog.records if row.levelno == logging.CRITICAL]
    assert "The clock was set" in alarm.message
    assert clock.describe_step(step) in alarm.message


@pytest.mark.parametrize("step", STEPS)
def test_a_time_that_has_stood_for_an_hour_is_taken_over(
    clocks: FakeClocks, step: timedelta
) -> None:
    clocks.wall += step
    clock.read_now()
    assert clocks.pass_time(STANDS_FOR) == clocks.wall == NOW + STANDS_FOR + step
    assert clocks.pass_time(MINUTE) == clocks.wall
    assert clock.read_state().set_at is None


@pytest.mark.parametrize("step", STEPS)
def test_a_clock_that_is_put_right_again_leaves_no_trace(
    clocks: FakeClocks, step: timedelta
) -> None:
    delivery = make_delivery(retry_at=NOW + HOUR)
    clocks.wall += step
    clocks.pass_time(30 * MINUTE)
    clocks.wall -= step
    assert clocks.pass_time(MINUTE) == NOW + 31 * MINUTE
    assert clocks.pass_time(DAY) == clocks.wall
    delivery.refresh_from_db()
    assert (delivery.retry_at, delivery.expires_at) == (NOW + HOUR, None)


def test_what_a_time_server_corrects_is_followed_at_once(clocks: FakeClocks) -> None:
    clocks.wall += LARGEST_FOLLOWED
    assert clock.read_now() == NOW + LARGEST_FOLLOWED
    clocks.wall -= LARGEST_FOLLOWED
    assert clock.read_now() == NOW


def test_a_service_that_was_down_for_a_day_and_a_machine_that_slept_are_no_step(
    clocks: FakeClocks,
) -> None:
    assert clocks.pass_time(DAY) == NOW + DAY
    assert clock.read_state().set_at is None


def test_after_a_restart_the_clock_may_be_later_but_never_earlier(clocks: FakeClocks) -> None:
    clocks.boot_id, clocks.up_for, clocks.wall = "second", MINUTE, NOW + DAY
    assert clock.read_now() == NOW + DAY
    clocks.boot_id, clocks.wall = "third", NOW - 400 * DAY
    assert clock.read_now() == NOW + DAY


def test_two_machines_note_a_step_once(clocks: FakeClocks) -> None:
    clocks.boot_id, clocks.up_for = "second", 7 * DAY
    clock.read_now()
    clocks.wall += DAY
    assert clock.read_now() == NOW
    clocks.boot_id, clocks.up_for = "first", HOUR
    assert clock.read_now() == NOW
    assert ServiceClock.objects.get().ahead_by == DAY


def test_a_paused_machine_does_not_judge_the_clock_where_others_went_on(
    clocks: FakeClocks,
) -> None:
    clocks.boot_id = "second"
    clocks.pass_time(DAY)
    clocks.boot_id, clocks.up_for = "first", HOUR + MINUTE  # it counted one minute of that day
    assert clock.read_now() == NOW + DAY
    assert clock.read_state().set_at is None
    assert clocks.pass_time(MINUTE) == NOW + DAY + MINUTE


def test_an_operator_who_accepts_the_clock_need_not_wait(clocks: FakeClocks) -> None:
    assert not clock.accept_clock()
    clocks.wall += DAY
    clock.read_now()
    assert clock.accept_clock()
    assert clock.read_now() == NOW + DAY
    assert not clock.accept_clock()


def test_an_acceptance_is_of_one_step_only(clocks: FakeClocks) -> None:
    clocks.wall += DAY
    clock.read_now()
    clock.accept_clock()
    clocks.wall += DAY
    assert clock.read_now() == NOW


def test_no_time_is_taken_over_in_the_middle_of_a_call(clocks: FakeClocks) -> None:
    delivery = make_delivery(status="claimed", claimed_at=NOW)
    clocks.wall += DAY
    clock.read_now()
    assert clocks.pass_time(2 * STANDS_FOR) == NOW + 2 * STANDS_FOR
    delivery.status = "planned"
    delivery.save()
    assert clock.read_now() == clocks.wall


def test_a_long_run_hears_that_its_moments_are_of_another_time(
    clocks: FakeClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "LOOK_SECONDS", 0.0)
    goes_on = clock.watch_changes()
    clocks.wall += DAY
    clock.read_now()
    assert goes_on()
    clocks.pass_time(STANDS_FOR)
    assert not goes_on()
    assert clock.watch_changes()()


def test_a_task_for_subscribers_reads_the_time_after_the_clocks_were_compared(
    clocks: FakeClocks,
) -> None:
    clocks.wall += DAY
    assert database_clock.read_now() == NOW + DAY
    assert clock.read_state().ahead_by == DAY


@pytest.mark.parametrize(
    "call", [tasks.compose_due, tasks.deliver_planned, tasks.settle_doubts, tasks.sweep]
)
def test_every_call_of_beat_notices_a_step(clocks: FakeClocks, call: Callable[[], None]) -> None:
    clocks.wall += DAY
    call()
    assert clock.read_state().ahead_by == DAY


def test_what_is_planned_is_sent_and_not_expired_when_the_clock_goes_forward_a_day(
    clocks: FakeClocks, settings: Any
) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    delivery = make_delivery(covers_until=NOW - HOUR)
    clocks.wall += DAY
    tasks.sweep()
    tasks.deliver_planned()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sent_at.date()) == ("sent", NOW.date())


def test_nobody_is_composed_for_early_or_again(clocks: FakeClocks) -> None:
    reader = make_subscriber(next_digest_at=NOW + 3 * HOUR)
    for step in (DAY, -DAY, -2 * HOUR, 2 * HOUR):
        clocks.wall += step
        tasks.compose_due()
    assert not reader.deliveries.exists()
    clocks.pass_time(3 * HOUR)
    tasks.compose_due()
    clocks.wall -= 2 * HOUR
    clocks.pass_time(STANDS_FOR)
    clocks.pass_time(STANDS_FOR + HOUR)
    tasks.compose_due()
    assert reader.deliveries.count() == 1


def test_a_row_is_written_twice_a_minute_at_most(clocks: FakeClocks) -> None:
    clocks.pass_time(SECOND)
    assert MachineClock.objects.get().read_at == NOW
    clocks.pass_time(MINUTE)
    assert MachineClock.objects.get().read_at == NOW + 61 * SECOND


def test_machines_that_did_not_come_back_are_forgotten(clocks: FakeClocks) -> None:
    clocks.pass_time(31 * DAY)
    clocks.boot_id = "second"
    clock.read_now()
    assert set(MachineClock.objects.values_list("boot_id", flat=True)) == {"first", "second"}
    clocks.pass_time(31 * DAY)
    clocks.boot_id = "third"
    clock.read_now()
    assert set(MachineClock.objects.values_list("boot_id", flat=True)) == {"second", "third"}


def test_where_the_tables_do_not_answer_it_is_what_the_machine_shows(
    monkeypatch: pytest.MonkeyPatch, that_wednesday: None
) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(clock, "read_state", fail)
    assert clock.read_now_or_wall() == NOW


def test_the_machines_own_clocks_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = clock.read_up_time(), clock.read_up_time()
    assert timedelta() < first <= second
    monkeypatch.setattr(clock, "_BOOT_ID", tmp_path / "none")
    assert clock.read_boot_id() == ""
    monkeypatch.delattr("time.CLOCK_BOOTTIME", raising=False)
    assert clock.read_up_time() > timedelta()


def test_a_step_is_said_in_days_hours_and_minutes() -> None:
    assert clock.describe_step(DAY) == "forward by 1 day"
    assert clock.describe_step(-timedelta(hours=2, minutes=5, seconds=9)) == "back by 2 h 5 min"
    assert clock.describe_step(timedelta(minutes=7, seconds=3)) == "forward by 7 min 3 s"
    assert clock.describe_step(3 * DAY + timedelta(hours=1)) == "forward by 3 days 1 h"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no clock of its own.")
def test_a_servers_clock_and_both_rows_are_read_in_one_query(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(clock, "CLOCKS", clock.Clocks())
    before = clock.read_now()  # writes the machine's row
    with django_assert_num_queries(1):
        now = clock.read_now()
    assert before <= now <= before + HOUR
    ServiceClock.objects.update_or_create(pk=1, defaults={"ahead_by": DAY, "set_at": now - DAY})
    MachineClock.objects.update(read_at=now - DAY)
    with django_assert_num_queries(1):
        assert now <= clock.read_now() + DAY <= now + HOUR
