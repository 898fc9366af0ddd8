"""Preprint servers: which DOIs are theirs, and how they write versions into them.

Each row gives the rule that the server itself published. What `version` matches at the end of a
DOI is taken off, so that all versions of a preprint have one name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class PreprintServer:
    """One server, or a platform that several share."""

    name: str
    doi: re.Pattern[str]  # what its DOIs, in lower case, begin with
    version: re.Pattern[str] | None  # how a version ends them; None where they carry none
    rule: str  # where the server says so
    names_each_version: bool = False  # a fresh number for each, with nothing to tell that by


def _make_row(
    name: str, doi: str, version: str, rule: str, *, names_each_version: bool = False
) -> PreprintServer:
    ending = re.compile(rf"(?:{version})$") if version else None
    return PreprintServer(name, re.compile(doi), ending, rule, names_each_version)


SERVERS = (
    _make_row(
        "bioRxiv and medRxiv",  # versions stand in addresses only; all share one DOI
        r"10\.(?:1101|64898)/(?:\d{4}\.\d{2}\.\d{2}\.)?\d{5,8}(?!\d)",
        r"v\d+",
        "https://www.biorxiv.org/about/FAQ",
    ),
    _make_row(
        "Research Square",
        r"10\.21203/rs\.",
        r"/v\d+",
        "https://www.researchsquare.com/legal/editorial",
    ),
    _make_row(
        "ChemRxiv",  # chemrxiv.123.v1 until 2021, when it was kept by figshare
        r"10\.26434/chemrxiv",
        r"-v\d+|\.v\d+|/v\d+",
        "https://chemrxiv.org/engage/chemrxiv/about-information",
    ),
    _make_row(
        "Cambridge Open Engage",
        r"10\.33774/",
        r"-v\d+",
        "https://www.cambridge.org/engage/coe/about-information",
    ),
    _make_row(
        "eLife",  # reviewed preprints; the version of record has the DOI without a version
        r"10\.7554/elife\.\d+",
        r"\.\d{1,2}",
        "https://elifesciences.org/inside-elife/54d63486/elife-s-new-model-changing-the-way-you-share-your-research",
    ),
    _make_row(
        "OSF Preprints (PsyArXiv, SocArXiv, EdArXiv and others)",
        r"10\.\d{4,6}/osf\.io/",
        r"_v\d+",
        "https://help.osf.io/article/177-edit-your-preprint",
    ),
    _make_row(
        "F1000Research, Wellcome Open Research and their like",
        r"10\.12688/[a-z\d]+\.[\d-]+",
        r"\.\d{1,2}|\.v\d+",
        "https://f1000research.com/about",
    ),
    _make_row(
        "Preprints.org",
        r"10\.20944/preprints",
        r"\.v\d+",
        "https://www.preprints.org/faq",
    ),
    _make_row(
        "figshare, and the servers it keeps (TechRxiv, Advance, Optica Open)",
        r"10\.(?:6084/m9\.figshare|36227/techrxiv|31124/advance|1364/opticaopen)",
        r"[./]v\d+",
        "https://help.figshare.com/article/can-i-edit-or-delete-my-research-after-it-has-been-made-public",
    ),
    _make_row(
        "Authorea and ESS Open Archive",
        r"10\.22541/",
        r"/v\d+",
        "https://www.authorea.com/help",
    ),
    _make_row(
        "Qeios",
        r"10\.32388/",
        r"\.\d{1,2}",
        "https://www.qeios.com/faq",
    ),
    _make_row(
        "PeerJ Preprints",
        r"10\.7287/peerj\.preprints",
        r"v\d+",
        "https://peerj.com/preprints-search/",
    ),
    _make_row(
        "Beilstein Archives",
        r"10\.3762/bxiv",
        r"\.v\d+",
        "https://www.beilstein-archives.org/xiv/preprints",
    ),
    _make_row(
        "ChinaXiv",
        r"10\.12074/",
        r"v\d+",
        "https://chinaxiv.org/home.htm",
    ),
    _make_row(
        "SportRxiv and other servers on Open Preprint Systems",
        r"10\.51224/srxiv",
        r"\.v\d+",
        "https://docs.pkp.sfu.ca/learning-ops/en/",
    ),
    _make_row("JMIR Preprints", r"10\.2196/preprints", "", "https://support.jmir.org/hc/en-us"),
    _make_row("SciELO Preprints", r"10\.1590/scielopreprints", "", "https://preprints.scielo.org"),
    _make_row("EGUsphere", r"10\.5194/egusphere", "", "https://www.egusphere.net"),
    _make_row("SSRN", r"10\.2139/ssrn", "", "https://www.ssrn.com/index.cfm/en/ssrn-faq/"),
    _make_row(
        "Zenodo",  # each version has a number of its own, beside one for all of them
        r"10\.5281/zenodo",
        "",
        "https://help.zenodo.org/docs/deposit/manage-versions/",
        names_each_version=True,
    ),
)


@lru_cache(4096)
def find_server(doi: str) -> PreprintServer | None:
    """The preprint server that gave this DOI (in lower case), or None."""
    return next((server for server in SERVERS if server.doi.match(doi)), None)


def drop_version(doi: str) -> str:
    """The DOI without the version that its preprint server wrote into it.

    >>> drop_version("10.21203/rs.3.rs-1234567/v2")
    '10.21203/rs.3.rs-1234567'
    """
    return doi[: len(doi) - len(_find_ending(doi))]


_VERSION_DIGITS = re.compile(r"(\d{1,3})$")


def read_version(doi: str) -> int:
    """The version that a preprint's DOI names; 0 where it names none."""
    digits = _VERSION_DIGITS.search(_find_ending(doi))
    return int(digits[1]) if digits else 0


def _find_ending(doi: str) -> str:
    """What stands for the version at the end of a DOI, behind what names the preprint."""
    server = find_server(doi)
    name = server.doi.match(doi) if server else None
    found = server.version.search(doi, name.end()) if server and server.version and name else None
    return found[0] if found else ""
