"""The markup of science is read, not stripped."""

from __future__ import annotations

import pytest

from digest.ingest.text.markup import looks_like_markup, read_lines


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("10<sup>6</sup> cells", "10⁶ cells"),
        ("10<sup>-9</sup> M", "10⁻⁹ M"),
        ("CO<sub>2</sub>", "CO₂"),
        ("H<inf>2</inf>O", "H₂O"),
        ("x<sub>max</sub> is", "x_max is"),
        ("x<sup>a+b</sup>", "x^(a+b)"),
        ("G463<sup>T</sup>,", "G463^T,"),
        ("the 21<sup>st</sup>", "the 21st"),
        ("20<sup>o</sup>C", "20°C"),
        ("Roof<sup>TM</sup>", "Roof™"),
        ("<i>E. coli</i> <scp>DNA</scp>", "E. coli DNA"),
        ("<jats:italic>in vivo</jats:italic>", "in vivo"),
        ("<p>One.</p><p>Two.</p>", "One.|Two."),
        ('<span class="jp-sup">2</span>', "²"),
        ("a &amp;lt;b&amp;gt; &amp;amp; c", "a &lt;b&gt; &amp; c"),
        ("0 < x<1", "0 < x<1"),
        ("<think> about it", "<think> about it"),
        ("<mml:math><mml:msup><mml:mi>B</mml:mi><mml:mn>0</mml:mn></mml:msup></mml:math>", "B⁰"),
        ("&lt;p&gt;Twice &lt;i&gt;escaped&lt;/i&gt;&lt;/p&gt;", "Twice escaped"),
    ],
)
def test_markup_becomes_the_text_that_it_sets(markup: str, text: str) -> None:
    assert "|".join(read_lines(markup)) == text


@pytest.mark.parametrize("text", ["<b>x</b>", "a<br>b", "caf&eacute;", "<foo>x</foo>"])
def test_markup_is_told_by_looking(text: str) -> None:
    assert looks_like_markup(text)


@pytest.mark.parametrize("text", ["0<x<1", "<think>", "Q&A", "a > b", "AT&T;"])
def test_signs_that_mean_themselves_are_no_markup(text: str) -> None:
    assert not looks_like_markup(text)


def test_a_hundred_thousand_nested_tags_end() -> None:
    assert read_lines("<sub>" * 100_000 + "x")[-1:] in ([], ["x"])
