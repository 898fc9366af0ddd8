from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.identifiers import (
    IDENTIFIER_CHARS,
    find_arxiv_number,
    find_doi,
    fold_title,
    identify,
    is_stronger,
    is_telling,
    may_be_one,
    name_within,
    normalise_url,
    read_arxiv_number,
)
from digest.identifiers.dois import DOI_CHARS, find_doi_version


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/abs/2401.01234",
        "http://arxiv.org/abs/2401.01234v2?context=cs.LG",
        "https://arxiv.org/pdf/2401.01234v12.pdf",
        "https://www.arxiv.org/html/2401.01234v1#S3",
        "https://export.arxiv.org/abs/2401.01234",
        "oai:arXiv.org:2401.01234v3",
        "arXiv:2401.01234v1",
        "https://doi.org/10.48550/arXiv.2401.01234",
        "https://doi.org/10.48550%2FarXiv.2401.01234",
        "10.48550/ARXIV.2401.01234",
        "https://huggingface.co/papers/2401.01234",
        "https://www.alphaxiv.org/abs/2401.01234v1",
        "https://ar5iv.labs.arxiv.org/html/2401.01234",
    ],
)
def test_every_way_to_an_arxiv_paper_leads_to_one_identifier(text: str) -> None:
    assert identify(text) == "arxiv:2401.01234"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("http://arxiv.org/abs/hep-ex/0307015v1", "arxiv:hep-ex/0307015"),
        ("arXiv:math.GT/0309136", "arxiv:math/0309136"),
        ("https://arxiv.org/pdf/astro-ph/0601001", "arxiv:astro-ph/0601001"),
        ("https://arxiv.org/abs/0704.0001", "arxiv:0704.0001"),
    ],
)
def test_old_arxiv_numbers_are_known_without_version_and_subject_class(
    text: str, identifier: str
) -> None:
    assert identify(text) == identifier


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/list/cs.CL/recent",
        "https://arxiv.org/abs/2413.01234",  # there is no thirteenth month
        "https://arxiv.org/abs/2401.012345",
        "https://example.org/2401.01234",
        "https://arxiv.org/abs/nosuch/0307015",
    ],
)
def test_what_only_looks_like_an_arxiv_number_is_none(text: str) -> None:
    assert find_arxiv_number(text) == ""


def test_a_bare_arxiv_number_is_read_only_where_one_is_expected() -> None:
    assert read_arxiv_number(" 2401.01234v2 ") == "2401.01234"
    assert read_arxiv_number("CS/0601001") == "cs/0601001"
    assert read_arxiv_number("paper 2401.01234") == ""
    assert find_arxiv_number("2401.01234") == ""


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1038/NATURE14539", "10.1038/nature14539"),
        ("https://doi.org/10.1016/S0140-6736(05)67890(1)", "10.1016/s0140-6736(05)67890(1)"),
        ("10.1000/x[1]", "10.1000/x[1]"),
        ("doi:10.1145/3292500.3330701", "10.1145/3292500.3330701"),
        ("https://dl.acm.org/doi/full/10.1145/3292500.3330701?x=1", "10.1145/3292500.3330701"),
        ("see 10.1016/S0140-6736(20)30183-5).", "10.1016/s0140-6736(20)30183-5"),
        ("[10.1000/x[1]]", "10.1000/x[1]"),
        (
            "https://www.biorxiv.org/content/10.1101/2024.01.02.573875v2.full",
            "10.1101/2024.01.02.573875",
        ),
        ("https://onlinelibrary.wiley.com/doi/10.1002/anie.1/abstract", "10.1002/anie.1"),
        ("https://x.org/10.1000/ab;jsessionid=77", "10.1000/ab"),
        ("https://example.org/10.5/x", ""),
        ("https://example.org/v10.1038/x", ""),
        ("https://example.org/post", ""),
        ("10.1038/", ""),
        ("10.1038/" + "x" * 300, ""),
    ],
)
def test_dois_are_found_in_lower_case_without_what_stands_around_them(text: str, doi: str) -> None:
    assert find_doi(text) == doi


def test_the_version_of_a_preprint_is_read_of_its_doi_wherever_that_stands() -> None:
    link = "https://doi.org/10.26434/chemrxiv-2023-abc12-v3"
    assert (find_doi(link), find_doi_version(f"See {link}.")) == ("10.26434/chemrxiv-2023-abc12", 3)
    assert find_doi_version("10.1038/nature14539") == 0


def test_a_doi_is_as_long_as_the_column_that_holds_it_at_most() -> None:
    longest = f"10.1000/{'x' * (DOI_CHARS - 8)}"
    assert (find_doi(longest), find_doi(f"{longest}x")) == (longest, "")


def test_a_doi_never_carries_control_characters() -> None:
    assert find_doi("https://doi.org/10.1000/ab%00cd") == "10.1000/ab"


def test_the_arxiv_number_comes_before_the_doi_and_the_doi_before_the_address() -> None:
    link = "https://journal.example.org/article/7"
    assert identify(link, "arXiv:2401.01234", doi="10.1000/x") == "arxiv:2401.01234"
    assert identify(link, "some id", doi="10.1000/X") == "doi:10.1000/x"
    assert identify(link, "doi:10.1000/y") == "doi:10.1000/y"
    assert identify(link, "some id") == f"url:{link}"


@pytest.mark.parametrize(
    "url",
    [
        "https://lab.example.org/post?b=2&a=1",
        "http://lab.example.org/post?a=1&b=2",
        "HTTPS://Lab.Example.org:443/post/?a=1&b=2#comments",
        " https://lab.example.org/post?a=1&b=2&utm_source=rss&utm_medium=feed&fbclid=x ",
    ],
)
def test_one_page_has_one_address(url: str) -> None:
    assert normalise_url(url) == "https://lab.example.org/post?a=1&b=2"


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://x.org:8080/a", "https://x.org:8080/a"),
        ("https://x.org/here.pl?r123", "https://x.org/here.pl?r123"),
        ("https://x.org/app#!/post/1", "https://x.org/app#!/post/1"),
        ("https://x.org", "https://x.org"),
        ("tag:x.org,2020:5", "tag:x.org,2020:5"),
        ("https://[broken", "https://[broken"),
        ("https://x.org:nan/", "https://x.org:nan/"),
    ],
)
def test_what_makes_a_page_another_page_stays(url: str, normal: str) -> None:
    assert normalise_url(url) == normal


def test_long_addresses_stay_different_and_fit() -> None:
    one, other = (identify(f"https://x.org/{'a' * 400}{tail}") for tail in "bc")
    assert one != other
    assert len(one) == len(other) == IDENTIFIER_CHARS


def test_an_entry_without_address_is_named_within_its_feed() -> None:
    assert name_within("http://x.org/feed/", "id 1") == "url:https://x.org/feed#id 1"


def test_an_arxiv_number_is_a_stronger_name_than_a_doi_and_that_than_an_address() -> None:
    names = ["url:https://x.org", "doi:10.1000/x", "arxiv:2401.01234"]
    for weaker, stronger in pairwise(names):
        assert is_stronger(stronger, weaker)
        assert not is_stronger(weaker, stronger)
        assert not is_stronger(weaker, weaker)


def test_two_different_arxiv_numbers_or_dois_are_never_one_paper() -> None:
    assert not may_be_one("arxiv:2401.01234", "arxiv:2401.01235")
    assert not may_be_one("doi:10.1000/x", "doi:10.1000/y")
    assert may_be_one("arxiv:2401.01234", "arxiv:2401.01234")
    assert may_be_one("arxiv:2401.01234", "doi:10.1000/x")
    assert may_be_one("url:https://x.org/1", "url:https://y.org/2")


@pytest.mark.parametrize(
    "title",
    [
        "Schrödinger’s Cat — Revisited: A (Short) Survey",
        "SCHRODINGER'S CAT - revisited, a short survey",
        "Schro\u0308dinger\u2019s  Cat\u00a0Revisited / A short “survey”",
    ],
)
def test_titles_are_compared_without_case_accents_and_punctuation(title: str) -> None:
    assert fold_title(title) == "schrodinger s cat revisited a short survey"


def test_titles_in_any_script_are_kept() -> None:
    assert fold_title("扩散 模型") == "扩散 模型"


def test_only_long_titles_tell_papers_apart() -> None:
    assert is_telling("attention is all you need for everything")
    assert not is_telling("introduction")
    assert not is_telling("deep learning survey")
    assert not is_telling("electroencephalographically speaking")


@given(st.text(st.characters(max_codepoint=127), max_size=80))
def test_plain_letters_are_folded_in_the_short_way_as_in_the_long(title: str) -> None:
    assert fold_title(title) == fold_title(f"{title}\u0301")
