"""Each preprint server's way to write versions; the papers are made up."""

from __future__ import annotations

import pytest

from digest.identifiers import find_doi, is_preprint, is_stronger, may_be_one
from digest.identifiers.preprint_servers import SERVERS, drop_version, read_version

VERSIONED = [
    ("10.1101/2026.04.01.123456", "v2"),
    ("10.64898/2026.04.01.123456", "v2"),
    ("10.21203/rs.3.rs-1234567", "/v2"),
    ("10.26434/chemrxiv-2026-a1b2c", "-v2"),
    ("10.26434/chemrxiv.1234567", ".v2"),
    ("10.26434/chemrxiv.15001234", "/v2"),
    ("10.33774/coe-2026-a1b2c", "-v2"),
    ("10.7554/elife.91234", ".2"),
    ("10.31234/osf.io/ab3cd", "_v2"),
    ("10.31235/osf.io/ab3cd", "_v2"),
    ("10.12688/f1000research.123456", ".2"),
    ("10.12688/f1000research.2-33", ".v2"),
    ("10.12688/wellcomeopenres.12345", ".2"),
    ("10.20944/preprints202604.0001", ".v2"),
    ("10.6084/m9.figshare.1234567", ".v2"),
    ("10.36227/techrxiv.12345678", ".v2"),
    ("10.36227/techrxiv.171234567.12345678", "/v2"),
    ("10.31124/advance.1234567", ".v2"),
    ("10.22541/au.171234567.12345678", "/v2"),
    ("10.32388/abc123", ".2"),
    ("10.7287/peerj.preprints.1234", "v2"),
    ("10.3762/bxiv.2026.1", ".v2"),
    ("10.12074/202604.00001", "v2"),
]


@pytest.mark.parametrize(("doi", "ending"), VERSIONED)
def test_all_versions_of_a_preprint_have_one_name(doi: str, ending: str) -> None:
    assert drop_version(doi) == doi
    assert drop_version(doi + ending) == doi
    assert find_doi(f"https://doi.org/{(doi + ending).upper()}") == doi
    assert (read_version(doi), read_version(doi + ending)) == (0, 2)
    assert is_preprint(f"doi:{doi}")


@pytest.mark.parametrize(
    "doi",
    [
        "10.7554/elife.00013.002",  # a figure of it
        "10.12688/f1000research.74",
        "10.5555/rob.1",
        "10.1371/journal.pone.0123456",
        "10.1016/j.cell.2026.04.1",
        "10.1101/gr.123456.126",  # of a journal, at a press that had bioRxiv's prefix
    ],
)
def test_what_only_looks_like_a_version_belongs_to_the_name(doi: str) -> None:
    assert drop_version(doi) == doi


def test_every_rule_says_where_its_server_tells_it() -> None:
    assert all(server.rule.startswith("https://") for server in SERVERS)
    assert len({server.name for server in SERVERS}) == len(SERVERS)


def test_a_preprint_and_a_journals_paper_may_be_one_and_two_journals_papers_not() -> None:
    preprint, journal = "doi:10.1101/2026.04.01.123456", "doi:10.5555/rob.1"
    assert may_be_one(preprint, journal)
    assert may_be_one(journal, preprint)
    assert may_be_one(preprint, "doi:10.21203/rs.3.rs-1234567")
    assert not may_be_one(preprint, "doi:10.1101/2026.04.02.999999")
    assert not may_be_one(journal, "doi:10.5555/rob.2")
    assert not may_be_one("arxiv:2604.00001", "arxiv:2604.00002")
    assert is_stronger(journal, preprint)
    assert not is_preprint(journal)


def test_a_server_that_numbers_each_version_afresh_leaves_it_to_the_title() -> None:
    assert may_be_one("doi:10.5281/zenodo.1234567", "doi:10.5281/zenodo.1234599")
