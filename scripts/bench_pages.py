"""The public pages over made-up papers (20,000 or PAPERS=), one asker at a time: some minutes.

Fills a throwaway database, once SQLite and once a PostgreSQL of its own, serves it with gunicorn
and two workers as in production, and asks for each page one after another on a kept connection.
Prints milliseconds to the first byte (median and 95th percentile; of a search also when nobody
asked it in the last minute) and those that a processor worked for the page, bytes as sent and as
read, what a first visit asks for in all, and database queries; then the search for a phrase against
the database's own. Nothing of yours is read or written, and everything started is stopped.
"""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent.parent
REQUESTS, ROUNDS = 20, 7
HEADERS = {"Accept-Encoding": "gzip", "Host": "localhost"}
_networks = count()  # each request comes from another: one has a budget of the server's time
_BESIDE = re.compile(r'<(?:link|script|img)\b[^>]*?(?:href|src)="(/static/[^"]+)"')
_SOUGHT = re.compile(r"[?]q=[^&]*")
_IN_STYLE = re.compile(r'url\("?([^")]+)"?\)')


def main() -> None:
    if "--measure" in sys.argv:
        measure()
        return
    sys.path.insert(0, str(ROOT / "scripts"))
    from with_services import services  # noqa: PLC0415 (beside this file)

    with TemporaryDirectory(prefix="offprint-bench-") as folder:
        again(folder, {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "REDIS_URL": ""})
    with TemporaryDirectory(prefix="offprint-bench-") as folder, services() as servers:
        again(folder, servers.env)


def again(folder: str, env: dict[str, str]) -> None:
    """The same script on this database; settings are read once a process."""
    settings = {"VAR_DIR": folder, "LOG_LEVEL": "ERROR", "SECRET_KEY": "bench", "DEBUG": "0"}
    settings["PROXY_HOPS"] = "1"
    command = [sys.executable, "-W", "ignore", __file__, "--measure"]
    subprocess.run(command, env={**os.environ, **settings, **env}, cwd=ROOT, check=True)


def measure() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django  # noqa: PLC0415 (reads the settings)

    django.setup()
    from bench_papers import PAPERS, fill  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    pages = fill()
    print(f"\n{connection.vendor}, {PAPERS:,} papers, gunicorn with two workers; {load()}")
    print("milliseconds to the first byte, those of a processor's work, and bytes")
    line = f"{'page':34} {'median':>7} {'p95':>7} {'anew':>7} {'work':>7} {'sent':>8} {'read':>8}"
    print(f"{line} {'requests':>8} {'visit':>8} {'queries':>8}")
    with served() as port:
        first(port)
        for name, path in pages:
            report(name, path, port)
        by_ab(port)
    against_the_database()
    print(load())


def load() -> str:
    busy = os.getloadavg()[0]
    return f"{os.cpu_count()} processors, {busy:.1f} programs wanting one (1 is this one)"


@contextmanager
def served() -> Iterator[int]:
    """gunicorn on a free port of this machine, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = ["-m", "gunicorn", "config.wsgi", "-w", "2", "--threads", "2"]
    command += ["--log-level", "warning", "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen([sys.executable, "-W", "ignore", *command], cwd=ROOT)
    try:
        while not answers(port):
            if process.poll() is not None:
                raise SystemExit("gunicorn did not start: see above.")
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def first(port: int) -> None:
    """The first page of the server, and the first search, asked while its workers still read."""
    for path in ("/healthz", "/search?q=first"):
        taken, _ = ask(http.client.HTTPConnection("127.0.0.1", port), path)
        print(f"{'at once after the start: ' + path:42} {taken:.0f}")
    for n in range(24):  # then both workers have read all, and every template
        ask(http.client.HTTPConnection("127.0.0.1", port), f"/search?q=warm{n}")


def ask(line: http.client.HTTPConnection, path: str) -> tuple[float, bytes]:
    """Milliseconds to the first byte, and the bytes as they were sent."""
    begun = time.perf_counter()
    network = {"X-Forwarded-For": f"2001:db8:{next(_networks) & 0xFFFF:x}::1"}
    line.request("GET", path, headers=HEADERS | network)
    response = line.getresponse()
    taken = (time.perf_counter() - begun) * 1000
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"{path} answered {response.status}.")
    return taken, body


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def report(name: str, path: str, port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port)
    asked = [ask(line, path) for _ in range(REQUESTS)]
    times, sent = [taken for taken, _ in asked], asked[-1][1]
    beside = assets(line, path, unpacked(sent).decode())
    visit = len(sent) + sum(len(ask(line, address)[1]) for address in beside)
    p95 = statistics.quantiles(times, n=20)[-1]
    anew = [ask(line, others)[0] for others in as_never_asked(path)]
    work, queries = inside(path)
    print(
        f"{name:34.34} {statistics.median(times):7.1f} {p95:7.1f} {statistics.median(anew):7.1f} "
        f"{work:7.1f} {len(sent):8,} {len(unpacked(sent)):8,} "
        f"{1 + len(beside):8} {visit:8,} {queries:8}",
        flush=True,
    )


def as_never_asked(path: str) -> list[str]:
    """The same search as others would type it, each without a word that no paper has."""
    return [_SOUGHT.sub(rf"\g<0>+-qqq{n}", path) for n in range(ROUNDS)]


def assets(line: http.client.HTTPConnection, path: str, page: str) -> set[str]:
    """What a browser fetches for the page: styles, scripts, icons, and the fonts of its styles."""
    found = {urljoin(path, address) for address in _BESIDE.findall(page)}
    for style in [address for address in found if address.endswith(".css")]:
        said = unpacked(ask(line, style)[1]).decode()
        found |= {urljoin(style, address) for address in _IN_STYLE.findall(said)}
    return found


def inside(path: str) -> tuple[float, int]:
    """The page's own work in this process: milliseconds of processor time, database queries.

    A PostgreSQL works in processes of its own, which are not counted.
    """
    from django.db import connection  # noqa: PLC0415 (after django.setup)
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from digest.match.process_cache import process_cache  # noqa: PLC0415

    client = Client(headers={"Host": "localhost"})
    client.get(path)  # what a process keeps is read before

    def anew() -> None:
        process_cache.searches.forget()
        client.get(path)

    work = quickest(anew, time.process_time)
    with CaptureQueriesContext(connection) as captured:
        anew()
    return work, len(captured)


def quickest(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    """Milliseconds of the quickest of some rounds: what else the machine does only adds.

    Programs that share a processor's caches slow each other down even so: each round counts as
    long as it would have taken at the best pace of this run.
    """
    times = []
    for _ in range(ROUNDS):
        before, begun = pace(), clock()
        work()
        times.append((clock() - begun) * 1000 * 2 * pace.best / (before + pace()))
    return min(times)


class Pace:
    """Seconds of a processor that a fixed piece of work takes, and the fewest that it ever took."""

    def __init__(self) -> None:
        self.best = float("inf")
        for _ in range(200):
            self()

    def __call__(self) -> float:
        begun, counted = time.process_time(), dict[int, int]()
        for n in range(4_000):
            counted[n % 997] = counted.get(n % 997, 0) + n
        taken = time.process_time() - begun
        self.best = min(self.best, taken)
        return taken


pace = Pace()


def against_the_database() -> None:
    """The papers that may hold a phrase: from memory, and the newest of the database's index."""
    from digest.match.candidates import REACH  # noqa: PLC0415
    from digest.match.process_cache import process_cache  # noqa: PLC0415 (after django.setup)
    from digest.match.word_index import find_newest  # noqa: PLC0415
    from subscribers.topics import parse_topic  # noqa: PLC0415

    memory, acronyms = process_cache.get_catalogue(), process_cache.get_acronyms()
    for query in ("diffusion policy", "robots + language", "author:lovelace"):
        topic = parse_topic(query)
        ours = quickest(partial(memory.find_candidate_ids, topic, acronyms), time.perf_counter)
        theirs = quickest(partial(find_newest, topic, acronyms, REACH), time.perf_counter)
        said = f"{ours:.1f} ms from memory, {theirs:.1f} ms by the index of words"
        print(f"papers with {query:20} {said}, {theirs / ours:.1f} x")


def by_ab(port: int) -> None:
    """The same by ApacheBench, where it is installed: nobody should trust one clock alone."""
    if not (ab := shutil.which("ab")):
        print("ab is not installed (Debian: apache2-utils), so the times are this script's alone.")
        return
    for path in ("/", "/search?q=model"):
        command = [ab, "-q", "-n", f"{REQUESTS}", "-H", "Host: localhost"]
        command += ["-H", "Accept-Encoding: gzip", f"http://127.0.0.1:{port}{path}"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        found = re.search(r"50%\s+(\d+)", said)
        print(f"ab {path:31} {found[1] if found else 'no answer':>7}")


if __name__ == "__main__":
    main()
