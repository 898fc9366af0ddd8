"""Which queue each task waits in, and how long each may take."""

from __future__ import annotations

import pytest

from config.celery import app
from config.worker_settings import (
    EVERY_SECONDS,
    HARD_SECONDS,
    QUEUES,
    SOFT_SECONDS,
    VISIBLE_AGAIN_SECONDS,
    make_schedule,
)


def find_queue(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


@pytest.mark.django_db  # Celery has the models checked, and Django 6.1 asks the database for that
def test_every_task_of_ours_waits_in_a_queue_that_it_was_given() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if name.split(".")[0] in ("digest", "subscribers")]
    found = {name: find_queue(name) for name in ours}
    assert found.pop("digest.tasks.answer") == "ingest"  # beat names a queue each time
    assert set(found) == {*EVERY_SECONDS, "subscribers.tasks.send_confirmation"} | {
        "digest.tasks.first_digest",
        "digest.tasks.deliver_first",
    }
    # A provider that hangs must not hold up who composes.
    assert {found["digest.tasks.deliver_planned"], found["digest.tasks.deliver_first"]} == {
        "deliver"
    }
    assert {task for task, queue in found.items() if queue == "letters"} == {
        *(task for task in ours if task.startswith("subscribers.")),
        "digest.tasks.check_standing",
        "digest.tasks.count_figures",
    }
    assert set(found.values()) == set(QUEUES)


def test_letters_are_looked_for_first() -> None:
    assert QUEUES[0] == "letters"
    assert [queue.name for queue in app.conf.task_queues] == list(QUEUES)
    assert app.conf.broker_transport_options["queue_order_strategy"] == "priority"


def test_every_queue_is_asked_for_an_answer() -> None:
    asked = [call for call in make_schedule().values() if call["task"] == "digest.tasks.answer"]
    assert [call["options"]["queue"] for call in asked] == list(QUEUES)
    assert [call["args"] for call in asked] == [(queue,) for queue in QUEUES]


def test_a_call_that_nobody_heard_is_dropped_before_the_next_one() -> None:
    for call in make_schedule().values():
        assert 0 < call["options"]["expires"] < call["schedule"]


def test_a_task_whose_worker_died_is_heard_again_and_none_runs_for_ever() -> None:
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, True)
    assert app.conf.worker_prefetch_multiplier == 1
    assert SOFT_SECONDS < HARD_SECONDS < VISIBLE_AGAIN_SECONDS
    assert app.conf.task_time_limit == HARD_SECONDS
