"""arXiv's numbers, wherever they stand: https://info.arxiv.org/help/arxiv_identifier.html."""

from __future__ import annotations

import re
from urllib.parse import unquote

_NEW_STYLE = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}(?!\d)"
_OLD_STYLE = (
    r"(?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph|math|nlin"
    r"|physics|cs|q-bio|q-fin|stat|econ|eess|adap-org|alg-geom|ao-sci|atom-ph|bayes-an|chao-dyn"
    r"|chem-ph|cmp-lg|comp-gas|dg-ga|funct-an|mtrl-th|patt-sol|plasm-ph|q-alg|solv-int|supr-con"
    r"|acc-phys)(?:\.[A-Z]{2})?/\d{7}(?!\d)"
)
_NUMBER = rf"({_NEW_STYLE}|{_OLD_STYLE})(?:v\d+)?"
_ARXIV_NUMBER = re.compile(_NUMBER, re.IGNORECASE)
# arXiv's own addresses, guids and DOIs, and the sites that show arXiv papers under its numbers:
# papers.cool/arxiv/…, scirate.com/arxiv/…, semanticscholar.org/arxiv/… and many more have a folder
# of that name.
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html|format|ps|e-print|src)/"
    r"|arxiv\.org:|\barxiv:\s*|10\.48550/arxiv\.|/arxiv/(?:abs/|pdf/|papers?/)?"
    r"|[?&](?:arxiv|arxiv_?id|pid|eprint)=(?:arxiv:)?"
    r"|huggingface\.co/papers/|hf\.co/papers/|alphaxiv\.org/(?:abs|pdf|overview)/"
    r"|emergentmind\.com/papers/|scholar\.archive\.org/arxiv/|lanl\.gov/(?:abs|pdf)/"
    r"|ar5iv\.org/(?:abs|html|pdf)/|ar5iv\.labs\.arxiv\.org/html/)" + _NUMBER,
    re.IGNORECASE,
)
# The bibcode of NASA's ADS: https://ui.adsabs.harvard.edu/help/actions/bibcode
_BIBCODE = re.compile(r"\b(?:19|20)\d\darXiv(\d{4})(\d{5}|\d{4}(?=\.))\.?[A-Z]\b")
# dblp's key of a paper in its series CoRR, which is arXiv: https://dblp.org/db/journals/corr/
_DBLP_KEY = re.compile(r"\bjournals/corr/abs-(\d{4})-(\d{4,5})(?!\d)")


def find_arxiv_number(text: str) -> str:
    """The version-less arXiv number that a link, guid or DOI names, or nothing."""
    unquoted = unquote(text)
    if found := _ARXIV.search(unquoted):
        return _normalise_number(found[1])
    key = _BIBCODE.search(unquoted) if "arXiv" in unquoted else _DBLP_KEY.search(unquoted)
    return read_arxiv_number(f"{key[1]}.{key[2]}") if key else ""


_VERSION = re.compile(rf"{_NUMBER}".replace("(?:v\\d+)?", r"v(\d{1,4})"), re.IGNORECASE)


def find_arxiv_version(text: str) -> int:
    """The version that stands behind an arXiv number; 0 where there is none."""
    if not find_arxiv_number(text):
        return 0
    found = _VERSION.search(unquote(text))
    return int(found[2]) if found else 0


def read_arxiv_number(text: str) -> str:
    """The version-less number when the text is an arXiv number and nothing else, or nothing."""
    found = _ARXIV_NUMBER.fullmatch(text.strip())
    return _normalise_number(found[1]) if found else ""


def _normalise_number(number: str) -> str:
    archive, slash, rest = number.lower().partition("/")
    # math.GT/0309136 and math/0309136 are one paper: the subject class was never part of the name.
    return f"{archive.split('.')[0]}/{rest}" if slash else archive
