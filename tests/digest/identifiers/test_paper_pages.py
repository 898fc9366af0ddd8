"""The several addresses that sites have for one paper; the papers are made up."""

from __future__ import annotations

import pytest

from digest.identifiers import identify
from digest.identifiers.paper_pages import ADDRESS_PAGES, DOI_PAGES

ONE_PAPER = [
    (
        "url:https://chemrxiv.org/engage/chemrxiv/article-details/60c7412400ffee00aa000001",
        "https://chemrxiv.org/engage/chemrxiv/article-details/60c7412400ffee00aa000001",
        "https://chemrxiv.org/engage/chemrxiv/article-details/60c7412400ffee00aa000001/v2",
        "https://www.chemrxiv.org/engage/chemrxiv/article-details/60c7412400ffee00aa000001-v3?x=1",
    ),
    (
        "doi:10.26434/chemrxiv.12345678",
        "https://chemrxiv.org/articles/preprint/Slow_Rivers/12345678/2",
        "https://chemrxiv.org/articles/Slow_Rivers/12345678",
        "https://doi.org/10.26434/chemrxiv.12345678.v1",
    ),
    (
        "url:https://cambridge.org/engage/coe/article-details/60c7412400ffee00aa000002",
        "https://www.cambridge.org/engage/coe/article-details/60c7412400ffee00aa000002",
        "https://www.cambridge.org/engage/coe/article-details/60c7412400ffee00aa000002-v2",
    ),
    (
        "url:https://valley.example.org/journals/index.php/ovs/article/view/123",
        "https://valley.example.org/journals/index.php/ovs/article/view/123",
        "https://www.valley.example.org/journals/index.php/ovs/article/view/123/456",
        "http://valley.example.org/journals/index.php/ovs/article/view/123/pdf?download=1",
    ),
    (
        "url:https://sportrxiv.org/index.php/server/preprint/view/12",
        "https://sportrxiv.org/index.php/server/preprint/view/12/version/34",
        "https://sportrxiv.org/index.php/server/preprint/view/12",
    ),
    (
        "doi:10.1590/scielopreprints.1234",
        "https://preprints.scielo.org/index.php/scielo/preprint/view/1234/version/5678",
        "https://doi.org/10.1590/SciELOPreprints.1234",
    ),
    (
        "doi:10.6084/m9.figshare.7654321",
        "https://figshare.com/articles/preprint/Slow_Rivers/7654321/3",
        "https://doi.org/10.6084/m9.figshare.7654321.v2",
    ),
    (
        "doi:10.36227/techrxiv.12345678",
        "https://www.techrxiv.org/articles/preprint/Slow_Rivers/12345678/1",
        "https://doi.org/10.36227/techrxiv.12345678.v2",
    ),
    (
        "doi:10.32388/ab12cd",
        "https://www.qeios.com/read/AB12CD",
        "https://www.qeios.com/read/AB12CD.2",
        "https://doi.org/10.32388/AB12CD.3",
    ),
    (
        "doi:10.7287/peerj.preprints.1234",
        "https://peerj.com/preprints/1234v2/",
        "https://peerj.com/preprints/1234.pdf",
        "https://doi.org/10.7287/peerj.preprints.1234v1",
    ),
    (
        "doi:10.7717/peerj-cs.123",
        "https://peerj.com/articles/cs-123/",
        "https://doi.org/10.7717/peerj-cs.123",
    ),
    ("doi:10.7717/peerj.4321", "https://peerj.com/articles/4321.pdf", "10.7717/peerj.4321"),
    (
        "doi:10.12074/202604.00123",
        "https://chinaxiv.org/abs/202604.00123",
        "http://www.chinaxiv.org/abs/202604.00123v2",
        "https://doi.org/10.12074/202604.00123V3",
    ),
    (
        "doi:10.5194/egusphere-2026-123",
        "https://egusphere.copernicus.org/preprints/2026/egusphere-2026-123/",
        "https://egusphere.copernicus.org/preprints/egusphere-2026-123/egusphere-2026-123.pdf",
    ),
    (
        "doi:10.5194/acp-26-123-2026",
        "https://acp.copernicus.org/articles/26/123/2026/",
        "https://acp.copernicus.org/articles/26/123/2026/acp-26-123-2026.pdf",
    ),
    ("doi:10.2196/preprints.12345", "https://preprints.jmir.org/preprint/12345/submitted"),
    (
        "doi:10.3386/w12345",
        "https://www.nber.org/papers/w12345",
        "http://nber.org/papers/w12345.pdf",
    ),
    (
        "url:https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567",
        "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567/pdf/x.pdf",
        "https://europepmc.org/article/PMC/PMC1234567",
    ),
    (
        "url:https://www.authorea.com/articles/654321",
        "https://www.authorea.com/users/123/articles/654321-slow-rivers",
        "https://essopenarchive.org/users/123/articles/654321",
    ),
    (
        "url:https://philpapers.org/rec/LUNSR-2",
        "https://philpapers.org/rec/LUNSR-2",
        "https://philarchive.org/rec/LUNSR-2",
    ),
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
        "https://dblp.org/rec/journals/corr/abs-2604-11111.html",
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
