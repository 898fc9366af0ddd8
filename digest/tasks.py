"""The pipeline's alarm clock: when each stage runs. What to do is in the stage modules.

Beat calls each of these every minute, but for the first digest, which a confirmation calls. All are
safe to run twice, at once, and late; none is handed more than an id: the database knows the rest.
"""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task
from celery.worker import state as worker_state
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from digest import compose, deliver, ingest, match, score, track
from digest.models import Entry, Snapshot
from digest.watch import heartbeat
from subscribers import forgiving_cache
from subscribers.models import Subscriber

DELIVER_SECONDS = 50.0  # then the next minute's call goes on


@shared_task
def ingest_due() -> None:
    ingest.ingest_due(timezone.now())


@shared_task
def score_and_match() -> None:
    """Score only when something was counted, or an hour has passed: trends change with the hour."""
    now = timezone.now()
    state = [now.strftime("%Y-%m-%d %H")]
    state += [str(model.objects.aggregate(last=Max("pk"))["last"]) for model in (Entry, Snapshot)]
    if forgiving_cache.read_value("digest.scored") != state:
        score.score_papers(now)
        forgiving_cache.write_value("digest.scored", state, 3600)
    match.match_papers(now)


@shared_task
def compose_due() -> None:
    compose.compose_due(timezone.now())


@shared_task
def deliver_planned() -> None:
    ends = time.monotonic() + DELIVER_SECONDS
    deliver.deliver_planned(
        timezone.now(),
        # A worker that is told to end leaves the rest to the next one.
        keep_going=lambda: time.monotonic() < ends and worker_state.should_stop is None,
    )


@shared_task
def first_digest(subscriber_id: int) -> None:
    """For somebody who has just confirmed: no waiting for three of the minute's calls in a row."""
    email = Subscriber.objects.filter(pk=subscriber_id).values_list("email", flat=True).first()
    if email is None:
        return
    match.match_papers(timezone.now())
    compose.compose_due(timezone.now(), only=email)
    deliver.deliver_planned(timezone.now(), only=email)


def on_confirmed(subscriber_id: int, **_: Any) -> None:
    """Wake a worker for the first digest; when the broker is down, beat's calls send it."""

    def wake() -> None:
        first_digest.apply_async((subscriber_id,), retry=False)

    transaction.on_commit(wake, robust=True)


@shared_task
def settle_doubts() -> None:
    deliver.settle_doubts(timezone.now())


@shared_task
def sweep() -> None:
    now = timezone.now()
    heartbeat.note_answer(now)
    deliver.sweep(now)
    track.sweep_events(now)
