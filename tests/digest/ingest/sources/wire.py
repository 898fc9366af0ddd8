"""Documents as sources send them, written by us, small."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from tests.factories import NOW


def arxiv_item(number: str = "2604.00001", **fields: Any) -> str:
    """One item of arXiv's RSS."""
    row = {
        "title": f"A paper called {number}",
        "abstract": "We study 0<x<1 and <think> tokens.",
        "authors": "Ana Diaz, Bo Chen",
        "type": "new",
        "version": 1,
        "categories": ["cs.CL"],
        "link": f"https://arxiv.org/abs/{number}",
    } | fields
    tags = "".join(f"<category>{name}</category>" for name in row["categories"])
    head = f"arXiv:{number}v{row['version']} Announce Type: {row['type']} \nAbstract: "
    return (
        f"<item><title>{escape(row['title'])}</title><link>{row['link']}</link>"
        f"<description>{escape(head + row['abstract'])}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{number}v{row["version"]}</guid>{tags}'
        f"<pubDate>{{date}}</pubDate><arxiv:announce_type>{row['type']}</arxiv:announce_type>"
        f"<dc:creator>{escape(row['authors'])}</dc:creator></item>"
    )


def arxiv_rss(*items: str, on: datetime = NOW) -> bytes:
    """An arXiv list of the day of `on`."""
    midnight = format_datetime(on.replace(hour=4, minute=0))
    body = "".join(items).replace("{date}", midnight)
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        "<title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>"
        f"<lastBuildDate>{midnight}</lastBuildDate><pubDate>{midnight}</pubDate>"
        f"{body}</channel></rss>"
    ).encode()


def hf_row(number: str = "2604.00001", **fields: Any) -> dict[str, Any]:
    """One row of Hugging Face's list; fields of `paper` and of the row by name."""
    outer = {name: fields.pop(name) for name in ("numComments",) if name in fields}
    paper = {
        "id": number,
        "title": f"A paper called {number}",
        "summary": "We study 0<x<1.",
        "authors": [{"name": "Ana Diaz", "hidden": False}, {"name": "Bo Chen"}],
        "publishedAt": "2026-04-20T00:00:00.000Z",
        "submittedOnDailyAt": "2026-04-22T00:00:00.000Z",
        "upvotes": 7,
    } | fields
    return {
        "paper": paper,
        "title": paper["title"],
        "publishedAt": "2026-04-19T20:00:00.000Z",
        "numComments": 3,
    } | outer


def hf_list(*rows: Any) -> bytes:
    return json.dumps(list(rows)).encode()


def feed_item(title: str = "A post", **fields: str) -> str:
    """One item of an RSS feed, with the elements given."""
    rest = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    return f"<item><title>{escape(title)}</title>{rest}</item>"


def rss(*items: str, link: str = "https://lab.example.org/") -> bytes:
    return (
        '<?xml version="1.0"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" version="2.0"><channel>'
        f"<title>Lab notes</title><link>{link}</link>{''.join(items)}</channel></rss>"
    ).encode()


def days_before(back: int) -> date:
    return (NOW - timedelta(days=back)).date()
