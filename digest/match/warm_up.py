"""What a web process reads before anybody asks: its first search is then as quick as any."""

from __future__ import annotations

import gc
import logging
from datetime import datetime
from threading import Thread

from django.db import Error, connection

from digest.match.process_cache import process_cache

logger = logging.getLogger(__name__)


def start_warm_up(now: datetime) -> Thread:
    """Read beside what is being served; the thread ends when all is read."""
    thread = Thread(target=_warm_up_in_thread, args=[now], name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm_up_in_thread(now: datetime) -> None:
    try:
        warm_up(now)
        # What was read stays as long as the process. To look through it for garbage would take a
        # third of a second each time, in which no thread runs and nobody is answered.
        gc.freeze()
    finally:
        connection.close()  # the thread's own


def warm_up(now: datetime) -> None:
    """Read the papers of the search and what they teach; nothing is written.

    Without a database that answers nothing is read: whoever searches later does it.
    """
    try:
        process_cache.load(now)
    except Error as error:
        logger.info("The papers will be read on the first search: %s", error)
