"""Worker, beat and web server in this one process: what `manage.py run` starts and stops."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import state as worker_state
from django.core.servers.basehttp import get_internal_wsgi_application
from waitress import create_server, wasyncore

from digest.management import patient_channels

NAME = "embedded@localhost"
WEB_THREADS = 40  # more than all lanes hold (config/lanes.py): /healthz always has one
WORKER_THREADS = 2
POLL_SECONDS = 0.2
STOP_SECONDS = 4.5


class CannotListen(Exception):
    """The port is taken or not ours to take; the message says so and what to type."""


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, so that a taken one costs no time.

    Raises CannotListen with a sentence for the person who typed the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A port that was in use a moment ago is free to take again.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise CannotListen(_why_not(host, port, error)) from error
    return listener


def _why_not(host: str, port: int, error: Exception) -> str:
    another = "Choose another one: make run PORT=8123"
    if isinstance(error, OverflowError):
        return f"{port} is not a port: ports go from 1 to 65535. {another}"
    if isinstance(error, PermissionError):
        return f"Port {port} is for the system's own programs. {another}"
    if isinstance(error, socket.gaierror) or getattr(error, "errno", 0) == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine. --host 127.0.0.1 always is one."
    return f"Port {port} on {host} is taken ({error.args[-1]}): stop what uses it. Or: {another}"


class Embedded:
    """Three threads that live and end together; use it in a `with` block.

    Afterwards `stuck` names those that could not be ended in time: a task in the middle of a slow
    download, for instance. It is safe to leave it: every task may be cut off and run again.
    """

    def __init__(self, app: Celery, listener: socket.socket) -> None:
        self._app = app
        self._is_alone = app.conf.broker_url.startswith("memory")
        if self._is_alone:
            # By default a waiting worker looks only once a second.
            app.conf.broker_transport_options = {"polling_interval": POLL_SECONDS}
        self._listener = listener
        self._stopping = threading.Event()
        self._worker = app.WorkController(
            pool="threads",
            concurrency=WORKER_THREADS,
            hostname=NAME,
            timer_precision=POLL_SECONDS,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            use_eventloop=False,
        )
        self._beat = Service(app, scheduler_cls=Scheduler, max_interval=1)
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for name, target in self._list_threads().items()
        ]
        self.stuck: list[str] = []

    def _list_threads(self) -> dict[str, Callable[[], Any]]:
        return {
            "worker": self._worker.start,
            "beat": self._beat.start,
            "web server": self._serve_web,
        }

    def __enter__(self) -> Self:
        worker_state.should_stop = None
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self._stopping.set()
        self._beat.stop()
        # The worker's own way to end: finish the task, then go. (Its stub knows None only.)
        worker_state.should_stop = 0  # type: ignore[assignment]
        if self._is_alone:
            # It looks up from its queue every two seconds, or when it is spoken to; and it looks
            # into the queue a last time before it goes.
            for _ in range(2):
                self._app.control.broadcast("ping", destination=[NAME])
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self.stuck = [thread.name for thread in self._threads if thread.is_alive()]

    def _serve_web(self) -> None:
        channels: dict[int, Any] = {}
        server = create_server(
            get_internal_wsgi_application(),
            sockets=[self._listener],
            threads=WEB_THREADS,
            map=channels,
            ident=None,
            # By them the outbox knows whoever comes through a proxy of this machine.
            clear_untrusted_proxy_headers=False,
            **patient_channels.OPTIONS,
        )
        server.channel_class = patient_channels.PlainChannel
        began: patient_channels.Began = {}
        looked_at = time.monotonic()
        # waitress's own loop can only be left by a signal, and those go to the main thread.
        while not self._stopping.is_set():
            wasyncore.poll2(POLL_SECONDS, channels)
            if time.monotonic() - looked_at > POLL_SECONDS:
                looked_at = time.monotonic()
                patient_channels.close_slow(channels, began, looked_at)
        server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(channels)

    def wait(self) -> None:
        """Return when the web server or the worker has ended; a signal interrupts the waiting."""
        while all(thread.is_alive() for thread in self._threads):
            time.sleep(POLL_SECONDS)
