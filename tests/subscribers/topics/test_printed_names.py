"""Names of genes and proteins are read as journals print them, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.topics.printed_names import find_glued_mutation, respell_names


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("NF-kB/TNFa,", "NF-κB/TNFα,"),
        ("NFKB1", "NFκB1"),
        ("IkBa", "IκBa"),
        ("TGF-ß1", "TGF-β1"),
        ("tgfb1", "tgfβ1"),
        ("IFNG", "IFNγ"),
        ("IL-1b-induced", "IL-1β-induced"),
        ("LCDM", "ΛCDM"),
        ("KRAS(G12C)", "KRAS-G12C-"),
        ("KRAS^(G12C)", "KRAS--G12C-"),
    ],
)
def test_a_latin_letter_for_a_greek_one_is_read_as_that(typed: str, printed: str) -> None:
    assert respell_names(typed) == printed


@pytest.mark.parametrize(
    "plain",
    [
        "PS-b-PMMA",
        "PEO-b-poly",
        "GPa",
        "IIIb",
        "MPT-7b",
        "YBa₂Cu₃O₇",
        "RNAs",
        "Straße",
        "GPT-4b",
        "f(x)",
        "Fe(III)",
        "(A1)",
        "LoRa",
        "nfkbia",
        "skill-b",
        "PCA",
        "VGG-16b",
        "CNNa2x",
    ],
)
def test_what_is_no_such_name_stays_as_it_is(plain: str) -> None:
    assert respell_names(plain) == plain


@given(st.text(alphabet="NFTGKRASIL12abgkBß-()^ ,"))
def test_a_text_keeps_its_length(raw: str) -> None:
    assert len(respell_names(raw)) == len(raw)


@pytest.mark.parametrize(
    ("raw", "at"), [("KRASG12C", 4), ("IDH1R132H", 4), ("GPT35", 0), ("LLAMA70B", 0), ("G12C", 0)]
)
def test_a_mutation_behind_its_gene_is_a_word_of_its_own(raw: str, at: int) -> None:
    assert find_glued_mutation(raw) == at
