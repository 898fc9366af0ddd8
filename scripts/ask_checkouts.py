"""Lets checkouts live their days, each by its own Python in a folder of its own: what they said.

For compare_checkouts.py. Whatever is started here is stopped by its process id, and nothing stays
behind but what was to be kept.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parent
OUR_FILES = (
    *("ask_checkouts.py", "checkout_days.py", "checkout_site.py", "checkout_visitor.py"),
    *("checkout_readers.py", "web_page.py"),
)
KINDS = ("mails", "pages", "commands", "matches")
# What makes a checkout behave as it does.
ITS_FILES = ("manage.py", "config", "digest", "subscribers", "templates", "static")
SAMPLE_FIRST, SAMPLE_DAYS = date(2026, 4, 20), 8
FIRST, MOST_DAYS = date(2026, 4, 17), 12
# What the environment here may say, and the checkouts must not hear.
PRIVATE = ("ANYMAIL_", "OFFPRINT_", "FETCH_", "DJANGO_", "AXES_", "PROXY_", "DEFAULT_FROM_")
SETTINGS = {
    "ALLOWED_HOSTS": "*",
    "DEBUG": "false",
    "FETCH_ALLOW_PRIVATE": "127.0.0.1",
    "LOG_LEVEL": "WARNING",
    "POSTAL_ADDRESS": "1 Example Street, Exampleton",
    "SECRET_KEY": "one key for both, so that both sign the same links",
    "SITE_URL": "http://localhost:8000",
    "TZ": "UTC",
    "UNSUBSCRIBE_MAILTO": "leave@in.example.org",
} | dict.fromkeys(("ANYMAIL_PROVIDER", "EMAIL_URL", "ENV_FILE", "REDIS_URL"), "")
START_SECONDS, STOP_SECONDS, MOST_SECONDS = 20, 10, 1500
Said = dict[str, Any]
_processes: set[subprocess.Popen[bytes]] = set()
_is_over = threading.Event()


class CannotAsk(Exception):
    """A checkout could not be asked; the message says why."""


@dataclass(frozen=True)
class Side:
    """One of the two checkouts: its folder, its Python, and the database's address or ""."""

    name: str
    folder: Path
    python: str
    database: str


def ask_all(options: argparse.Namespace, folder: Path) -> list[Said]:
    """What the old checkout said and, where there is one, the new: both are asked at once."""
    sides = [find_side(name, options) for name in ("old", "new") if getattr(options, name)]
    with ThreadPoolExecutor(len(sides)) as threads:
        try:
            asked = [threads.submit(ask_or_read, side, options, folder) for side in sides]
            done, _ = wait(asked, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()  # raises what went wrong: nobody waits for the other side then
            return [future.result() for future in asked]
        finally:
            _is_over.set()
            for process in list(_processes):
                process.terminate()


def find_side(name: str, options: argparse.Namespace) -> Side:
    checkout: Path = getattr(options, name).resolve()
    if not (checkout / "manage.py").exists():
        raise CannotAsk(f"{checkout} is no checkout: it has no manage.py.")
    python = getattr(options, f"python_{name}") or find_python(checkout)
    return Side(name, checkout, python, getattr(options, f"database_{name}"))


def find_python(checkout: Path) -> str:
    own = checkout / ".venv/bin/python"
    return str(own) if own.exists() else sys.executable


def ask_or_read(side: Side, options: argparse.Namespace, folder: Path) -> Said:
    """What OLD said may be kept from an earlier run of the same code, asked the same."""
    own = folder / side.name
    own.mkdir()
    keep = options.keep if side.name == "old" else None
    code = [*find_code(side.folder), *(SCRIPTS / name for name in OUR_FILES)]
    # What is kept may be compared again, and then more of it.
    kinds = KINDS if keep else options.only
    mark = fingerprint(
        [*code, options.replay], [list_days(options), side.python, bool(side.database)]
    )
    said = keep_or_ask(keep, "days", mark, lambda: live_days(side, options, own, kinds))
    if options.papers and "matches" in options.only:
        mark = fingerprint([*code, options.papers, options.topics], [side.python])
        pairs = keep_or_ask(keep, "pairs", mark, lambda: match_files(side, options, own))
        said["matches"] |= pairs["matches"]
    return said


def keep_or_ask(keep: Path | None, name: str, mark: str, ask: Callable[[], Said]) -> Said:
    """What was said, read from the folder where it has this mark; else asked, and kept there."""
    kept = keep / f"{name}.json.gz" if keep else None
    if kept and kept.exists():
        said: Said = json.loads(gzip.decompress(kept.read_bytes()))
        if said["mark"] == mark:
            print(f"old: what it said is kept in {kept}", flush=True)
            return said
    said = ask() | {"mark": mark}
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(gzip.compress(json.dumps(said).encode(), 6))
    return said


def fingerprint(files: Iterable[Path | None], wishes: list[Any]) -> str:
    """Changes with a checkout's code, with what is asked, and with how it is asked."""
    digest = hashlib.sha256(json.dumps(wishes, default=str).encode())
    for path in files:
        if path:
            digest.update(f"{path.name} ".encode() + path.read_bytes())
    return digest.hexdigest()


def find_code(checkout: Path) -> Iterator[Path]:
    for name in ITS_FILES:
        paths = sorted((checkout / name).rglob("*")) if (checkout / name).is_dir() else []
        for path in paths or [checkout / name]:
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def list_days(options: argparse.Namespace) -> list[date]:
    first, most = (options.first, MOST_DAYS) if options.replay else (SAMPLE_FIRST, SAMPLE_DAYS)
    return [first + timedelta(days=n) for n in range(max(1, options.days or most))]


def live_days(side: Side, options: argparse.Namespace, own: Path, kinds: Sequence[str]) -> Said:
    """Let the checkout live its days: scripts/checkout_days.py in its folder, by its Python."""
    began_at, out = time.monotonic(), own / "said.json.gz"
    days = list_days(options)
    with replaying(options.replay, days[0], own) as address:
        wanted = {
            "name": side.name,
            "out": str(out),
            "days": [str(day) for day in days],
            "replay": address,
            "kinds": kinds,
        }
        (own / "wanted.json").write_text(json.dumps(wanted))
        command = [side.python, str(SCRIPTS / "checkout_days.py"), str(own / "wanted.json")]
        run(side, command, environment(side, own, address), own)
    said: Said = json.loads(gzip.decompress(out.read_bytes()))
    said["names"] |= {str(own): "RUN-FOLDER"} | ({address: "REPLAY"} if address else {})
    print(f"{side.name}: days and pages done in {time.monotonic() - began_at:.0f} s", flush=True)
    return said


def environment(side: Side, own: Path, replay: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
    sources = {"OFFPRINT_HF_URL": replay, "OFFPRINT_ARXIV_URL": replay} if replay else {}
    places = {
        "VAR_DIR": str(own / "var"),
        "OUTBOX_DIR": str(own / "var/outbox"),
        "DATABASE_URL": side.database or f"sqlite:///{own / 'compared.sqlite3'}",
    }
    return kept | SETTINGS | sources | places


def match_files(side: Side, options: argparse.Namespace, own: Path) -> Said:
    files = [str(options.papers.resolve()), str(options.topics.resolve())]
    command = [side.python, "manage.py", "match_topics", *files]
    with (own / "pairs.tsv").open("w") as pairs:
        run(side, command, environment(side, own, ""), own, pairs)
    lines = (own / "pairs.tsv").read_text().splitlines()
    print(f"{side.name}: {len(lines)} pairs matched in the files", flush=True)
    parted = (line.rpartition("\t") for line in lines)
    return {"matches": {f"files\t{pair}": strength for pair, _, strength in parted}}


def run(side: Side, command: list[str], env: dict[str, str], own: Path, out: Any = None) -> None:
    """Run it in the checkout until it ends, but not for ever; CannotAsk where it fails."""
    log = own / "log.txt"
    with log.open("a") as problems, started(command, side.folder, env, out, problems) as process:
        try:
            code = process.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            raise CannotAsk(f"{side.name}: not done after {MOST_SECONDS} seconds.") from None
    if code:
        raise CannotAsk(f"{side.name}: exit status {code}.\n{log.read_text()[-3000:]}")


@contextmanager
def started(
    command: list[str], folder: Path, env: dict[str, str] | None, out: Any, problems: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, stopped by its id when the block is left in whatever way."""
    if _is_over.is_set():
        raise CannotAsk("It was stopped before its end.")
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=problems)
    _processes.add(process)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _processes.discard(process)


@contextmanager
def replaying(program: Path | None, first: date, own: Path) -> Iterator[str]:
    """The program that replays, on a free port: its address; "" where there is none."""
    if program is None:
        yield ""
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(program.resolve()), f"--port={port}", f"--day={first}"]
    with (own / "replay.txt").open("w") as log, started(command, own, None, log, log) as process:
        ends_at = time.monotonic() + START_SECONDS
        while not is_listening(port):
            if process.poll() is not None or time.monotonic() > ends_at:
                said = (own / "replay.txt").read_text()[-2000:]
                raise CannotAsk(f"{program} does not listen on port {port}.\n{said}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
