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
from collections.abc import Callable
from pathlib import Path

from tests.promises import GUARDS, PROMISES, Guard

ROOT = Path(__file__).parent.parent
TESTS_FAILED, NO_TESTS = 1, 5  # pytest's own words for it
RunTest = Callable[[Path, str], tuple[int | None, str]]
LONGEST_SECONDS = 180  # of one test: without its guard some wait for what never comes


def run_test(copy: Path, test: str) -> tuple[int | None, str]:
    """What pytest ended with, None where it came to no end, and what it said last."""
    env = os.environ | {"VAR_DIR": str(copy / "var"), "SECRET_KEY": "only-for-tests"}
    only = [] if os.environ.get("REDIS_URL") else ["-m", "not services"]
    command = [sys.executable, "-m", "pytest", "-q", "-x", *only, test]
    try:
        done = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, text=True, timeout=LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return None, ""
    if done.returncode not in (0, TESTS_FAILED, NO_TESTS):
        raise SystemExit(f"{test} could not be run:\n{done.stdout}{done.stderr}")
    return done.returncode, done.stdout.strip().splitlines()[-1]


def try_tests(guard: Guard, copy: Path, run: RunTest = run_test) -> tuple[bool, str]:
    """Whether all of the tests fail without the guard, and what was said about the last of them."""
    path, said = copy / guard.path, ""
    whole = path.read_text()
    for test in guard.tests:
        path.write_text(whole.replace(guard.text, guard.instead))
        try:
            code, last = run(copy, test)
        finally:
            path.write_text(whole)
        if code == NO_TESTS:
            return True, "not tried: it needs PostgreSQL"
        if code == 0:
            return False, f"NOT NOTICED by {test}"
        said = f"noticed, {last or f'{test} came to no end'}"
        # On a busy machine it may come to none with the guard either, which tells nothing.
        if code is None and run(copy, test)[0] != 0:
            return False, f"NOT TOLD by {test}: it comes to no good end with the guard either"
    return True, said


def is_noticed(guard: Guard, copy: Path) -> bool:
    noticed, said = try_tests(guard, copy)
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
