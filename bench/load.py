"""Requests at a concurrency of eight, and the production server that they go to.

Each comes from another network, as a proxy says it: one network's visitors have a budget of the
server's time, which eight that never stop would use up.
"""

from __future__ import annotations

import http.client
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from bench.machine import find_largest_peak, list_children, read_family_cpu
from bench.work import ROOT, WorkFailed

CONCURRENCY = 8
# As the Dockerfile starts it: workers and threads stand in gunicorn.conf.py.
GUNICORN = ("--log-level", "error")
START_SECONDS = 120
REQUEST_SECONDS = 60
HEADERS = {"Host": "localhost", "Accept-Encoding": "gzip"}
BEHIND_PROXY = {"PROXY_HOPS": "1"}
_visitors = count()


@contextmanager
def serve(env: dict[str, str], module: str) -> Iterator[tuple[int, int]]:
    """gunicorn with this WSGI module: its port and its process. Raises WorkFailed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", f"{module}:application"]
    command += [*GUNICORN, "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, env=env | BEHIND_PROXY, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        _wait_until_up(port, process)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while time.monotonic() < ends_at and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise WorkFailed("pages: gunicorn did not start.")


def measure_page(port: int, server: int, path: str, seconds: float) -> dict[str, Any]:
    """Requests a second, their median and 95th percentile in ms, and the server's CPU for each."""
    ask_once(port, path)
    times: list[float] = []
    before, began = read_family_cpu(server), time.monotonic()
    threads = [
        threading.Thread(target=_ask_until, args=(port, path, began + seconds, times))
        for _ in range(CONCURRENCY)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, after = time.monotonic() - began, read_family_cpu(server)
    if len(times) < 2:
        raise WorkFailed(f"pages: {path} was not answered {len(times)} times in {took:.0f} s.")
    cpu = None if before is None or after is None else (after - before) / len(times) * 1000
    return {
        "requests_per_second": round(len(times) / took, 1),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "server_cpu_ms": cpu and round(cpu, 2),
    }


def ask_once(port: int, path: str) -> None:
    """The first visitor, who is not measured. Raises WorkFailed where the page does not come."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_SECONDS)
    if (status := _ask(line, path)) != 200:
        raise WorkFailed(f"pages: {path} answered {status}.")
    line.close()


def _ask(line: http.client.HTTPConnection, path: str) -> int:
    network = next(_visitors) & 0xFFFF
    line.request("GET", path, headers=HEADERS | {"X-Forwarded-For": f"2001:db8:{network:x}::1"})
    response = line.getresponse()
    response.read()
    return response.status


def _ask_until(port: int, path: str, ends_at: float, times: list[float]) -> None:
    """One visitor after another on a kept connection; milliseconds of those that were answered."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_SECONDS)
    while (began := time.monotonic()) < ends_at:
        if _ask(line, path) == 200:
            times.append((time.monotonic() - began) * 1000)
    line.close()


def read_server_peak(server: int) -> float | None:
    """The most megabytes that one process of the server had in use; None without /proc."""
    return find_largest_peak([server, *list_children(server)])
