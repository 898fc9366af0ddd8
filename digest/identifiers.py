"""One paper, one identifier: its arXiv number without version, else its DOI, else its address.

    arxiv:2401.01234    arxiv:hep-ex/0307015    doi:10.1038/nature14539    url:https://lab.org/post

Titles are the last resort for telling that two entries speak of one paper; `fold_title` makes
them comparable and `is_telling` says which of them can be trusted with that.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from urllib.parse import unquote, urlsplit, urlunsplit

IDENTIFIER_CHARS = 255
TITLE_CHARS = 500

# Both kinds of number: https://info.arxiv.org/help/arxiv_identifier.html
_NEW_STYLE = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}(?!\d)"
_OLD_STYLE = (
    r"(?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph|math|nlin"
    r"|physics|cs|q-bio|q-fin|stat|econ|eess|adap-org|alg-geom|ao-sci|atom-ph|bayes-an|chao-dyn"
    r"|chem-ph|cmp-lg|comp-gas|dg-ga|funct-an|mtrl-th|patt-sol|plasm-ph|q-alg|solv-int|supr-con"
    r"|acc-phys)(?:\.[A-Z]{2})?/\d{7}(?!\d)"
)
_NUMBER = rf"({_NEW_STYLE}|{_OLD_STYLE})(?:v\d+)?"
_ARXIV_NUMBER = re.compile(_NUMBER, re.IGNORECASE)
# arXiv's own addresses, guids and DOIs, and the sites that show arXiv papers under its numbers.
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html|format|ps|e-print|src)/"
    r"|arxiv\.org:|\barxiv:\s*|10\.48550/arxiv\."
    r"|huggingface\.co/papers/|hf\.co/papers/|alphaxiv\.org/(?:abs|pdf|overview)/"
    r"|ar5iv\.org/(?:abs|html)/|ar5iv\.labs\.arxiv\.org/html/)" + _NUMBER,
    re.IGNORECASE,
)
_DOI = re.compile(r"(?<![\w.])(10\.\d{4,9}(?:\.\d+)*/[^\s\x00-\x1f\x7f-\x9f\"<>{}|\\^`]+)")
# What publishers put behind a DOI in the addresses of their pages.
_AFTER_DOI = re.compile(
    r"(?:[?#&].*|;jsessionid.*|/(?:full|abstract|pdf|epub|meta|html|fulltext|summary)(?:/.*)?"
    r"|\.(?:full|abstract|pdf|html|short)(?:[.+].*)?)$",
    re.IGNORECASE,
)
# bioRxiv and medRxiv write the version into addresses only: all versions share one DOI
# (https://www.biorxiv.org/about/FAQ).
_PREPRINT_VERSION = re.compile(r"(10\.(?:1101|64898)/[\d.]+)v\d+$")

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid|_hsenc|_hsmi|ref_src|cmp"
    r"|at_(?:medium|campaign|custom\d*)|ito|ns_(?:mchannel|source|campaign|linkname)|wt_mc|cmpid",
    re.IGNORECASE,
)
_STRENGTH = {"url": 0, "doi": 1, "arxiv": 2}


def identify(*texts: str, doi: str = "") -> str:
    """Return the identifier of the paper that these links and guids, strongest first, speak of.

    The first text is the paper's address; it becomes the identifier when nothing better is found.

    >>> identify("https://arxiv.org/pdf/2401.01234v2.pdf")
    'arxiv:2401.01234'
    >>> identify("https://www.nature.com/articles/x", doi="10.1038/NATURE14539")
    'doi:10.1038/nature14539'
    """
    for text in (doi, *texts):
        if number := find_arxiv_number(text):
            return f"arxiv:{number}"
    for text in (doi, *texts):
        if found := find_doi(text):
            return f"doi:{found}"
    return _fit_length(f"url:{normalise_url(texts[0])}")


def find_arxiv_number(text: str) -> str:
    """The version-less arXiv number that a link, guid or DOI names, or nothing."""
    found = _ARXIV.search(unquote(text))
    return _normalise_number(found[1]) if found else ""


def read_arxiv_number(text: str) -> str:
    """The version-less number when the text is an arXiv number and nothing else, or nothing."""
    found = _ARXIV_NUMBER.fullmatch(text.strip())
    return _normalise_number(found[1]) if found else ""


def _normalise_number(number: str) -> str:
    archive, slash, rest = number.lower().partition("/")
    # math.GT/0309136 and math/0309136 are one paper: the subject class was never part of the name.
    return f"{archive.split('.')[0]}/{rest}" if slash else archive


def find_doi(text: str) -> str:
    """The DOI that a link, guid or metadata field names, in lower case, or nothing."""
    if "10." not in text:
        return ""
    found = _DOI.search(unquote(text))
    if not found:
        return ""
    doi = _AFTER_DOI.sub("", found[1].lower()).rstrip(".,;:'’”/")
    doi = _PREPRINT_VERSION.sub(r"\1", doi)
    while _has_stray_bracket(doi):
        doi = doi[:-1]
    return doi if len(doi) <= IDENTIFIER_CHARS - 4 and doi.partition("/")[2] else ""


def _has_stray_bracket(doi: str) -> bool:
    """A bracket at the end that was not opened belongs to the sentence around the DOI."""
    return (doi.endswith(")") and doi.count("(") < doi.count(")")) or (
        doi.endswith("]") and doi.count("[") < doi.count("]")
    )


def normalise_url(url: str) -> str:
    """One spelling for all addresses of one page: no tracking, fragment, port or last slash."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return url.strip()
    if parts.scheme.lower() not in ("http", "https") or not host:
        return url.strip()
    standard = port in (None, 80, 443)
    netloc = host if standard else f"{host}:{port}"
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    query = "&".join(sorted(_filter_parameters(parts.query)))
    return urlunsplit(("https", netloc, parts.path.rstrip("/"), query, fragment))


def _filter_parameters(query: str) -> list[str]:
    pairs = (pair for pair in query.split("&") if pair)
    return [pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0])]


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
    """True when the first names a paper better: arXiv's number, then the DOI, then an address."""
    return _rank_identifier(identifier) > _rank_identifier(than)


def _rank_identifier(identifier: str) -> int:
    return _STRENGTH.get(identifier.partition(":")[0], 0)


def may_be_one(identifier: str, other: str) -> bool:
    """False for two different names of one kind that each name one paper only."""
    scheme = identifier.partition(":")[0]
    return identifier == other or scheme == "url" or not other.startswith(f"{scheme}:")


_ASCII_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}


def fold_title(title: str) -> str:
    """The title as letters and digits alone, for comparing: case, accents and dashes are gone.

    >>> fold_title("Schrödinger’s Cat — Revisited")
    'schrodinger s cat revisited'
    """
    if title.isascii():  # nearly every title, and ten times as quick
        kept = title.lower().translate(_ASCII_BLANKS)
    else:
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", title).casefold())
        kept = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c))
    return " ".join(kept.split())[:TITLE_CHARS].rstrip()


def is_telling(folded_title: str) -> bool:
    """True when a title is long enough that two papers will not share it by chance."""
    return len(folded_title) >= 25 and len(folded_title.split()) >= 4
