"""The campaign for one provider: `python -m tests.campaigns.delivery.one_provider postmark 1000 1`.

Prints what came of it as one line of JSON, the last one. What the provider itself wrote down is
the truth: who was mailed, and how often.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, "scripts")  # as pytest does
from with_services import Servers, services, stop_on_termination

from tests.campaigns.delivery.names import PROVIDERS, REPORTING
from tests.provider_server import Server, provider_server
from tests.smtp_server import smtp_server

CHANCES = {"drop": 0.05, "500": 0.05, "429": 0.03, "trickle": 0.0005}
SMTP_FAULTS = {"END drop": 0.05, "RCPT 451": 0.05, "MAIL 421": 0.005, "END trickle": 0.0005}
EVERY_SECONDS = float(os.environ.get("EVERY", "5"))  # something befalls the service
LATENCY = 0.02  # seconds that every call takes
PATIENCE_SECONDS = 3600.0


@contextmanager
def play_provider(name: str) -> Iterator[tuple[dict[str, str], Any]]:
    """A provider that misbehaves: how it is named to the service, and its server."""
    if name == "smtp":
        with smtp_server() as server:
            server.chances = SMTP_FAULTS
            yield {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}, server
        return
    with provider_server() as server:
        server.book.chances, server.book.retry_after = CHANCES, "1"
        server.book.latency = LATENCY
        server.book.page_size = 100  # as the providers' own pages have
        yield name_provider(name, server), server


def name_provider(name: str, server: Server) -> dict[str, str]:
    env = {f"ANYMAIL_{key}": value for key, value in PROVIDERS[name].items()}
    env |= {"ANYMAIL_PROVIDER": name, "ANYMAIL_WEBHOOK_SECRET": "name:password"}
    if name == "amazon_ses":
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
        env["ANYMAIL_AMAZON_SES_CLIENT_PARAMS"] = json.dumps({"endpoint_url": server.url})
        env["ANYMAIL_AMAZON_SES_SESSION_PARAMS"] = json.dumps(keys)
    else:
        env[f"ANYMAIL_{name.upper()}_API_URL"] = server.url
    # No provider on loopback needs to be spared; what is measured is what is lost.
    return env | {"DELIVER_CALLS_PER_SECOND": "10000"}


@contextmanager
def _make_folder() -> Iterator[str]:
    """For the logs of all processes; CAMPAIGN_LOGS names one that stays."""
    if kept := os.environ.get("CAMPAIGN_LOGS"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="offprint-campaign-") as folder:
        yield folder


def make_environment(named: dict[str, str], servers: Servers, folder: str) -> dict[str, str]:
    """Of a service that sends through the named provider and keeps what it writes in `folder`."""
    ours = ("ANYMAIL_", "DELIVER_", "DATABASE_URL", "REDIS_URL", "EMAIL_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return (
        kept
        | servers.env
        | named
        | {
            "ENV_FILE": "",
            "SECRET_KEY": "only-for-tests",
            "SITE_URL": "http://localhost:8000",
            "VAR_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
            "CANARY_MINUTES": "0",
        }
    )


def main(name: str, mails: int, seed: int) -> None:
    stop_on_termination()
    with (
        _make_folder() as folder,
        services() as servers,
        play_provider(name) as (named, server),
    ):
        env = make_environment(named, servers, folder) | {"TRAP": f"{folder}/trap"}
        os.environ.clear()
        os.environ.update({k: v for k, v in env.items() if k != "TRAP"})
        print(json.dumps(run_campaign(name, mails, seed, env, Path(folder), servers, server)))


def run_campaign(
    name: str,
    mails: int,
    seed: int,
    env: dict[str, str],
    folder: Path,
    servers: Servers,
    server: Any,
) -> dict[str, Any]:
    """Deliver so many mails under fire, have all settled, and compare with the provider's book."""
    import django  # noqa: PLC0415 (its settings are only known now)

    django.setup()
    from tests.campaigns.delivery import rows  # noqa: PLC0415
    from tests.campaigns.delivery.mischief import Mischief  # noqa: PLC0415
    from tests.campaigns.delivery.processes import Service  # noqa: PLC0415

    rows.prepare(mails)
    service = Service(env, folder)
    mischief = Mischief(service, servers, seed)
    began = time.monotonic()
    try:
        service.start(workers=2)
        next_deed = time.monotonic() + EVERY_SECONDS
        while rows.count_open() != 0:
            assert time.monotonic() - began < PATIENCE_SECONDS, (
                "the campaign does not come to an end"
            )
            mischief.look()
            service.revive()
            if time.monotonic() > next_deed:
                what = mischief.do_something()
                print(
                    f"{time.monotonic() - began:6.0f} s  {rows.describe()}  {what}", file=sys.stderr
                )
                next_deed = time.monotonic() + EVERY_SECONDS
            time.sleep(0.2)
        seconds = time.monotonic() - began
        while mischief.is_waiting and time.monotonic() - began < PATIENCE_SECONDS:
            mischief.look()
            time.sleep(0.2)
    finally:
        service.stop()
    doubtful = rows.count_by_status().get("in_doubt", 0)
    accepted = read_accepted(name, server)
    calls = len(server.book.calls) if name != "smtp" else server.mails_begun
    calm_down(name, server)
    if name in REPORTING:
        rows.report(name, read_accepted(name, server))
    rows.settle()
    return rows.compare(read_accepted(name, server)) | {
        "provider": name,
        "mails": mails,
        "seconds": round(seconds),
        "calls": calls,
        "accepted_before_settling": len(accepted),
        "in_doubt_before_settling": doubtful,
        "recoveries": sorted(mischief.recoveries),
        "endings": sorted(mischief.endings),
        "deeds": mischief.counts,
    }


def calm_down(name: str, server: Any) -> None:
    """No more faults: what is left is settled as the hours after would settle it."""
    if name == "smtp":
        server.chances = {}
        return
    server.book.chances = {}
    server.book.accepted_at = datetime.now(UTC).isoformat()


def read_accepted(name: str, server: Any) -> Counter[str]:
    """How often each delivery's key was accepted."""
    from tests.campaigns.delivery import rows  # noqa: PLC0415

    if name != "smtp":
        return Counter(server.book.keys)
    return Counter(rows.find_key(body) for body in server.accepted)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
