"""A formula reads the same, whether a publisher sends MathML or TeX."""

from __future__ import annotations

import pytest

from digest.ingest.text.mathml import read_mathml
from digest.ingest.text.tex import read_tex


@pytest.mark.parametrize(
    ("mathml", "tex"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x^2"),
        ("<msub><mi>T</mi><mi>c</mi></msub>", "T_{c}"),
        ("<msqrt><mi>s</mi></msqrt>", r"\sqrt{s}"),
        ("<mfrac><mi>a</mi><mi>b</mi></mfrac>", r"\frac{a}{b}"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", r"\bar{x}"),
        ("<msubsup><mi>B</mi><mi>s</mi><mn>0</mn></msubsup>", "B_s^0"),
        ("<mi>sin</mi><mi>x</mi>", r"\sin x"),
    ],
)
def test_mathml_reads_as_tex_does(mathml: str, tex: str) -> None:
    assert read_mathml(f"<math>{mathml}</math>") == read_tex(f"${tex}$")


def test_the_publishers_own_tex_is_taken_where_it_stands_beside() -> None:
    own = '<annotation encoding="application/x-tex">x^{2}</annotation>'
    assert read_mathml(f"<math><semantics><mi>x</mi>{own}</semantics></math>") == "x²"
    assert read_mathml('<math alttext="x^{2}"><mi>y</mi></math>') == "x²"


def test_broken_or_bottomless_formulas_keep_their_words() -> None:
    assert read_mathml("<math><mi>x</math>").split() == ["x"]
    assert read_mathml("<math>" + "<mrow>" * 99 + "x" + "</mrow>" * 99 + "</math>").split() == ["x"]
