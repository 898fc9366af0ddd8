"""BibTeX as people paste it is read, and what is none is a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from digest.suggest import bibtex_import
from digest.suggest.bibtex_import import is_bibtex, read_bibtex

BIBTEX = r"""
Some words before, and mail@example.org.
@comment{nothing}
@InProceedings{chi2023,
  title     = {{Diffusion} Policy: Visuomotor Policy Learning via {Action Diffusion}},
  author    = {Chi, Cheng and Feng, Siyuan and others},
  keywords  = {Imitation learning; diffusion policy},
  year      = 2023,
}
@article(fr, title = "A {Fr\'echet} distance", author = "Yann LeCun and Fr{\'e}chet, M.",
  abstract = "It {never} closes {", keywords={},
@misc{empty, howpublished = {by hand}}
"""


def test_bibtex_is_read_with_braces_quotes_accents_and_open_ends() -> None:
    policy, distance = read_bibtex(BIBTEX)
    assert policy.title == "Diffusion Policy: Visuomotor Policy Learning via Action Diffusion"
    assert policy.authors == ("Cheng Chi", "Siyuan Feng")
    assert policy.keywords == ("Imitation learning", "diffusion policy")
    assert distance.title == "A Fréchet distance"
    assert distance.authors == ("Yann LeCun", "M Fréchet")
    assert distance.abstract.startswith("It never closes")


@pytest.mark.parametrize("text", ["", "a b", "me@example.org (home)", "@handle {smile}"])
def test_what_is_no_bibtex_is_a_text(text: str) -> None:
    assert not is_bibtex(text)


MESSY = r"""
% Encoding: UTF-8
@comment{jabref-meta: grouping; @article{no, title={Not this one}, author={Nobody, N}}}
@string{nips = "Advances in Neural Information Processing"}
@STRING(hinton = {Hinton, Geoffrey E.})
@inproceedings{zotero_2017,
	title = {Attention {Is} All {You} Need},
	author = {Vaswani, Ashish and {\L}ukasz Kaiser and {Barnes and Noble}},
	keywords = {Computer Science - Machine Learning, attention},
	file = {Full Text:/home/x/AB=CD/1706.pdf:application/pdf},
}
@article{Mendeley2015, title = {{Deep learning}}, journal = nips, mendeley-tags = {deep learning},
  keywords = {deep learning}, month = may, author = {LeCun, Yann and King, Jr., Martin Luther}}
@article{scholar, title="Errors {"}propagated{"} back",
  author=hinton # " and " # {Doe, J and others},}
@book{accents, title = {{\"U}ber {M\"o}bius: \'Etude na\"{\i}ve, \v{S}koda, Erd\H{o}s},}
@misc{broken, title = {never closed {brace, author = {Lost, Al}
@article{after, title = {After the broken one}}
"""


def test_messy_bibtex_of_reference_managers_is_read_as_it_was_meant() -> None:
    zotero, mendeley, scholar, accents, _, after = read_bibtex(MESSY)
    assert zotero.title == "Attention Is All You Need"
    assert zotero.authors == ("Ashish Vaswani", "Łukasz Kaiser")
    assert mendeley.keywords == ("deep learning",)
    assert mendeley.authors == ("Yann LeCun", "Martin Luther King")
    assert scholar.authors == ("Geoffrey E Hinton", "J Doe")
    assert scholar.title == 'Errors "propagated" back'
    assert accents.title == "Über Möbius: Étude naïve, Škoda, Erdős"
    assert after.title == "After the broken one"


@pytest.mark.parametrize(
    "repeated",
    [
        "@a{",
        '@a{t="{',
        'a="{",',
        "@comment({",
        "{",
        "@a{k,title={x},author={" + " " * 9_000 + "}}",
        "a= ",
        "a#",
        "@a{k,title={" + "\\{" * 900 + "}" * 900 + "}}",
        "@a{k,keywords={" + "a," * 5_000 + "}}",
        '@a{k,title="' + "{" * 20_000,
        "@a{k," + 'a="{",' * 90 + 'b="",' * 10_000,
        "@",
        " ",
    ],
    ids=lambda repeated: repeated[:12],
)
def test_the_largest_paste_costs_what_its_length_is_worth(
    repeated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in signs that are looked at: a tenth of the text costs a tenth of it, or more."""
    looked_at = 0

    class Counting:
        def __init__(self, pattern: re.Pattern[str]) -> None:
            self._pattern = pattern

        def finditer(self, *place: Any) -> Iterator[re.Match[str]]:
            nonlocal looked_at
            for found in self._pattern.finditer(*place):
                looked_at += 1
                yield found

    for name in ("_BRACE", "_QUOTE", "_AND", "_ENTRY"):
        monkeypatch.setattr(bibtex_import, name, Counting(getattr(bibtex_import, name)))
    size = 60_000
    bibtex_import.read_bibtex("@a{k," + (repeated * (size // len(repeated) + 1))[:size])
    assert looked_at < 5 * size


def test_macros_that_double_one_another_stay_short() -> None:
    strings = "".join(f"@string{{s{n + 1} = s{n} # s{n}}}" for n in range(60))
    [entry] = bibtex_import.read_bibtex(f'@string{{s0 = "ab"}}{strings}@a{{k, title = s60}}')
    assert 0 < len(entry.title) <= 1_000
