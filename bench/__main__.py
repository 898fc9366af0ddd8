"""`make bench`: everything in one run, some minutes with QUICK=1 and up to an hour without.

Prints what it does, and ends with one line of JSON. A whole run writes docs/scale.md and
bench/last_run.json, and tells what changed since the run before. CHAPTERS="day history" measures
only these, and writes nothing. Two chapters are measured only where they are named, and are put
beside the last whole run: `days` lives thirty days in one process, `million` mails to a million.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench.chapters import RARE, Bench, Found, run_chapters
from bench.databases import Databases
from bench.machine import describe_machine
from bench.report import write_report
from bench.sink import run_sink
from bench.sizes import SIZES
from bench.summary import sum_up
from bench.work import ROOT

LAST_RUN = ROOT / "bench" / "last_run.json"


def main() -> int:
    is_quick = os.environ.get("QUICK", "") not in ("", "0")
    form = os.environ.get("SIZE") or ("quick" if is_quick else "whole")
    only = frozenset(os.environ.get("CHAPTERS", "").split())
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {what}", flush=True)

    machine = describe_machine()
    for name, value in machine.items():
        say(f"{name}: {value}")
    sizes = SIZES[form]
    with TemporaryDirectory(prefix="offprint-bench-") as folder, run_sink(Path(folder)) as sink:
        try:
            databases = Databases(Path(folder), sink)
        except (KeyError, CalledProcessError, psycopg.Error) as error:
            sys.exit(f"There is no PostgreSQL to work in ({error}): run it as `make bench` does.")
        found = run_chapters(Bench(sizes, databases, sink, Path(folder), say), only)
    for name in RARE & found.keys():
        found[name]["on"] = f"{datetime.now(UTC):%Y-%m-%d}"
    last = read_last_run()
    run = join_runs(machine, found, last, is_rare=bool(only) and only <= RARE)
    figures = sum_up(found)
    for line in compare_runs(figures, last["figures"] if last else {}):
        say(line)
    if form == "whole" and only <= RARE:
        write_report(run, last)
        LAST_RUN.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
        say("docs/scale.md and bench/last_run.json are written.")
    details = {name: one for name, one in found.items() if "failed" in one}
    print(json.dumps(figures | {"form": form, "not_measured": details}))
    return 0


def join_runs(
    machine: dict[str, str], found: Found, last: dict[str, Any] | None, *, is_rare: bool
) -> dict[str, Any]:
    """What is kept after this run.

    A chapter that is rarely measured stays from the run before, and where nothing else was
    measured (`is_rare`), all else does.
    """
    before: Found = last["chapters"] if last else {}
    if is_rare:
        machine = last["machine"] if last else machine
    else:
        before = {name: before[name] for name in RARE & before.keys()}
    chapters = before | found
    return {"machine": machine, "figures": sum_up(chapters), "chapters": chapters}


def read_last_run() -> dict[str, Any] | None:
    """The last whole run that is kept in the repository; None where there is none."""
    if not LAST_RUN.exists():
        return None
    last: dict[str, Any] = json.loads(LAST_RUN.read_text(encoding="utf-8"))
    return last


def compare_runs(figures: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """A line for each figure, with that of the last whole run where it has one."""
    lines = []
    for name, value in figures.items():
        old = before.get(name)
        beside = f" (the last whole run: {old})" if old is not None else ""
        lines.append(f"{name}: {'not measured' if value is None else value}{beside}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
