"""Which parts of the service are silent: beat, workers, sources."""

from __future__ import annotations

from datetime import datetime

from celery import current_app
from django.conf import settings
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from digest.watch import heartbeat, source_age
from digest.watch.queues import read_queue_lengths
from subscribers import forgiving_cache


def find_silent_parts(now: datetime) -> list[str]:
    """The parts that have given no sign of life for a while; [] where all is well.

    Without Redis beat and worker are in one process, which tells nobody: there the sources speak
    for them, which nobody asks when it stands still.
    """
    silent = _find_silent_workers(now) if settings.REDIS_URL else []
    return [*silent, "sources"] if source_age.are_all_silent(now) else silent


def _find_silent_workers(now: datetime) -> list[str]:
    """`beat` where nobody calls, `worker (queue)` where calls wait that nobody answers."""
    queues = [queue.name for queue in current_app.conf.task_queues]
    silent = heartbeat.find_silent(queues, now)
    if not silent:
        return []
    try:
        waiting = read_queue_lengths()
    except (OperationalError, *forgiving_cache.UNREACHABLE):
        return ["broker"]
    held_up = [queue for queue in silent if waiting.get(queue)]
    return [_("worker (%(queue)s)") % {"queue": queue} for queue in held_up] or ["beat"]
