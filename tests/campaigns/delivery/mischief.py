"""What befalls the service while it delivers: one thing every few seconds, drawn with a seed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from redis import Redis
from redis.exceptions import RedisError
from with_services import Servers, restart_postgres

from digest.models import Delivery
from tests.campaigns.delivery.processes import Process, Service
from tests.campaigns.delivery.trapped_app import STEPS

AWAY_SECONDS = 4.0  # of Redis, and of PostgreSQL's connections


class Mischief:
    """Knows how to harm a service; `counts` says what was done, `recoveries` how long it lasted.

    A recovery is over when no delivery is held any more by the run of a process that was killed.
    """

    def __init__(self, service: Service, servers: Servers, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.recoveries: list[float] = []
        self.endings: list[float] = []  # seconds from SIGTERM to the end
        self._service, self._servers = service, servers
        self._dice = random.Random(seed)
        self._trap = Path(service.env["TRAP"])
        self._held: list[tuple[float, set[tuple[int, int]]]] = []
        self._steps = list(STEPS)
        self._deeds: list[Callable[[], str]] = [
            *[self._set_trap] * 6,
            *[self._kill_child] * 3,
            *[self._kill_worker] * 3,
            self._kill_beat,
            self._end_worker,
            self._empty_redis,
            self._stop_redis,
            self._cut_postgres,
            self._restart_postgres,
            self._repeat_tasks,
        ]

    @property
    def is_waiting(self) -> bool:
        """Whether a recovery is not over yet."""
        return bool(self._held)

    def do_something(self) -> str:
        """One deed; what it was."""
        what = self._dice.choice(self._deeds)()
        self.counts[what] += 1
        return what

    def look(self) -> None:
        """Note which of the killed have had their deliveries taken over by now."""
        if self._trap.with_suffix(".sprung").exists():
            self._trap.with_suffix(".sprung").unlink()
            self._note_kill()
        claimed = self._read_claimed()
        if claimed is None:
            return
        waiting = []
        for began, held in self._held:
            if left := held & claimed:
                waiting.append((began, left))
            else:
                self.recoveries.append(time.monotonic() - began)
        self._held = waiting

    # -- deeds -------------------------------------------------------------------------------------

    def _set_trap(self) -> str:
        step = self._steps[0]
        self._steps = [*self._steps[1:], step]
        self._trap.write_text(step)
        return f"killed when {step}"

    def _kill_child(self) -> str:
        children = [pid for worker in self._service.workers for pid in worker.find_children()]
        if children:
            self._note_kill()
            with suppress(ProcessLookupError):
                os.kill(self._dice.choice(children), signal.SIGKILL)
        return "a child killed"

    def _kill_worker(self) -> str:
        self._note_kill()
        self._dice.choice(self._service.workers).kill_all()
        return "a worker killed with its children"

    def _kill_beat(self) -> str:
        self._dice.choice(self._service.beats).kill_all()
        return "a beat killed"

    def _end_worker(self) -> str:
        worker: Process = self._dice.choice(self._service.workers)
        if worker.is_running():
            self.endings.append(worker.end())
        return "a worker ended by SIGTERM"

    def _empty_redis(self) -> str:
        with suppress(RedisError), _connect_redis() as redis:
            redis.flushall()
        return "Redis flushed"

    def _stop_redis(self) -> str:
        with suppress(RedisError), _connect_redis() as redis:
            pid = redis.info("server")["process_id"]
            os.kill(pid, signal.SIGSTOP)
            time.sleep(AWAY_SECONDS)
            os.kill(pid, signal.SIGCONT)
        return "Redis away for seconds"

    def _cut_postgres(self) -> str:
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        return "all connections to PostgreSQL cut"

    def _restart_postgres(self) -> str:
        connection.close()
        restart_postgres(self._servers, self._dice.random() * AWAY_SECONDS)
        return "PostgreSQL restarted"

    def _repeat_tasks(self) -> str:
        from digest import tasks  # noqa: PLC0415 (Celery is not needed before)

        with suppress(Exception):  # the broker may be away just now
            for _ in range(10):
                tasks.deliver_planned.apply_async(retry=False)
        return "ten tasks too many"

    # -- what they left behind ---------------------------------------------------------------------

    def _note_kill(self) -> None:
        if claimed := self._read_claimed():
            self._held.append((time.monotonic(), claimed))

    def _read_claimed(self) -> set[tuple[int, int]] | None:
        try:
            rows = Delivery.objects.filter(status="claimed").values_list("pk", "claimed_by")
            return {(pk, run or 0) for pk, run in rows}
        except Error:
            connection.close()
            return None


def _connect_redis() -> Redis:
    return Redis(unix_socket_path=settings.REDIS_URL.removeprefix("redis+socket://"))
