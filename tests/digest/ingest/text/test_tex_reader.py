from __future__ import annotations

import pytest

from digest.ingest.text.tex_math import mark_formulas
from digest.ingest.text.tex_reader import DEEPEST, NotTex, TexReader


@pytest.mark.parametrize(
    ("typed", "shown", "knew_any"),
    [
        (r"\emph{so}", "so", True),
        ("plain {braces}", "plain braces", False),
        (r"\ours{} wins", r"\ours wins", True),
        (r"\ours wins", r"\ours wins", False),
        ("$x_1$", "x₁", True),
    ],
)
def test_a_reader_says_whether_it_met_any_tex(typed: str, shown: str, knew_any: bool) -> None:
    reader = TexReader(mark_formulas(typed))
    assert (reader.read(), reader.knew_any) == (shown, knew_any)


@pytest.mark.parametrize("typed", [r"\frac{a}", "{" * (DEEPEST + 1) + "}" * (DEEPEST + 1)])
def test_half_a_fraction_and_what_is_too_deep_are_no_tex(typed: str) -> None:
    with pytest.raises(NotTex):
        TexReader(typed).read()
