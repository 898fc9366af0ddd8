"""How publishers write their feeds: one template for each, filled in with made works.

They were written after the shapes that public feeds have, each with what is odd about it: names in
one element, an abstract behind a citation, a cut one before the whole, a title behind pages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from tests.campaigns.journals.works import STYLES, Work

RSS = "application/rss+xml"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/'
    'content/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
)
_RSS_HEAD = (
    f'{_XML}<rss version="2.0" {_NAMES}><channel><title>{{journal}}</title>'
    "<link>{site}</link><description>New papers</description>"
)
_RDF_HEAD = (
    f'{_XML}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    f'xmlns="http://purl.org/rss/1.0/" {_NAMES}><channel rdf:about="{{site}}">'
    "<title>{journal}</title><link>{site}</link></channel>"
)
_ATOM_HEAD = (
    f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" {_NAMES}><title>{{journal}}</title>'
    '<link href="{site}"/><id>{site}</id><updated>{iso}</updated>'
)
_ARXIV_HEAD = _RSS_HEAD.replace(
    "<rss ", '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
).replace("New papers", "updates on the arXiv.org e-print archive")


@dataclass(frozen=True)
class Item:
    """A work as one journal lists it at one fetch."""

    work: Work
    link: str
    guid: str  # "" for none
    doi: str  # "" for none
    date: datetime
    version: int = 1
    relation: str = ""  # the DOI under which it stands elsewhere


@dataclass(frozen=True)
class Shape:
    """A feed's head, one item and its tail."""

    style: str  # of names
    head: str
    item: str
    tail: str = "</channel></rss>"
    media_type: str = RSS

    def write(self, journal: str, site: str, items: Sequence[Item], now: datetime) -> bytes:
        fields = {"journal": escape(journal), "site": site, "iso": now.isoformat()}
        rows = [self.item.format_map(fields | self._fill(item, journal)) for item in items]
        return "".join([self.head.format_map(fields), *rows, self.tail]).encode()

    def _fill(self, item: Item, journal: str) -> dict[str, Any]:
        """What templates name, all of it escaped once for XML; `html_…` twice."""
        work, date = item.work, item.date
        names = [person.write(STYLES[self.style]) for person in work.authors]
        has_doi = f"<dc:identifier>doi:{item.doi}</dc:identifier>" if item.doi else ""
        of = f"<dc:relation>https://doi.org/{item.relation}</dc:relation>"
        plain = {
            "title": work.title,
            "html_title": escape(work.title.replace("CO₂", "CO<sub>2</sub>"), quote=False),
            "abstract": work.abstract,
            "cut": work.start_of_abstract,
            "commas": ", ".join(names),
            "semicolons": "; ".join(names),
            "link": item.link,
            "doi": item.doi,
            "guid": item.guid,
        }
        return {name: escape(text, quote=False) for name, text in plain.items()} | {
            "creators": "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in names),
            "people": "".join(f"<author><name>{escape(name)}</name></author>" for name in names),
            "id": f'<guid isPermaLink="false">{escape(item.guid)}</guid>' if item.guid else "",
            "identifier": has_doi + (of if item.relation else ""),
            "date": format_datetime(date),
            "day": f"{date:%Y-%m-%d}",
            "words": f"{date.day} {date:%B %Y}",
            "stamp": date.isoformat(),
            "year": date.year,
            "number": work.number,
            "version": item.version,
            "announced": "new" if item.version == 1 else "replace",
            "journal": escape(journal),
        }


def write_json_feed(journal: str, site: str, items: Sequence[Item]) -> bytes:
    """https://www.jsonfeed.org/version/1.1/."""
    rows = [
        {
            "id": item.guid,
            "url": item.link,
            "title": item.work.title,
            "summary": item.work.start_of_abstract,
            "content_html": f"<h4>Abstract</h4><p>{escape(item.work.abstract)}</p>",
            "authors": [{"name": one.write(STYLES["whole"])} for one in item.work.authors],
            "date_published": item.date.isoformat(),
            "doi": item.doi,
        }
        for item in items
    ]
    version = "https://jsonfeed.org/version/1.1"
    feed = {"version": version, "title": journal, "home_page_url": site, "items": rows}
    return json.dumps(feed).encode()


_CITED = "{journal}, Volume 12, Issue 3, Page 1-9, {words}."
SHAPES = {
    "ieee": Shape(
        "initials",
        _RSS_HEAD,
        "<item><title>{title}</title><link>{link}</link>{id}<pubDate>{date}</pubDate>"
        "<authors>{semicolons}</authors><links><link>{link}?tp=</link></links>"
        "<description>{abstract}</description><volume>12</volume></item>",
    ),
    "wiley": Shape(
        "whole",
        _RSS_HEAD,
        "<item><title>{html_title}</title><link>{link}?af=R</link>{id}<pubDate>{date}</pubDate>"
        f"<description>{_CITED}</description><content:encoded>&lt;h2&gt;ABSTRACT&lt;/h2&gt;"
        "&lt;p&gt;{abstract}&lt;/p&gt;</content:encoded><dc:creator>\n{commas}\n</dc:creator>"
        "<prism:doi>{doi}</prism:doi>{identifier}</item>",
    ),
    "ojs atom": Shape(
        "whole",
        _ATOM_HEAD,
        "<entry><title>{title}</title>{people}<id>{guid}</id><updated>{stamp}</updated>"
        '<published>{stamp}</published><link rel="alternate" href="{link}"/>'
        '<summary type="html">&lt;p&gt;{abstract}&lt;/p&gt;</summary></entry>',
        "</feed>",
        "application/atom+xml",
    ),
    "ojs rss": Shape(
        "turned",
        _RSS_HEAD,
        "<item><title>{title}</title>{creators}<link>{link}</link>{id}<pubDate>{date}</pubDate>"
        "<description>&lt;p&gt;{abstract}&lt;/p&gt;</description>{identifier}</item>",
    ),
    "nature": Shape(
        "whole",
        _RDF_HEAD,
        '<item rdf:about="{link}"><title>{html_title}</title><link>{link}</link><description>'
        "&lt;p&gt;{journal}, Published online: {words}; doi:{doi}&lt;/p&gt;{abstract}"
        "</description>{creators}<dc:date>{day}</dc:date>{identifier}</item>",
        "</rdf:RDF>",
    ),
    "rss 1.0": Shape(
        "turned",
        _RDF_HEAD,
        '<item rdf:about="{link}"><title>{title}</title><link>{link}</link>'
        "<description>{abstract}</description>{creators}<dc:date>{stamp}</dc:date>"
        "{identifier}</item>",
        "</rdf:RDF>",
    ),
    "sciencedirect": Shape(
        "whole",
        _RSS_HEAD,
        "<item><title>{title}</title><link>{link}</link>{id}<description>&lt;p&gt;Publication date:"
        " {words}&lt;/p&gt;&lt;p&gt;&lt;b&gt;Source:&lt;/b&gt; {journal}, Volume 12&lt;/p&gt;"
        "&lt;p&gt;Author(s): {commas}&lt;/p&gt;&lt;p&gt;{abstract}&lt;/p&gt;</description></item>",
    ),
    "springer": Shape(
        "whole",
        _RSS_HEAD,
        "<item><title>{html_title}</title><link>{link}</link>{id}<pubDate>{day}</pubDate>"
        "<description>&lt;h3&gt;Abstract&lt;/h3&gt;&lt;p&gt;{abstract}&lt;/p&gt;</description>"
        "{creators}</item>",
    ),
    "mdpi": Shape(
        "whole",
        _RDF_HEAD,
        '<item rdf:about="{link}"><title>{journal}, Vol. 12, Pages {number}: {title}</title>'
        "<link>{link}</link><description>&lt;p&gt;&lt;b&gt;{journal}, Vol. 12, Pages {number}: "
        "{title}&lt;/b&gt;&lt;/p&gt;&lt;p&gt;Authors: {commas}&lt;/p&gt;&lt;p&gt;{abstract}"
        "&lt;/p&gt;</description><dc:title>{title}</dc:title>{creators}"
        "<dc:date>{day}</dc:date>{identifier}</item>",
        "</rdf:RDF>",
    ),
    "plos": Shape(
        "whole",
        _ATOM_HEAD,
        "<entry><title>{title}</title>{people}<id>{guid}</id><updated>{stamp}</updated>"
        '<link href="{link}"/><content type="html">&lt;p&gt;by {commas}&lt;/p&gt; {abstract}'
        "</content></entry>",
        "</feed>",
        "application/atom+xml",
    ),
    "pubmed": Shape(
        "whole",
        _RSS_HEAD,
        "<item><title>{title}</title><link>{link}</link>{id}<description>{cut}</description>"
        "<content:encoded>&lt;p&gt;{journal}. {year} Apr 1. doi: {doi}.&lt;/p&gt;&lt;p&gt;"
        "&lt;b&gt;ABSTRACT&lt;/b&gt;&lt;/p&gt;&lt;p&gt;{abstract}&lt;/p&gt;</content:encoded>"
        "<pubDate>{date}</pubDate>{creators}{identifier}</item>",
    ),
    "f1000": Shape(
        "whole",
        _RSS_HEAD,
        "<item><title>{title} [version {version}; peer review: 1 approved]</title>"
        "<link>{link}</link>{id}<pubDate>{date}</pubDate><description>&lt;b&gt;Abstract&lt;/b&gt;"
        " {abstract}</description>{creators}</item>",
    ),
    "cnki": Shape(
        "whole",
        _RSS_HEAD,
        "<item><title>{title}</title><link>{link}</link><author>{semicolons}</author>"
        "<pubDate>{date}</pubDate><description>{abstract}</description></item>",
    ),
    "bare": Shape(
        "whole",
        _RSS_HEAD,
        "<item><title>{title}</title><link>{link}</link>{id}"
        "<description>{abstract}</description>{creators}</item>",
    ),
    "biorxiv": Shape(
        "turned",
        _RDF_HEAD,
        '<item rdf:about="{link}?rss=1"><title>{title}</title><link>\n{link}?rss=1\n</link>'
        "<description>{abstract}</description><dc:creator>{semicolons}</dc:creator>"
        "<dc:date>{day}</dc:date>{identifier}</item>",
        "</rdf:RDF>",
    ),
    "arxiv": Shape(
        "whole",
        _ARXIV_HEAD,
        "<item><title>{title}</title><link>{link}</link><description>arXiv:{guid}v{version} "
        "Announce Type: {announced}\nAbstract: {abstract}</description>"
        '<guid isPermaLink="false">oai:arXiv.org:{guid}v{version}</guid><category>cs.RO</category>'
        "<pubDate>{date}</pubDate><arxiv:announce_type>{announced}</arxiv:announce_type>"
        "<dc:creator>{commas}</dc:creator></item>",
    ),
}
