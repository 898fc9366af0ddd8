"""Dashes and quotes between the commands of TeX are set as TeX sets them."""

from __future__ import annotations

import pytest

from digest.ingest.text.tex import read_tex
from digest.ingest.text.tex_prose import convert_dash, find_dashes, read_prose


def test_dashes_are_found_where_their_first_hyphen_stands() -> None:
    assert find_dashes("a -- b---c --flag") == {2: "--", 6: "---"}
    assert (convert_dash("--"), convert_dash("---")) == ("–", "—")


def test_a_text_without_any_is_the_same_text() -> None:
    assert read_prose("a - b, don't") == "a - b, don't"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Seeing -- and Doing", "Seeing – and Doing"),
        ("of 3--5 layers---or more", "of 3–5 layers—or more"),
        ("by 74%--and (a)--(c)", "by 74%–and (a)–(c)"),
        ("Read --- Then Think", "Read — Then Think"),
        ("a ``frozen'' policy", "a “frozen” policy"),
        (r"with --flag, 5$\times$ -- and \texttt{--more}", "with --flag, 5× – and --more"),
        (r"$x--y$ --- \emph{then}--$z$", "x--y — then–z"),
    ],
)
def test_dashes_and_quotes_of_plain_prose_are_set_as_tex_sets_them(typed: str, shown: str) -> None:
    assert read_tex(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "run with --seed 3, (--help) or \"--quiet\"", "LLM-->VLM <!-- so --> |--|", "-----", "----",
        "at https://x.org/a--b/c", "`x -- y`, i--;", "--", "``never closed", "'' ``", "a `b' c",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_dash_or_a_quote_stays(typed: str) -> None:
    assert read_tex(typed) == typed
    assert "``" in typed or typed in read_tex(rf"{typed} \%")
