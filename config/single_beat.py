"""Beat, at most once: two may run, on two machines for instance, and one of them calls.

The one that calls holds a lock in PostgreSQL over a connection of its own. It goes with the process
however that ends, so that another takes over at once and no clock is asked. On SQLite all is one
machine, and two beats only make more calls than are needed.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery.beat import PersistentScheduler
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from digest.watch.broker import watch_broker

logger = logging.getLogger(__name__)

LOCK = 0x0FF9817B  # a number that nobody else in this database locks
TRY_SECONDS = 5.0


class BeatLock:
    """The lock of the one beat that calls; `hold` is asked before every call."""

    def __init__(self, name: str = "default") -> None:
        self._name = name
        self._connection: BaseDatabaseWrapper | None = None

    def hold(self) -> bool:
        """Whether we hold it: taken now if it is free, and kept as long as we live."""
        if connections[self._name].vendor != "postgresql":
            return True
        try:
            if self._connection is None:
                return self._take_lock()
            self._ask_database("SELECT 1")  # with the connection the lock would be gone
        except Error as error:
            logger.warning("Beat waits for the database: %s", error)
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take_lock(self) -> bool:
        self._connection = connections[self._name].copy()
        if self._ask_database(f"SELECT pg_try_advisory_lock({LOCK})"):
            return True
        self.release()
        return False

    def _ask_database(self, sql: str) -> Any:
        assert self._connection is not None
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
            return row and row[0]


class SingleScheduler(PersistentScheduler):
    """Celery's own scheduler, which calls only while it holds the lock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lock = BeatLock()
        self._was_first = True
        self._ended = threading.Event()
        super().__init__(*args, **kwargs)
        threading.Thread(target=watch_broker, args=[self._ended], daemon=True).start()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Call what is due; seconds until the next look."""
        is_first = self._lock.hold()
        if is_first != self._was_first:
            logger.warning("This beat calls now." if is_first else "Another beat calls: we wait.")
            self._was_first = is_first
        return float(super().tick(*args, **kwargs)) if is_first else TRY_SECONDS

    def close(self) -> None:
        self._ended.set()
        self._lock.release()
        super().close()
