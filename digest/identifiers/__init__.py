"""One paper, one identifier: its arXiv number without version, else its DOI, else its address.

    arxiv:2401.01234    arxiv:hep-ex/0307015    doi:10.1038/nature14539    url:https://lab.org/post

All versions of a paper on a preprint server have one identifier (`preprint_servers`), and so have
the pages and files that a site keeps of one paper (`paper_pages`). Titles are the last resort for
telling that two entries speak of one paper; `fold_title` makes them comparable and `is_telling`
says which of them can be trusted with that.
"""

from __future__ import annotations

from hashlib import sha256

from digest.identifiers.addresses import normalise_url
from digest.identifiers.arxiv_numbers import find_arxiv_number, read_arxiv_number
from digest.identifiers.dois import DOI_CHARS, find_doi
from digest.identifiers.paper_pages import find_page_address, find_page_doi
from digest.identifiers.preprint_servers import drop_version, find_server
from digest.identifiers.titles import fold_title, is_telling

__all__ = [
    "IDENTIFIER_CHARS",
    "are_versions",
    "find_arxiv_number",
    "find_doi",
    "fold_title",
    "identify",
    "is_preprint",
    "is_stronger",
    "is_telling",
    "may_be_one",
    "name_within",
    "normalise_url",
    "read_arxiv_number",
    "rename",
]

IDENTIFIER_CHARS = DOI_CHARS + len("doi:")
_STRENGTH = {"url": 0, "doi": 1, "arxiv": 2}


def identify(*texts: str, doi: str = "") -> str:
    """Return the identifier of the paper that these links and guids, strongest first, speak of.

    The first text is the paper's address; it becomes the identifier when nothing better is found.

    >>> identify("https://arxiv.org/pdf/2401.01234v2.pdf")
    'arxiv:2401.01234'
    >>> identify("https://www.nature.com/articles/x", doi="10.1038/NATURE14539")
    'doi:10.1038/nature14539'
    >>> identify("https://openreview.net/pdf?id=aBc")
    'url:https://openreview.net/forum?id=aBc'
    """
    for text in (doi, *texts):
        if number := find_arxiv_number(text):
            return f"arxiv:{number}"
    for text in (doi, *texts):
        if found := find_doi(text) or find_page_doi(text):
            return f"doi:{found}"
    return _fit_length(f"url:{find_page_address(texts[0]) or normalise_url(texts[0])}")


def rename(identifier: str) -> str:
    """What the rules of today call the paper that was given this identifier by those of its time.

    >>> rename("doi:10.21203/rs.3.rs-1234567/v2")
    'doi:10.21203/rs.3.rs-1234567'
    """
    scheme, _, name = identifier.partition(":")
    if scheme == "doi":
        return f"doi:{drop_version(name)}"
    is_address = scheme == "url" and "#" not in name and "~" not in name
    return identify(name) if is_address else identifier


def name_within(feed_url: str, guid: str) -> str:
    """The identifier of an entry that has no address of its own, only an id within its feed."""
    return _fit_length(f"url:{normalise_url(feed_url)}#{guid}")


def _fit_length(identifier: str) -> str:
    """Long addresses end in a hash, so that two of them never become one."""
    if len(identifier) <= IDENTIFIER_CHARS:
        return identifier
    digest = sha256(identifier.encode(errors="replace")).hexdigest()[:32]
    return f"{identifier[: IDENTIFIER_CHARS - 33]}~{digest}"


def is_stronger(identifier: str, than: str) -> bool:
    """True when the first names a paper better: arXiv's number, then the DOI, then an address.

    Of two DOIs the journal's is better than a preprint server's.
    """
    return _rank_identifier(identifier) > _rank_identifier(than)


def _rank_identifier(identifier: str) -> float:
    scheme, _, name = identifier.partition(":")
    is_late = scheme == "doi" and find_server(name) is None
    return _STRENGTH.get(scheme, 0) + 0.5 * is_late


def is_preprint(identifier: str) -> bool:
    """Whether the identifier is the name that a preprint server gave."""
    scheme, _, name = identifier.partition(":")
    return scheme == "arxiv" or (scheme == "doi" and find_server(name) is not None)


def are_versions(identifier: str, other: str) -> bool:
    """Whether both are DOIs of one server that gives each version of a work a number of its own."""
    here, there = (find_server(name.removeprefix("doi:")) for name in (identifier, other))
    return here is not None and here is there and here.names_each_version


def may_be_one(identifier: str, other: str) -> bool:
    """False for two different names of one kind that each name one paper only.

    A preprint and its journal's version have a DOI each, and so have copies on two preprint
    servers; some servers give every version a new DOI.
    """
    scheme = identifier.partition(":")[0]
    if identifier == other or scheme == "url" or not other.startswith(f"{scheme}:"):
        return True
    if scheme != "doi":
        return False
    here, there = (find_server(name.removeprefix("doi:")) for name in (identifier, other))
    if here is None and there is None:
        return False
    return here is not there or (here is not None and here.names_each_version)
