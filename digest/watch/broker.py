"""The alarm that no task can raise: while the broker is away, no task runs.

So beat's own process looks, in a thread of its own (config/single_beat.py): beat itself may be
waiting for the broker.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import Error, connections
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from digest.watch.alarms import raise_alarm, resolve_alarm
from subscribers import forgiving_cache

logger = logging.getLogger(__name__)

KIND = "broker-away"
LOOK_EVERY = 60.0  # seconds
PATIENCE = 2  # looks in a row that find nothing: a restart is no alarm
SECONDS = 5


class BrokerWatch:
    """Looks whether the broker answers; tells the operators when it does not, and when again."""

    def __init__(self, connect: Callable[[], Any] | None = None) -> None:
        self._connect = connect or current_app.connection_for_read
        self._failures = 0

    def look(self, now: datetime) -> None:
        """One look. Raises what the database raises."""
        problem = self._find_problem()
        self._failures = self._failures + 1 if problem else 0
        if not problem:
            resolve_alarm(KIND, now)
        elif self._failures >= PATIENCE:
            raise_alarm(
                KIND,
                _(
                    "The broker does not answer (%(problem)s): no worker hears a call, so "
                    "nothing is read, composed or sent. First see whether Redis runs and has "
                    "memory left."
                )
                % {"problem": problem},
                now,
            )

    def _find_problem(self) -> str:
        try:
            with self._connect() as broker:
                broker.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS)
        except (OperationalError, *forgiving_cache.UNREACHABLE) as error:
            return type(error).__name__
        return ""


def watch_broker(ended: threading.Event, watch: BrokerWatch | None = None) -> None:
    """Look each minute until the event is set; whatever goes wrong, look again."""
    watch = watch or BrokerWatch()
    while not ended.wait(LOOK_EVERY):
        try:
            watch.look(timezone.now())
        except Error as error:
            logger.warning("Whether the broker answers could not be noted: %s", error)
        finally:
            connections.close_all()
