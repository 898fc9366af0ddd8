"""The several addresses that sites have for one paper; the papers are made up."""

from __future__ import annotations

import pytest

from digest.identifiers import identify
from digest.identifiers.paper_pages import ADDRESS_PAGES, DOI_PAGES

ONE_PAPER = [
    (
        "url:https://osf.io/preprints/lawarchive/ab3cd",
        "https://osf.io/preprints/lawarchive/ab3cd",
        "https://osf.io/preprints/lawarchive/ab3cd_v2",
    ),
    (
        "doi:10.18653/v1/2026.acl-long.113",
        "https://aclanthology.org/2026.acl-long.113/",
        "https://aclanthology.org/2026.acl-long.113v2.pdf",
        "https://doi.org/10.18653/v1/2026.acl-long.113",
    ),
    (
        "doi:10.7554/elife.91234",
        "https://elifesciences.org/articles/91234",
        "https://elifesciences.org/reviewed-preprints/91234v2",
        "https://doi.org/10.7554/eLife.91234.1",
    ),
    (
        "doi:10.21203/rs.3.rs-1234567",
        "https://www.researchsquare.com/article/rs-1234567/v1",
        "https://www.researchsquare.com/article/rs-1234567/latest.pdf",
    ),
    (
        "doi:10.2139/ssrn.4567890",
        "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=4567890",
        "https://ssrn.com/abstract=4567890",
        "https://dx.doi.org/10.2139/ssrn.4567890",
    ),
    (
        "doi:10.31234/osf.io/ab3cd",
        "https://osf.io/preprints/psyarxiv/ab3cd_v2",
        "https://psyarxiv.com/ab3cd/",
    ),
    (
        "doi:10.1038/s41586-026-01234-5",
        "https://www.nature.com/articles/s41586-026-01234-5",
        "http://nature.com/articles/s41586-026-01234-5.pdf",
    ),
    (
        "url:https://openreview.net/forum?id=aB-3_d",
        "https://openreview.net/forum?id=aB-3_d&noteId=x",
        "https://openreview.net/pdf?id=aB-3_d",
        "https://openreview.net/forum?referrer=%5Bx%5D&id=aB-3_d",
    ),
    (
        "url:https://proceedings.mlr.press/v300/doe26a.html",
        "https://proceedings.mlr.press/v300/doe26a.html",
        "http://proceedings.mlr.press/v300/doe26a/doe26a.pdf",
    ),
    (
        "url:https://ieeexplore.ieee.org/document/10123456",
        "http://ieeexplore.ieee.org/document/10123456/",
        "https://ieeexplore.ieee.org/abstract/document/10123456",
        "https://ieeexplore.ieee.org/stamp/stamp.jsp?tp=&arnumber=10123456",
    ),
    (
        "url:https://pubmed.ncbi.nlm.nih.gov/99000001",
        "https://pubmed.ncbi.nlm.nih.gov/99000001/?fc=1&v=2.18",
        "https://www.ncbi.nlm.nih.gov/pubmed/99000001",
    ),
    (
        "url:https://hal.science/hal-04123456",
        "https://hal.science/hal-04123456v2",
        "https://inria.hal.science/hal-04123456",
    ),
    (
        "url:https://ideas.repec.org/p/abc/defghi/32123.html",
        "https://ideas.repec.org/p/abc/defghi/32123.html",
        "https://econpapers.repec.org/paper/abcdefghi/32123.htm",
    ),
    (
        "url:https://dblp.org/rec/conf/acl/Doe26",
        "https://dblp.org/rec/conf/acl/Doe26.html",
        "https://dblp.uni-trier.de/rec/conf/acl/Doe26",
    ),
    (
        "arxiv:2604.11111",
        "https://papers.cool/arxiv/2604.11111",
        "https://scirate.com/arxiv/2604.11111v2",
        "https://www.semanticscholar.org/arxiv/2604.11111",
        "https://api.semanticscholar.org/arXiv:2604.11111",
        "https://www.alphaxiv.org/abs/2604.11111",
        "https://huggingface.co/papers/2604.11111",
        "https://ui.adsabs.harvard.edu/abs/2026arXiv260411111D/abstract",
        "https://arxiv-sanity-lite.com/?rank=pid&pid=2604.11111",
        "http://export.arxiv.org/pdf/2604.11111v3.pdf",
    ),
]


@pytest.mark.parametrize("row", ONE_PAPER, ids=lambda row: row[0])
def test_all_addresses_of_a_paper_lead_to_one_name(row: tuple[str, ...]) -> None:
    assert {identify(address) for address in row[1:]} == {row[0]}


@pytest.mark.parametrize(
    "address",
    [
        "https://openreview.net/group?id=ICLR.cc",
        "https://aclanthology.org/venues/acl/",
        "https://www.nature.com/nature/articles?type=news",
        "https://example.org/document/10123456",
        "https://elifesciences.org/labs",
    ],
)
def test_other_pages_keep_their_own_address(address: str) -> None:
    assert identify(address).startswith("url:https://")
    assert address.partition("://")[2].rstrip("/").removeprefix("www.") in identify(address)


def test_every_rule_says_where_its_site_shows_it() -> None:
    assert all(row.rule.startswith("https://") for row in (*DOI_PAGES, *ADDRESS_PAGES))


def test_angle_brackets_of_an_old_doi_belong_to_it() -> None:
    first = "https://doi.org/10.5555/(SICI)1234-5678(199806)49:8<693::AID-AB4>3.0.CO;2-O"
    second = "https://doi.org/10.5555/(SICI)1234-5678(199806)49:8%3C701::AID-AB5%3E3.0.CO;2-%23"
    assert identify(first) == "doi:10.5555/(sici)1234-5678(199806)49:8<693::aid-ab4>3.0.co;2-o"
    assert identify(second) == "doi:10.5555/(sici)1234-5678(199806)49:8<701::aid-ab5>3.0.co;2-#"
    assert identify("<a>10.5555/abc<i>x</i>") == "doi:10.5555/abc"


def test_a_session_in_the_address_names_no_other_page() -> None:
    plain = identify("https://j.example.org/article/7")
    assert identify("https://j.example.org/article/7;jsessionid=0F3A?af=R") == plain
