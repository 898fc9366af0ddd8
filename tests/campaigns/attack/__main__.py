"""Attack a site on loopback as a stranger would, and print what held.

python scripts/with_services.py python -m tests.campaigns.attack [--papers N] [--seconds N]

The first table says of each attack on a door whether it was held. The second is the CPU time, of
the web server and the database together, of the costliest request known of each page: over
LIMIT_SECONDS is a failure. The third is what /healthz and a visitor see while many clients ask for
all of them, the fourth what a visitor waits for while they send half requests. Where the 95th
percentile of /healthz is over HEALTH_SECONDS in a flood, that is a failure too. Exits with 1 where
something failed.
"""

from __future__ import annotations

import argparse
import signal
import sys

from tests.campaigns.attack.costly import list_costly
from tests.campaigns.attack.doors import list_attacks, make_admin
from tests.campaigns.attack.floods import Flood, find_p95, flood
from tests.campaigns.attack.site import Site, start_site
from tests.campaigns.attack.slow import slow_clients, visit

LIMIT_SECONDS = 1.0
HEALTH_SECONDS = 0.2
CLIENTS = (8, 50, 200)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each flood")
    parser.add_argument("--clients", type=int, nargs="*", default=CLIENTS)
    options = parser.parse_args()
    with start_site(options.papers) as site:
        failures = [*try_doors(site), *measure_costly(site)]
        floods = run_floods(site, options.clients, options.seconds)
        failures += [
            f"/healthz is slow or silent: {one.name}"
            for one in floods
            if find_p95(one.health) > HEALTH_SECONDS
        ]
        failures += try_slow_clients(site, options.clients, options.seconds)
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


def try_doors(site: Site) -> list[str]:
    """Print of each attack whether it was held; those that were not."""
    make_admin(site)
    failures = []
    for name, attack in list_attacks().items():
        is_held = attack(site)
        print(f"{name:64}{'held' if is_held else 'NOT HELD'}", flush=True)
        failures += [] if is_held else [name]
    print()
    return failures


def measure_costly(site: Site) -> list[str]:
    """Print what each costs when asked for the first time; the names of those over the limit."""
    print(f"{'costliest request':36}{'CPU s':>8}{'answered':>10}")
    failures = []
    for request in list_costly(site.pages):
        before = site.read_cpu()
        answer = site.ask(request)
        cost = site.read_cpu() - before
        print(f"{request.name:36}{cost:8.2f}{answer.status:>10}", flush=True)
        if cost > LIMIT_SECONDS or answer.status not in request.answers:
            failures.append(f"{request.name}: {cost:.2f} CPU seconds, answered {answer.status}")
    return failures


def run_floods(site: Site, clients: list[int], seconds: float) -> list[Flood]:
    """Print what others see while nobody floods, and while so many do."""
    print(f"\n{'flood':44}{'/healthz':>26}{'visitor':>26}{'refused':>8}  answers to the flood")
    floods = [flood(site, "nobody", [], 0, seconds)]
    print(floods[0].describe(), flush=True)
    for count in clients:
        costly = list_costly(site.pages, seed=count)
        floods.append(flood(site, f"{count} clients ask for all of it", costly, count, seconds))
        print(floods[-1].describe(), flush=True)
        site.wait_until_quiet()
    return floods


def try_slow_clients(site: Site, clients: list[int], seconds: float) -> list[str]:
    """Print what a visitor waits while clients of each kind send half requests."""
    print(f"\n{'half requests, nothing, half a next one':44}{'visitor: median / p95':>44}")
    print(f"{'nobody':44}{visit(site.port, '/', seconds)!s:>44}", flush=True)
    failures = []
    for count in clients:
        with slow_clients(site.port, count):
            wait = visit(site.port, "/", seconds)
        print(f"{f'{count} clients':44}{wait!s:>44}", flush=True)
        if wait.failed:
            failures.append(f"{count} slow clients: {wait.failed} visits without an answer")
    return failures


if __name__ == "__main__":
    # What was started is stopped where this is told to end.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main())
