"""The pipeline's alarm clock: when each stage runs. What to do is in the stage modules.

Beat calls each of these every minute. All are safe to run twice, at once, and late; none hands
over anything but the present moment, since the database knows what is to be done.
"""

from __future__ import annotations

import time

from celery import shared_task
from celery.worker import state as worker_state
from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from digest import compose, deliver, ingest, match, score
from digest.models import Entry, Snapshot

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
    if cache.get("digest.scored") != state:
        score.score_papers(now)
        cache.set("digest.scored", state, 3600)
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
def sweep() -> None:
    deliver.sweep(timezone.now())
