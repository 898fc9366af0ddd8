"""Take every guard of a promise away, one at a time, and see its tests fail.

`python -m tests.without_guards` works on a copy and prints one line for each guard; exit 1 where
a promise is broken and no test says so. Takes some twenty minutes, so it is no test itself. Where
workers race it needs PostgreSQL: `python scripts/with_services.py python -m tests.without_guards`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.promises import GUARDS, PROMISES, Guard

ROOT = Path(__file__).parent.parent
TESTS_FAILED, NO_TESTS = 1, 5  # pytest's own words for it
LONGEST_SECONDS = 180  # of one test: without its guard some wait for what never comes


def try_tests(copy: Path, tests: tuple[str, ...]) -> tuple[bool, str]:
    """Whether all of the tests fail, and what was said about the last of them."""
    env = os.environ | {"VAR_DIR": str(copy / "var"), "SECRET_KEY": "only-for-tests"}
    only = [] if os.environ.get("REDIS_URL") else ["-m", "not services"]
    said = ""
    for test in tests:
        command = [sys.executable, "-m", "pytest", "-q", "-x", *only, test]
        try:
            done = subprocess.run(
                command, cwd=copy, env=env, capture_output=True, text=True, timeout=LONGEST_SECONDS
            )
        except subprocess.TimeoutExpired:
            said = f"noticed, {test} came to no end"
            continue
        if done.returncode == NO_TESTS:
            return True, "not tried: it needs PostgreSQL"
        if done.returncode not in (0, TESTS_FAILED):
            raise SystemExit(f"{test} could not be run:\n{done.stdout}{done.stderr}")
        if done.returncode == 0:
            return False, f"NOT NOTICED by {test}"
        said = f"noticed, {done.stdout.strip().splitlines()[-1]}"
    return True, said


def is_noticed(guard: Guard, copy: Path) -> bool:
    path = copy / guard.path
    whole = path.read_text()
    path.write_text(whole.replace(guard.text, guard.instead))
    try:
        noticed, said = try_tests(copy, guard.tests)
    finally:
        path.write_text(whole)
    print(f"{guard.promise}. {guard.name}: {said}", flush=True)
    return noticed


def choose(words: list[str]) -> list[Guard]:
    """The guards of promises by their numbers, and those whose name holds a word; without, all."""
    chosen = [g for g in GUARDS if not words or any(is_meant(g, word) for word in words)]
    if not chosen:
        sys.exit(f"No guard is named like {', '.join(words)}: docs/promises.md lists them.")
    return chosen


def is_meant(guard: Guard, word: str) -> bool:
    return word == str(guard.promise) or (not word.isdigit() and word in guard.name)


def main() -> int:
    for number, promise in PROMISES.items():
        print(f"{number}. {promise}")
    with tempfile.TemporaryDirectory(prefix="offprint-guards-") as folder:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".env")
        shutil.copytree(ROOT, copy, ignore=ignored)
        unnoticed = [guard for guard in choose(sys.argv[1:]) if not is_noticed(guard, copy)]
        return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
