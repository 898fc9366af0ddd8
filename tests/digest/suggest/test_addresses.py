"""Addresses name authors, listings and papers, however they are written."""

from __future__ import annotations

import pytest

from digest.suggest.addresses import ParsedAddresses, are_addresses, read_addresses


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://arxiv.org/a/lecun_y_1", ParsedAddresses(author_ids=("lecun_y_1",))),
        (
            "arxiv.org/a/van_der_maaten_l_1.atom2",
            ParsedAddresses(author_ids=("van_der_maaten_l_1",)),
        ),
        (
            "https://arxiv.org/a/0000-0002-7970-785x",
            ParsedAddresses(author_ids=("0000-0002-7970-785X",)),
        ),
        (
            "https://orcid.org/0000-0002-7970-7855",
            ParsedAddresses(author_ids=("0000-0002-7970-7855",)),
        ),
        ("0000-0002-7970-7855", ParsedAddresses(author_ids=("0000-0002-7970-7855",))),
        (
            "arxiv.org/search/?query=LeCun%2C+Y&searchtype=author",
            ParsedAddresses(authors=("Y LeCun",)),
        ),
        ("https://arxiv.org/list/cs.CL/recent", ParsedAddresses(categories=("cs.CL",))),
        ("https://arxiv.org/list/cs.CL/new?skip=0&show=50", ParsedAddresses(categories=("cs.CL",))),
        (
            "http://rss.arxiv.org/rss/cs.CL+stat.ML",
            ParsedAddresses(categories=("cs.CL", "stat.ML")),
        ),
        ("https://export.arxiv.org/list/hep-ex/new", ParsedAddresses(categories=("hep-ex",))),
        ("https://arxiv.org/pdf/2401.01234v2", ParsedAddresses(papers=("2401.01234",))),
        ("arXiv:2401.01234v1", ParsedAddresses(papers=("2401.01234",))),
        ("arXiv:hep-ex/0307015", ParsedAddresses(papers=("hep-ex/0307015",))),
        (
            "https://export.arxiv.org/api/query?search_query=au:del_maestro+AND+cat:cs.RO"
            "&id_list=2401.01234,2401.01235v2",
            ParsedAddresses(
                authors=("del maestro",),
                categories=("cs.RO",),
                papers=("2401.01234", "2401.01235"),
            ),
        ),
        (
            "https://arxiv.org/search/?query=x",
            ParsedAddresses(unknown=("https://arxiv.org/search/?query=x",)),
        ),
        ("https://info.arxiv.org/help", ParsedAddresses(unknown=("https://info.arxiv.org/help",))),
        ("(2604.19742)", ParsedAddresses(papers=("2604.19742",))),
        ("- 2604.19742\n* arXiv:2604.19747,", ParsedAddresses(papers=("2604.19742", "2604.19747"))),
        (
            "[1] arXiv: 2604.19742 [cs.CL].\n2. “2604.19747”.",
            ParsedAddresses(papers=("2604.19742", "2604.19747")),
        ),
        (
            "2604.19742,2604.19747;2604.19742v2",
            ParsedAddresses(papers=("2604.19742", "2604.19747")),
        ),
        ("doi.org/10.48550/arXiv.2604.19742", ParsedAddresses(papers=("2604.19742",))),
        ("10.48550/arXiv.2604.19742", ParsedAddresses(papers=("2604.19742",))),
        ("https://huggingface.co/papers/2604.19742", ParsedAddresses(papers=("2604.19742",))),
        (
            "2604.19742 and https://doi.org/10.1038/nature14539 2604.19747",
            ParsedAddresses(
                papers=("2604.19742", "2604.19747"),
                unknown=("and", "https://doi.org/10.1038/nature14539"),
            ),
        ),
        (
            "https://example.org/list/cs.CL",
            ParsedAddresses(unknown=("https://example.org/list/cs.CL",)),
        ),
        ("https://arxiv.org/a/what", ParsedAddresses(unknown=("https://arxiv.org/a/what",))),
    ],
)
def test_an_arxiv_address_names_authors_listings_or_papers(
    address: str, named: ParsedAddresses
) -> None:
    assert are_addresses(address)
    assert read_addresses(f"<{address}>,\n{address}") == named


@pytest.mark.parametrize("text", ["", "see https://arxiv.org/a/x_y_1", "my https://example.org/"])
def test_words_around_an_address_make_it_a_text(text: str) -> None:
    assert not are_addresses(text)
