from __future__ import annotations

import pytest

from digest.ingest.text.tex_math import CLOSE, OPEN, find_pairs, mark_formulas


@pytest.mark.parametrize(
    ("typed", "inner"),
    [("$x$", "x"), (r"\(x^2\)", "x^2"), (r"$$ a=b $$", "a=b"), (r"$\times$4", r"\times")],
)
def test_a_formula_is_marked_at_both_ends(typed: str, inner: str) -> None:
    assert mark_formulas(typed).startswith(f"{OPEN}{inner}{CLOSE}")


@pytest.mark.parametrize("typed", ["from $5 to $10", "5$ and 6$", r"as in \[12\]"])
def test_dollars_that_mean_money_and_brackets_of_a_footnote_are_left(typed: str) -> None:
    assert mark_formulas(typed) == typed


def test_what_is_opened_and_never_closed_has_no_pair() -> None:
    assert find_pairs(r"{a} {b \} c") == {0: 2}
    assert find_pairs(f"{OPEN}{{x{CLOSE}}}") == {0: 3}
