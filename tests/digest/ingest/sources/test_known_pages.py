"""Pages that people copy out of their browser, and the lists that belong to them."""

from __future__ import annotations

import pytest

from digest.ingest.sources.known_pages import KnownPage, NoList, find_known_page


@pytest.mark.parametrize(
    ("page", "feed", "kind"),
    [
        ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL", "arxiv"),
        ("https://arxiv.org/list/hep-th/new?skip=0", "https://rss.arxiv.org/rss/hep-th", "arxiv"),
        ("https://arxiv.org/archive/cond-mat", "https://rss.arxiv.org/rss/cond-mat", "arxiv"),
        ("https://arxiv.org/a/lunt_a_1", "https://arxiv.org/a/lunt_a_1.atom", "arxiv"),
        ("https://rss.arxiv.org/atom/cs.RO", "https://rss.arxiv.org/atom/cs.RO", "arxiv"),
        ("https://huggingface.co/papers", "https://huggingface.co/api/daily_papers", "huggingface"),
        (
            "https://huggingface.co/papers/date/2026-04-22",
            "https://huggingface.co/api/daily_papers",
            "huggingface",
        ),
        ("https://huggingface.co/blog", "https://huggingface.co/blog/feed.xml", "feed"),
        ("https://www.nature.com/nphys/", "https://www.nature.com/nphys.rss", "feed"),
        ("https://www.nature.com/nphys/current-issue", "https://www.nature.com/nphys.rss", "feed"),
        ("https://www.mdpi.com/journal/water", "https://www.mdpi.com/rss/journal/water", "feed"),
        (
            "https://www.biorxiv.org/collection/cell-biology",
            "https://connect.biorxiv.org/biorxiv_xml.php?subject=cell_biology",
            "feed",
        ),
        (
            "https://febs.onlinelibrary.wiley.com/journal/17424658",
            "https://onlinelibrary.wiley.com/feed/17424658/most-recent",
            "feed",
        ),
        (
            "https://pubs.acs.org/journal/jacsat",
            "https://pubs.acs.org/action/showFeed?type=axatoc&feed=rss&jc=jacsat",
            "feed",
        ),
        (
            "https://ieeexplore.ieee.org/xpl/RecentIssue.jsp?punumber=34",
            "https://ieeexplore.ieee.org/rss/TOC34.XML",
            "feed",
        ),
        ("https://journals.aps.org/prl/", "https://feeds.aps.org/rss/recent/prl.xml", "feed"),
    ],
)
def test_a_page_leads_to_its_list(page: str, feed: str, kind: str) -> None:
    assert find_known_page(page) == KnownPage(feed, kind)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("https://arxiv.org/abs/2604.01234", "is one paper. Add a category's list"),
        ("https://arxiv.org/", "is no list of papers. Add a category's list"),
        ("https://huggingface.co/papers/2604.01234", "is one paper"),
    ],
)
def test_a_page_without_a_list_is_told_apart(page: str, told: str) -> None:
    with pytest.raises(NoList, match=told):
        find_known_page(page)


@pytest.mark.parametrize(
    "page",
    [
        "https://blog.arxiv.org/feed/",
        "https://info.arxiv.org/about",
        "https://notarxiv.org/list/cs.CL/recent",
        "https://www.nature.com/nphys.rss",
        "https://example.org/",
        "x://[",
    ],
)
def test_other_pages_are_left_to_be_looked_at(page: str) -> None:
    assert find_known_page(page) is None
