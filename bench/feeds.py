"""A day's papers as the list that arXiv would serve: RSS 2.0 with its announcements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from bench.papers import MadePaper

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<channel><title>cs updates on arXiv.org</title><link>https://rss.arxiv.org/rss/cs</link>"
    "<pubDate>{date}</pubDate>"
)
_ITEM = (
    "<item><title>{title}</title><link>https://arxiv.org/abs/{number}</link>"
    "<description>arXiv:{number}v1 Announce Type: new \nAbstract: {abstract}</description>"
    '<guid isPermaLink="false">oai:arXiv.org:{number}v1</guid>{categories}'
    "<pubDate>{date}</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
    "<dc:creator>{authors}</dc:creator></item>"
)


def make_list(papers: Iterable[MadePaper], at: datetime) -> str:
    """The whole document, dated `at`."""
    date = format_datetime(at)
    items = "".join(_make_item(paper, date) for paper in papers)
    return f"{_HEAD.format(date=date)}{items}</channel></rss>"


def _make_item(paper: MadePaper, date: str) -> str:
    return _ITEM.format(
        title=escape(paper.title),
        number=find_number(paper),
        abstract=escape(paper.abstract),
        categories="".join(f"<category>{name}</category>" for name in paper.categories),
        authors=escape(", ".join(paper.authors)),
        date=date,
    )


def find_number(paper: MadePaper) -> str:
    """The paper's number at arXiv: five digits after the month, ten thousands to a month."""
    return f"26{1 + paper.number // 90_000:02}.{10_000 + paper.number % 90_000}"
