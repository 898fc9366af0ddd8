"""A guard that is taken away is noticed by tests that fail, not by a machine that is busy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises import Guard
from tests.without_guards import NO_TESTS, TESTS_FAILED, try_tests

KEPT = "IS_KEPT = True\n"
Ended = int | None  # None: it came to no end


@pytest.mark.parametrize(
    ("without", "with_it", "is_noticed", "said"),
    [
        (TESTS_FAILED, 0, True, "noticed, its last line"),
        (0, 0, False, "NOT NOTICED by test_it.py"),
        (NO_TESTS, 0, True, "not tried: it needs PostgreSQL"),
        (None, 0, True, "noticed, test_it.py came to no end"),
        (
            None,
            None,
            False,
            "NOT TOLD by test_it.py: it comes to no good end with the guard either",
        ),
        (None, TESTS_FAILED, False, "NOT TOLD by test_it.py"),
    ],
)
def test_a_guard_is_noticed_where_a_test_ends_badly_without_it_alone(
    tmp_path: Path, *, without: Ended, with_it: Ended, is_noticed: bool, said: str
) -> None:
    kept = tmp_path / "kept.py"
    kept.write_text(KEPT)

    def run(copy: Path, test: str) -> tuple[Ended, str]:
        code = with_it if kept.read_text() == KEPT else without
        return code, "" if code is None else "its last line"

    guard = Guard(1, "kept", "kept.py", "= True", "= False", ("test_it.py",))
    noticed, words = try_tests(guard, tmp_path, run)
    assert (noticed, words[: len(said)]) == (is_noticed, said)
    assert kept.read_text() == KEPT
