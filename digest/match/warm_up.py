"""What a web process reads before anybody asks: its first search is then as quick as any."""

from __future__ import annotations

import logging
from datetime import datetime
from threading import Thread

from django.db import Error, connection

from digest.match.catalogue_cache import acronyms, catalogue
from digest.match.index_cache import learn

logger = logging.getLogger(__name__)


def begin_to_warm(now: datetime) -> Thread:
    """Read beside what is being served; the thread ends when all is read."""
    thread = Thread(target=_warm_apart, args=[now], name="warming", daemon=True)
    thread.start()
    return thread


def _warm_apart(now: datetime) -> None:
    try:
        warm(now)
    finally:
        connection.close()  # the thread's own


def warm(now: datetime) -> None:
    """Read the papers of the search and what they teach; nothing is written.

    Without a database that answers nothing is read: whoever searches later does it.
    """
    try:
        catalogue()
        acronyms()
        learn(now)
    except Error as error:
        logger.info("The papers will be read on the first search: %s", error)
