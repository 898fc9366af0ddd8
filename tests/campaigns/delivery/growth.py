"""How delivery grows with workers, and how evenly it keeps a pace: `make campaign-growth`.

`growth`: the same edition by 1, 2 and 4 workers, each with four calls under way, at a provider that
answers after 100 ms. `steady`: two calls a second allowed, counted by the provider itself in every
window of a second, for some minutes and with two workers. Both print a table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, "scripts")  # as pytest does
from with_services import services, stop_on_termination

from tests.campaigns.delivery.one_provider import make_environment, name_provider
from tests.provider_server import Server, provider_server

LATENCY = 0.1
CALLS_EACH = 4
WORKERS = (1, 2, 4)
MAILS_EACH = int(os.environ.get("MAILS", "1500"))  # per worker
STEADY_SECONDS = float(os.environ.get("STEADY", "600"))
ALLOWED = 2.0  # calls a second
WARM_UP_SECONDS = 10.0  # until all workers have begun


def measure(workers: int) -> float:
    """Mails a second while all workers deliver."""
    with (
        tempfile.TemporaryDirectory(prefix="offprint-growth-") as folder,
        services() as servers,
        provider_server() as server,
    ):
        server.book.latency = LATENCY
        env = make_environment(name_provider("mailgun", server), servers, folder)
        env |= {"DELIVER_CALLS_AT_ONCE": str(CALLS_EACH)}
        del env["DELIVER_CALLS_PER_SECOND"]  # Mailgun publishes no pace
        os.environ.update(env)
        import django  # noqa: PLC0415 (its settings are only known now)

        django.setup()
        from tests.campaigns.delivery import rows  # noqa: PLC0415
        from tests.campaigns.delivery.processes import Service  # noqa: PLC0415

        rows.prepare(MAILS_EACH * workers)
        service = Service(env, Path(folder))
        try:
            service.start(workers=workers, concurrency=1, beats=1)
            return _read_rate(server, workers)
        finally:
            service.stop()


def _read_rate(server: Server, workers: int) -> float:
    """From the moment that all calls are under way to the end of nine tenths of the mails."""
    book, most = server.book, workers * CALLS_EACH
    while len({call.peer for call in book.calls}) < most:
        time.sleep(0.05)
    began, already = time.monotonic(), len(book.accepted)
    while len(book.accepted) < 0.9 * MAILS_EACH * workers:
        time.sleep(0.05)
    return (len(book.accepted) - already) / (time.monotonic() - began)


def keep_pace() -> dict[str, float]:
    """What share of the allowed calls was made in steady state, and how often we were too fast."""
    with (
        tempfile.TemporaryDirectory(prefix="offprint-steady-") as folder,
        services() as servers,
        provider_server() as server,
    ):
        server.book.allowed_per_second, server.book.retry_after = int(ALLOWED), "1"
        named = name_provider("mailgun", server) | {"DELIVER_CALLS_PER_SECOND": str(ALLOWED)}
        env = make_environment(named, servers, folder)
        os.environ.update(env)
        import django  # noqa: PLC0415 (its settings are only known now)

        django.setup()
        from tests.campaigns.delivery import rows  # noqa: PLC0415
        from tests.campaigns.delivery.processes import Service  # noqa: PLC0415

        rows.prepare(round(STEADY_SECONDS * ALLOWED * 1.2) + 100)
        service = Service(env, Path(folder))
        try:
            service.start(workers=2, concurrency=2, beats=2)
            while not server.book.calls:
                time.sleep(0.05)
            time.sleep(WARM_UP_SECONDS)
            began, already = time.monotonic(), len(server.book.accepted)
            time.sleep(STEADY_SECONDS)
            sent = len(server.book.accepted) - already
            seconds = time.monotonic() - began
        finally:
            service.stop()
        return {
            "seconds": round(seconds),
            "sent": sent,
            "allowed": round(seconds * ALLOWED),
            "share": round(sent / (seconds * ALLOWED), 4),
            "too_fast": server.book.refused_as_too_fast,
        }


def main(what: str) -> None:
    stop_on_termination()
    if what == "steady":
        print(json.dumps(keep_pace()))
    elif what == "growth":
        rates = {}
        for workers in WORKERS:  # each in a process of its own, with its own settings
            command = [sys.executable, "-m", "tests.campaigns.delivery.growth", str(workers)]
            rates[workers] = float(subprocess.run(command, check=True, stdout=-1).stdout)
            share = rates[workers] / (rates[1] * workers)
            print(f"{workers} workers: {rates[workers]:.1f} mails a second, {share:.2f} × linear")
    else:
        print(measure(int(what)))


if __name__ == "__main__":
    main(sys.argv[1])
