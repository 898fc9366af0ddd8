"""Sites that keep several addresses of one paper, and how its one name is read from each.

Each row gives a page of the site that shows, or says, how its addresses are made. A row leads to
the paper's DOI where the site makes the address from it, else to one address for all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from digest.identifiers.preprint_servers import drop_version


@dataclass(frozen=True)
class PageRule:
    """One site: what its addresses look like behind `https://`, and what the groups make up."""

    address: re.Pattern[str]
    name: str  # a template for the DOI or the address
    rule: str


def _make_rows(rows: tuple[tuple[str, str, str], ...]) -> tuple[PageRule, ...]:
    return tuple(
        PageRule(re.compile(address, re.IGNORECASE), name, rule) for address, name, rule in rows
    )


DOI_PAGES = _make_rows(
    (
        (
            r"(?:aclanthology\.org|aclweb\.org/anthology)/"
            r"(\d{4}\.[a-z\d]+-[a-z\d]+\.\d+|[A-Z]\d{2}-\d{4})(?:v\d+)?(?:\.pdf|\.bib|/|$)",
            "10.18653/v1/{0}",
            "https://aclanthology.org/info/ids/",
        ),
        (
            r"nature\.com/articles/([sd]\d{5}-\d{3}-\d{4,5}-[\dxyz]|(?:nature|n[a-z]+)[\d.]{4,12}|srep\d+)"
            r"(?:\.pdf|/|[?#]|$)",
            "10.1038/{0}",
            "https://www.nature.com/nature-portfolio/for-authors/publish",
        ),
        (
            r"elifesciences\.org/(?:articles|reviewed-preprints)/0*(\d{5,6})",
            "10.7554/elife.{0}",
            "https://elifesciences.org/about",
        ),
        (
            r"researchsquare\.com/article/(rs-\d+)",
            "10.21203/rs.3.{0}",
            "https://www.researchsquare.com/legal/editorial",
        ),
        (
            r"preprints\.org/manuscript/(\d{6}\.\d{4})",
            "10.20944/preprints{0}",
            "https://www.preprints.org/faq",
        ),
        (
            r"(?:papers\.)?ssrn\.com/(?:sol3/papers\.cfm\?(?:.*&)?abstract_id=|abstract=)(\d+)",
            "10.2139/ssrn.{0}",
            "https://www.ssrn.com/index.cfm/en/ssrn-faq/",
        ),
        (
            r"zenodo\.org/records?/(\d+)",
            "10.5281/zenodo.{0}",
            "https://help.zenodo.org/docs/deposit/describe-records/reserve-doi/",
        ),
        (
            r"osf\.io/preprints/psyarxiv/([a-z\d]{5})",
            "10.31234/osf.io/{0}",
            "https://osf.io/preprints/psyarxiv",
        ),
        (
            r"osf\.io/preprints/socarxiv/([a-z\d]{5})",
            "10.31235/osf.io/{0}",
            "https://osf.io/preprints/socarxiv",
        ),
        (r"osf\.io/preprints/osf/([a-z\d]{5})", "10.31219/osf.io/{0}", "https://osf.io/preprints"),
        (
            r"osf\.io/preprints/edarxiv/([a-z\d]{5})",
            "10.35542/osf.io/{0}",
            "https://osf.io/preprints/edarxiv",
        ),
        (
            r"osf\.io/preprints/metaarxiv/([a-z\d]{5})",
            "10.31222/osf.io/{0}",
            "https://osf.io/preprints/metaarxiv",
        ),
        (r"psyarxiv\.com/([a-z\d]{5})", "10.31234/osf.io/{0}", "https://osf.io/preprints/psyarxiv"),
        (
            r"chemrxiv\.org/articles/(?:[\w-]+/)?[^/]+/(\d{7,8})(?:/\d+)?(?:[?#]|$)",
            "10.26434/chemrxiv.{0}",
            "https://chemrxiv.org/engage/chemrxiv/about-information",
        ),
        (
            r"figshare\.com/articles/(?:[\w-]+/)?[^/]+/(\d{6,9})(?:/\d+)?(?:[?#]|$)",
            "10.6084/m9.figshare.{0}",
            "https://help.figshare.com/article/what-is-a-doi",
        ),
        (
            r"techrxiv\.org/articles/(?:[\w-]+/)?[^/]+/(\d{7,9})(?:/\d+)?(?:[?#]|$)",
            "10.36227/techrxiv.{0}",
            "https://www.techrxiv.org/faqs",
        ),
        (
            r"qeios\.com/read/([A-Z\d]{6})(?:\.\d{1,2})?(?:/|[?#]|$)",
            "10.32388/{0}",
            "https://www.qeios.com/faq",
        ),
        (
            r"peerj\.com/preprints/(\d+)(?:v\d+)?(?:\.pdf|/|[?#]|$)",
            "10.7287/peerj.preprints.{0}",
            "https://peerj.com/preprints-search/",
        ),
        (
            r"peerj\.com/articles/(?!cs-)(\d+)(?:\.pdf|/|[?#]|$)",
            "10.7717/peerj.{0}",
            "https://peerj.com/about/how-it-works/",
        ),
        (
            r"peerj\.com/articles/cs-(\d+)",
            "10.7717/peerj-cs.{0}",
            "https://peerj.com/about/how-it-works/",
        ),
        (
            r"chinaxiv\.org/abs/(\d{6}\.\d{4,5})(?:v\d+)?(?:/|[?#]|$)",
            "10.12074/{0}",
            "https://chinaxiv.org/home.htm",
        ),
        (
            r"[a-z]+\.copernicus\.org/preprints/(?:\d{4}/)?([a-z]+-\d{4}-\d+)",
            "10.5194/{0}",
            "https://publications.copernicus.org/services/doi.html",
        ),
        (
            r"([a-z]+)\.copernicus\.org/articles/(\d+)/(\d+)/(\d{4})",
            "10.5194/{0}-{1}-{2}-{3}",
            "https://publications.copernicus.org/services/doi.html",
        ),
        (
            r"preprints\.jmir\.org/preprint/(\d+)",
            "10.2196/preprints.{0}",
            "https://support.jmir.org/hc/en-us",
        ),
        (
            r"preprints\.scielo\.org/index\.php/scielo/preprint/view/(\d+)",
            "10.1590/scielopreprints.{0}",
            "https://preprints.scielo.org",
        ),
        (r"nber\.org/papers/(w\d{1,5})", "10.3386/{0}", "https://www.nber.org/papers"),
    )
)
ADDRESS_PAGES = _make_rows(
    (
        (  # one page for all versions; the newer ones stand behind it or in its name
            r"((?:[\w-]+\.)+[a-z]+)/engage/([a-z]+)/article-details/([\da-f]{24})(?:[-/]v\d+)?(?:/|[?#]|$)",
            "https://{0}/engage/{1}/article-details/{2}",
            "https://chemrxiv.org/engage/chemrxiv/about-information",
        ),
        (  # journals and preprint servers on PKP's systems: galleys and versions of one work
            r"((?:[\w-]+\.)+[a-z]+/(?:[\w-]+/)*index\.php/[\w-]+/(?:article|preprint)/view/\d+)"
            r"(?:/\w+)*(?:[?#]|$)",
            "https://{0}",
            "https://docs.pkp.sfu.ca/dev/documentation/en/architecture-routes",
        ),
        (
            r"(?:ncbi\.nlm\.nih\.gov/pmc/articles/|pmc\.ncbi\.nlm\.nih\.gov/articles/"
            r"|europepmc\.org/(?:article/pmc|articles)/)(PMC\d{4,9})",
            "https://pmc.ncbi.nlm.nih.gov/articles/{0}",
            "https://pmc.ncbi.nlm.nih.gov/about/faq/",
        ),
        (
            r"(?:authorea\.com|essopenarchive\.org)/users/\d+/articles/(\d+)",
            "https://www.authorea.com/articles/{0}",
            "https://www.authorea.com/help",
        ),
        (
            r"osf\.io/preprints/([a-z]+)/([a-z\d]{5})(?:_v\d+)?(?:/|[?#]|$)",
            "https://osf.io/preprints/{0}/{1}",
            "https://help.osf.io/article/177-edit-your-preprint",
        ),
        (
            r"openreview\.net/(?:forum|pdf|attachment|revisions|references/pdf)\?(?:[^#]*&)?id=([\w-]+)",
            "https://openreview.net/forum?id={0}",
            "https://docs.openreview.net/getting-started/using-the-api/objects-in-openreview/introduction-to-notes",
        ),
        (
            r"proceedings\.mlr\.press/(v\d+|r\d+)/([a-z\d-]+)(?:\.html|/\2\.pdf)",
            "https://proceedings.mlr.press/{0}/{1}.html",
            "https://proceedings.mlr.press/spec.html",
        ),
        (
            r"(?:papers\.nips\.cc|proceedings\.neurips\.cc|papers\.neurips\.cc)/(?:paper_files/)?paper/"
            r"(\d{4})/(?:hash|file)/([\da-f]{32})-",
            "https://proceedings.neurips.cc/paper/{0}/{1}",
            "https://proceedings.neurips.cc/",
        ),
        (
            r"openaccess\.thecvf\.com/content/([a-z]+_?\d{4}\w*)/(?:html|papers)/(\w+?)_paper\.",
            "https://openaccess.thecvf.com/content/{0}/html/{1}_paper.html",
            "https://openaccess.thecvf.com/menu",
        ),
        (
            r"jmlr\.org/papers/(?:volume(\d+)/([\w-]+)/\2\.pdf|v(\d+)/([\w-]+)\.html)",
            "https://jmlr.org/papers/v{0}/{1}.html",
            "https://www.jmlr.org/papers/",
        ),
        (
            r"(?:[a-z-]+\.)?(?:hal\.science|archives-ouvertes\.fr)/([a-z]+-\d{8})(?:v\d+)?",
            "https://hal.science/{0}",
            "https://doc.hal.science/en/deposit/modify/",
        ),
        (
            r"eprint\.iacr\.org/(?:archive/)?(\d{4}/\d{3,4})",
            "https://eprint.iacr.org/{0}",
            "https://eprint.iacr.org/",
        ),
        (
            r"((?:f1000research|wellcomeopenresearch|gatesopenresearch|open-research-europe\.ec|hrbopenresearch)"
            r"\.(?:com|org|europa\.eu))/articles/(\d+-\d+)(?:/v\d+)?",
            "https://{0}/articles/{1}",
            "https://f1000research.com/about",
        ),
        (
            r"(?:biorxiv|medrxiv)\.org/(?:content/(?:early/\d{4}/\d{2}/\d{2}/)?|cgi/content/\w+/)"
            r"((?:\d{4}\.\d{2}\.\d{2}\.)?\d{6,8})(?!\d)",
            "https://www.biorxiv.org/content/{0}",
            "https://www.biorxiv.org/about/FAQ",
        ),
        (
            r"ieeexplore\.ieee\.org/(?:(?:abstract/)?document/|(?:xpl/articleDetails|stamp/stamp|ielx?\d+/\S*)\S*"
            r"[?&]arnumber=)0*(\d{6,9})",
            "https://ieeexplore.ieee.org/document/{0}",
            "https://ieeexplore.ieee.org/Xplorehelp/overview-of-ieee-xplore",
        ),
        (
            r"sciencedirect\.com/science/article/(?:abs/|am/)?pii/([SB][\dX]{15,20})",
            "https://www.sciencedirect.com/science/article/pii/{0}",
            "https://service.elsevier.com/app/answers/detail/a_id/34571/supporthub/sciencedirect/",
        ),
        (
            r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/|europepmc\.org/(?:article|abstract)/med/)(\d{5,9})",
            "https://pubmed.ncbi.nlm.nih.gov/{0}",
            "https://pubmed.ncbi.nlm.nih.gov/help/",
        ),
        (
            r"(?:ideas\.repec\.org/(?:p|a)|econpapers\.repec\.org/(?:paper|article))/([a-z]{3})/?([a-z]{6})/"
            r"(?:v[^/]*/)?([\w.-]+?)\.htm",
            "https://ideas.repec.org/p/{0}/{1}/{2}.html",
            "https://ideas.repec.org/handle.html",
        ),
        (
            r"(?:philpapers|philarchive)\.org/rec/([A-Z\d-]+)",
            "https://philpapers.org/rec/{0}",
            "https://philpapers.org/help/",
        ),
        (
            r"(?:[a-z-]+\.)?dblp\.(?:org|uni-trier\.de|dagstuhl\.de)/rec/(?:html/|bibtex/)?"
            r"((?:conf|journals|books|phd)/[\w-]+/[\w-]+)",
            "https://dblp.org/rec/{0}",
            "https://dblp.org/faq/How+to+use+the+dblp+search+API.html",
        ),
    )
)
_LEAD = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


def find_page_doi(url: str) -> str:
    """The DOI from which the site made this address, or nothing."""
    return drop_version(_apply_rows(DOI_PAGES, url).lower())


def find_page_address(url: str) -> str:
    """The one address for all that the site keeps of a paper, or nothing."""
    return _apply_rows(ADDRESS_PAGES, url)


def _apply_rows(rows: tuple[PageRule, ...], url: str) -> str:
    lead = _LEAD.match(url.strip())
    if not lead:
        return ""
    rest = unquote(url.strip()[lead.end() :])
    for row in rows:
        if found := row.address.match(rest):
            return row.name.format(*(part for part in found.groups() if part is not None))
    return ""
