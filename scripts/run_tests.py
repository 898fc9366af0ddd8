#!/usr/bin/env python3
"""All tests, in two passes: on SQLite, then on a real PostgreSQL and Redis. `make test` calls this.

run_tests.py [--thorough] [--fail-under PERCENT] [what to hand to pytest ...]

With --thorough it is those that are left out else: more of the same, on SQLite and in other ways.
With --fail-under every branch is counted too, which takes about a third longer: `make check` does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from chromium import find_chromium
from with_services import Unavailable, services, stop_on_termination

ROOT = Path(__file__).resolve().parent.parent
# What a developer's own environment may say, and the tests must not hear.
PRIVATE = ("ANYMAIL_", "OFFPRINT_HF_", "OFFPRINT_ARXIV_", "FETCH_", "ALLOWED_HOSTS", "POSTAL_")
NO_TESTS_SELECTED = 5
# Which tests a pass runs, by their markers (pyproject.toml); tests/passes.py says why.
FIRST_PASS = "not services and not browser and not long and not indirect and not thorough"
SECOND_PASS = "not serverless and not one_machine and not thorough"
THOROUGH_FIRST_PASS = "indirect and not services and not browser and not long and not thorough"
THOROUGH_SECOND_PASS = "thorough"


@dataclass(frozen=True)
class Outcome:
    """What one pass came to."""

    name: str
    exit_code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return self.exit_code == 0

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        verdict = "" if self.is_good else f"   NOT GOOD (exit code {self.exit_code})"
        return f"{self.name}: {counts} in {self.seconds:.0f} s{verdict}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fail-under", type=float, metavar="PERCENT")
    parser.add_argument("--thorough", action="store_true")
    options, wanted = parser.parse_known_args()
    is_counting = options.fail_under is not None
    if is_counting:
        wanted = ["--cov", "--cov-report=", *wanted]
    first, second = FIRST_PASS, SECOND_PASS
    if options.thorough:
        first, second = THOROUGH_FIRST_PASS, THOROUGH_SECOND_PASS
    stop_on_termination()
    env = _environment() | find_chromium()
    with tempfile.TemporaryDirectory(prefix="offprint-tests-") as folder:
        env["VAR_DIR"] = f"{folder}/var"
        outcomes = [
            _on_sqlite(env, ["-m", first, *wanted], Path(folder)),
            _on_services(env, ["-m", second, *wanted], Path(folder)),
        ]
        covered = not is_counting or _report_coverage(Path(folder), options.fail_under)
    print("\n" + "\n".join(map(str, outcomes)), flush=True)
    return 0 if covered and all(outcome.is_good for outcome in outcomes) else 1


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
    kept.pop("DATABASE_URL", None)
    kept.pop("REDIS_URL", None)
    # Every test process, and each that a test starts, would compile all modules anew: 2 s each.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    # A developer's .env is not read.
    kept |= {"ENV_FILE": "", "SECRET_KEY": "only-for-tests", "SITE_URL": "http://localhost:8000"}
    return kept | {"EMAIL_URL": "", "ANYMAIL_PROVIDER": "", "DEBUG": "false"}


def _on_sqlite(env: dict[str, str], wanted: list[str], folder: Path) -> Outcome:
    print("\nFirst pass: SQLite, no Redis.")
    print("What needs real servers, a browser or much time is in the second pass.")
    database = {"DATABASE_URL": f"sqlite:///{folder / 'offprint.sqlite3'}", "REDIS_URL": ""}
    return _pytest("SQLite", env | database, wanted, folder)


def _on_services(env: dict[str, str], wanted: list[str], folder: Path) -> Outcome:
    print("\nSecond pass: a PostgreSQL and a Redis made for it.")
    print("What asks neither a database nor the cache was in the first pass.")
    try:
        with services() as servers:
            for origin in servers.origins:
                print(origin)
            return _pytest(servers.names, env | servers.env, wanted, folder, spare=2)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return Outcome("PostgreSQL and Redis", exit_code=1)


def _pytest(
    name: str, env: dict[str, str], wanted: list[str], folder: Path, spare: int = 1
) -> Outcome:
    report = folder / f"{name.split()[0]}.xml"
    # More than there are processors: a test waits now and then, for a browser or a process.
    workers = str(min((os.cpu_count() or 1) + spare, 4))
    command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-n", workers, "--dist", "loadgroup"]
    command += [f"--junitxml={report}", *wanted]
    env = env | {"COVERAGE_FILE": str(folder / f"coverage.{name.split()[0]}")}
    start = time.monotonic()
    sys.stdout.flush()
    exit_code = subprocess.call(command, env=env, cwd=ROOT)
    if exit_code == NO_TESTS_SELECTED and wanted:
        exit_code = 0  # "-k word" may find its tests in the other pass only
    return Outcome(name, exit_code, *_counts(report), seconds=time.monotonic() - start)


def _counts(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped, as pytest wrote them down; zeros where it never got so far."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))

    def total(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    failed, skipped = total("failures", "errors"), total("skipped")
    return total("tests") - failed - skipped, failed, skipped


def _report_coverage(folder: Path, fail_under: float) -> bool:
    """Print what both passes covered together; False where it is less than asked for."""
    coverage = [sys.executable, "-m", "coverage"]
    env = os.environ | {"COVERAGE_FILE": str(folder / "coverage")}
    parts = [str(path) for path in folder.glob("coverage.*")]
    if not parts:  # no pass came as far as writing one
        return False
    subprocess.run([*coverage, "combine", "-q", *parts], env=env, cwd=ROOT, check=True)
    print("\nLines and branches that neither pass reached:", flush=True)
    command = [*coverage, "report", f"--fail-under={fail_under}"]
    return subprocess.call(command, env=env, cwd=ROOT) == 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
