"""The service as it runs in production, with two workers and two beats: to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]
APP = "tests.campaigns.delivery.trapped_app"
END_SECONDS = 30


@dataclass
class Process:
    """A process that is started again when it was killed; its children are its group's."""

    words: list[str]
    env: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.words, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def is_running(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill_all(self) -> None:
        """As a machine that loses its power: parent and children at once."""
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()

    def find_children(self) -> list[int]:
        if not self.is_running():
            return []
        assert self.running
        path = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def end(self) -> float:
        """As a deploy does: SIGTERM; the seconds it took."""
        assert self.running
        began = time.monotonic()
        self.running.send_signal(signal.SIGTERM)
        try:
            self.running.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill_all()
        return time.monotonic() - began


@dataclass
class Service:
    """All processes of the service but its servers."""

    env: dict[str, str]
    folder: Path
    workers: list[Process] = field(default_factory=list)
    beats: list[Process] = field(default_factory=list)

    def start(
        self, workers: int, concurrency: int = 2, beats: int = 2, queues: Sequence[str] = ()
    ) -> None:
        """`queues` says which each worker looks into, as Celery's -Q; without it, all into all."""
        celery = [sys.executable, "-m", "celery", "-A", APP]
        for number in range(workers):
            words = [*celery, "worker", "--loglevel=WARNING", f"--concurrency={concurrency}"]
            words += ["-n", f"worker{number}@campaign"]
            words += ["-Q", queues[number]] if queues else []
            self.workers.append(Process(words, self.env, self.folder / f"worker{number}.log"))
        for number in range(beats):
            schedule = self.folder / f"beat{number}"
            words = [*celery, "beat", "--loglevel=WARNING", f"--schedule={schedule}", "--pidfile="]
            self.beats.append(Process(words, self.env, self.folder / f"beat{number}.log"))
        self.revive()

    def revive(self) -> None:
        """Start whatever was killed, as systemd or a container's engine would."""
        for process in (*self.workers, *self.beats):
            if not process.is_running():
                process.start()

    def stop(self) -> None:
        for process in (*self.workers, *self.beats):
            process.kill_all()
