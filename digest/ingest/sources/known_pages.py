"""Pages of which the feed's address is known: arXiv's lists, Hugging Face's, journals'.

Each row is an address that people copy out of their browser, and where its papers are listed for
programs. What comes of a row is fetched before it is saved, so one that is out of date is noticed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from digest.ingest.sources.addresses import split_url
from digest.models import Source
from subscribers.topics.arxiv_categories import find_category

_ARXIV_HOSTS = {"arxiv.org", "www.arxiv.org", "rss.arxiv.org", "export.arxiv.org"}
_HF_HOSTS = {"huggingface.co", "www.huggingface.co", "hf.co"}
_HF_LIST = "https://huggingface.co/api/daily_papers"
_ARXIV_LIST = re.compile(r"/(?:list|archive)/(?P<list>[a-z-]+(?:\.[A-Za-z-]+)?)(?:/.*)?")
_ARXIV_AUTHOR = re.compile(r"/a/(?P<author>[\w-]+?)(?:\.(?:html|atom2?))?")
_ONE_PAPER = re.compile(r"/(?:abs|pdf|html|format)/.+|/papers/\d{4}\.\d{4,5}")

_PAGES = [
    (r"(?:www\.)?nature\.com/(\w+)(?:/(?:articles|current-issue).*)?", "https://www.nature.com/{}.rss"),
    (r"(?:www\.)?mdpi\.com/journal/(\w+).*", "https://www.mdpi.com/rss/journal/{}"),
    (r"(?:www\.)?frontiersin\.org/journals/([\w-]+).*", "https://www.frontiersin.org/journals/{}/rss"),
    (r"journals\.plos\.org/(\w+)(?:/.*)?", "https://journals.plos.org/{}/feed/atom"),
    (r"(?:www\.)?(biorxiv|medrxiv)\.org/collection/([\w-]+)", "https://connect.{0}.org/{0}_xml.php?subject={1}"),
    (r"(?:www\.)?elifesciences\.org", "https://elifesciences.org/rss/recent.xml"),
    (r"(?:www\.)?cell\.com/([\w-]+)(?:/(?:home|current|newarticles).*)?", "https://www.cell.com/{}/inpress.rss"),
    (r"(?:www\.)?science\.org/journal/(\w+)", "https://www.science.org/action/showFeed?type=etoc&feed=rss&jc={}"),
    (r"(?:www\.)?pnas\.org", "https://www.pnas.org/action/showFeed?type=etoc&feed=rss&jc=pnas"),
    (r"pubs\.acs\.org/(?:journal|toc)/(\w+)(?:/.*)?", "https://pubs.acs.org/action/showFeed?type=axatoc&feed=rss&jc={}"),
    (r"dl\.acm\.org/(?:journal|loi|toc)/(\w+)(?:/.*)?", "https://dl.acm.org/action/showFeed?type=etoc&feed=rss&jc={}"),
    (r"royalsocietypublishing\.org/(?:journal|toc|loi)/(\w+)(?:/.*)?", "https://royalsocietypublishing.org/action/showFeed?type=etoc&feed=rss&jc={}"),
    (r"(?:[\w-]+\.)?onlinelibrary\.wiley\.com/(?:journal|toc|loi)/(\d{7}[\dx])(?:/.*)?", "https://onlinelibrary.wiley.com/feed/{}/most-recent"),
    (r"(?:www\.)?tandfonline\.com/(?:journals|toc|loi)/(\w+)(?:/.*)?", "https://www.tandfonline.com/feed/rss/{}"),
    (r"link\.springer\.com/journal/(\d+)(?:/.*)?", "https://link.springer.com/search.rss?facet-content-type=Article&facet-journal-id={}"),
    (r"journals\.aps\.org/(\w+)(?:/recent)?", "https://feeds.aps.org/rss/recent/{}.xml"),
    (r"iopscience\.iop\.org/journal/([\dx-]{9})", "https://iopscience.iop.org/journal/rss/{}"),
    (r"(?:www\.)?jmlr\.org", "https://www.jmlr.org/jmlr.xml"),
    (r"(?:www\.)?aclanthology\.org", "https://aclanthology.org/papers/index.xml"),
    (r"(?:www\.)?huggingface\.co/blog", "https://huggingface.co/blog/feed.xml"),
]  # fmt: skip
_IEEE = re.compile(r"(?:^|&)punumber=(\d+)")


@dataclass(frozen=True)
class KnownPage:
    """Where a page's papers are listed, and as what kind of source."""

    url: str
    kind: str = Source.Kind.FEED


class NoList(ValueError):
    """A page that lists no papers; the message is a sentence that says what to add."""


def find_known_page(url: str) -> KnownPage | None:
    """The list that belongs to a page, or the address itself where it is one; None if unknown.

    Raises NoList for the page of one paper.

    >>> find_known_page("https://arxiv.org/list/cs.CL/recent").url
    'https://rss.arxiv.org/rss/cs.CL'
    """
    parts = split_url(url)
    host = (parts.hostname or "").lower()
    if host in _ARXIV_HOSTS:
        return _find_arxiv_list(url, parts.path.rstrip("/"))
    if host in _HF_HOSTS and re.match(r"(?:/api/daily_papers|/papers)(?:/|$)", parts.path):
        if _ONE_PAPER.fullmatch(parts.path):
            raise NoList(
                _("%(url)s is one paper. All are listed at https://huggingface.co/papers.")
                % {"url": url}
            )
        is_list = parts.path.startswith("/api/")
        return KnownPage(url if is_list else _HF_LIST, Source.Kind.HUGGINGFACE)
    if host == "ieeexplore.ieee.org" and (number := _IEEE.search(parts.query)):
        return KnownPage(f"https://ieeexplore.ieee.org/rss/TOC{number[1]}.XML")
    page = f"{host}{parts.path.rstrip('/')}"
    for pattern, feed in _PAGES:
        if found := re.fullmatch(pattern, page, re.IGNORECASE):
            return KnownPage(feed.format(*_list_names(found)))
    return None


_CATEGORY = r"[a-z-]{2,8}(?:\.[a-z-]{2,9})?"
_CATEGORIES = re.compile(
    rf"(?:arxiv:\s*|cat:\s*)*({_CATEGORY}(?:[+,\s]+(?:cat:)?{_CATEGORY})*)", re.IGNORECASE
)


def find_category_list(text: str) -> KnownPage | None:
    """The list of arXiv's categories whose names were given for an address; None for other texts.

    Raises NoList for what has the shape of a category and is none.

    >>> find_category_list("cs.cl, stat.ML").url
    'https://rss.arxiv.org/rss/cs.CL+stat.ML'
    """
    named = _CATEGORIES.fullmatch(text.strip())
    names = re.split(r"[+,\s]+", named[1].lower().replace("cat:", "")) if named else []
    known = [find_category(name) for name in names]
    if names and all(known):
        return KnownPage(f"https://rss.arxiv.org/rss/{'+'.join(known)}", Source.Kind.ARXIV)
    if any(known):
        wrong = next(name for name, found in zip(names, known, strict=True) if not found)
        raise NoList(
            _(
                "“%(wrong)s” is no category of arXiv: they are listed at "
                "https://arxiv.org/category_taxonomy, such as cs.CL or stat.ML."
            )
            % {"wrong": wrong}
        )
    return None


def _list_names(found: re.Match[str]) -> list[str]:
    names = list(found.groups())
    # bioRxiv's subjects have another sign in its feeds: cell-biology, cell_biology.
    return [names[0], names[1].replace("-", "_")] if len(names) == 2 else names


def _find_arxiv_list(url: str, path: str) -> KnownPage:
    if path.startswith(("/rss/", "/atom/", "/api/")):
        return KnownPage(url, Source.Kind.ARXIV)
    if found := _ARXIV_LIST.fullmatch(path):
        return KnownPage(f"https://rss.arxiv.org/rss/{found['list']}", Source.Kind.ARXIV)
    if found := _ARXIV_AUTHOR.fullmatch(path):
        return KnownPage(f"https://arxiv.org/a/{found['author']}.atom", Source.Kind.ARXIV)
    is_paper = _ONE_PAPER.fullmatch(path)
    what = _("%(url)s is one paper.") if is_paper else _("%(url)s is no list of papers.")
    instead = _(
        "Add a category's list, such as https://arxiv.org/list/cs.CL/recent, or "
        "a search, such as https://export.arxiv.org/api/query?search_query=all:ants"
        "&sortBy=submittedDate."
    )
    raise NoList(f"{what % {'url': url}} {instead}")
