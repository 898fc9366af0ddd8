"""Entries as no standard has them: odd places, other languages, what stands around an abstract."""

from __future__ import annotations

from typing import Any

import pytest

from digest.ingest.sources import feedparser_child
from digest.ingest.sources.charset import convert_to_utf8
from digest.ingest.sources.feed import parse_document
from digest.ingest.sources.parsed import ParsedEntry

TITLE = "Slow rivers move fewer stones than models say"
META = '<meta name="author" content="Ada Lunt, Bo Karr"/>'
TEXT = "We watch slow rivers for six summers and count every stone. They move less than that."
HEAD = (
    '<?xml version="1.0"{}?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Roofs</title>'
)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse_here(body: bytes, url: str, content_type: str = "") -> dict[str, Any]:
        return feedparser_child.read_feed(convert_to_utf8(body, content_type), url)

    monkeypatch.setattr("digest.ingest.sources.feed.parse_in_child", parse_here)


def read(inner: str, *, title: str = TITLE, encoding: str = "utf-8", says: str = "") -> ParsedEntry:
    item = f"<item><title>{title}</title><link>https://j.example.org/1</link>{inner}</item>"
    document = f"{HEAD.format(says)}{item}</channel></rss>".encode(encoding)
    (entry,) = parse_document(document, "https://j.example.org/feed").entries
    return entry


def escape(markup: str) -> str:
    return markup.replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("inner", "authors"),
    [
        ("<authors><author><name>Ada Lunt</name></author></authors>", ("Ada Lunt",)),
        (
            "<authors><author><given>Ada</given><family>Lunt</family></author>"
            "<author><given>Bo</given><family>Karr</family></author></authors>",
            ("Ada Lunt", "Bo Karr"),
        ),
        ("<citation_author>Lunt, Ada</citation_author>", ("Ada Lunt",)),
        ("<dc:creator>Ada Lunt https://orcid.org/0000-0002-1825-0097</dc:creator>", ("Ada Lunt",)),
        (
            "<dc:creator>Ada Lunt (Roof Lab), Bo Karr (Karr Lab)</dc:creator>",
            ("Ada Lunt", "Bo Karr"),
        ),
        (
            "<dc:creator>Ada Lunt&lt;sup&gt;1,2&lt;/sup&gt;, Bo Karr</dc:creator>",
            ("Ada Lunt", "Bo Karr"),
        ),
        ("<dc:creator>王小明，李华 等</dc:creator>", ("王小明", "李华")),
        ("<author>Lunt A, Karr B, Poe C. </author>", ("A Lunt", "B Karr", "C Poe")),
        (
            f"<description>{escape(META)}{TEXT}</description>",
            ("Ada Lunt", "Bo Karr"),
        ),
        ("<dc:contributor>Ed Itor</dc:contributor>", ()),
    ],
)
def test_authors_are_found_wherever_they_stand(inner: str, authors: tuple[str, ...]) -> None:
    assert read(inner).authors == authors


GERMAN = "Wir beobachten sechs Sommer lang langsame Flüsse und zählen jeden Stein."
SPANISH = "Observamos ríos lentos durante seis veranos y contamos cada piedra."
RUSSIAN = "Мы шесть лет наблюдаем медленные реки и считаем каждый камень."
CHINESE = "我们用六个夏天观察缓慢的河流，并计算每一块石头。"
TURKISH = "Altı yaz boyunca yavaş nehirleri izliyor ve her taşı sayıyoruz, sonra karşılaştırıyoruz."


@pytest.mark.parametrize(
    ("text", "abstract"),
    [
        (f"<p>Zusammenfassung</p><p>{GERMAN}</p>", GERMAN),
        (f"<p><strong>Resumen.</strong> {SPANISH}</p>", SPANISH),
        (f"<p>Аннотация. {RUSSIAN} Ключевые слова: река, камень.</p>", RUSSIAN),
        (f"【摘要】{CHINESE}【关键词】河流；石头", CHINESE),
        (f"Öz: {TURKISH}", TURKISH),
        (f"{TEXT} Keywords: rivers; stones; summers", TEXT),
        (f"<p>Graphical abstract</p><img src='x'/><p>{TEXT}</p>", TEXT),
        (f"<jats:title>Abstract</jats:title><jats:p>{TEXT}</jats:p>", TEXT),
        (f"<p>Roofs, Vol. 12, Pages 3: {TITLE}</p><p>{TEXT}</p>", TEXT),
        (f"<p>{TEXT}</p><p><a href='x'>journals.example.org</a></p>", TEXT),
        (f"<p>DOI: 10.5555/abc.123</p><p>{TEXT}</p>", TEXT),
        (f"{TEXT} <p>The post {TITLE} appeared first on Roofs.</p>", TEXT),
    ],
)
def test_the_abstract_is_freed_of_what_stands_around_it(text: str, abstract: str) -> None:
    assert read(f"<description>{escape(text)}</description>").abstract == abstract


def test_a_sentence_that_begins_with_such_a_word_stays_whole() -> None:
    text = "Summary statistics of six rivers are given here. Keywords of each are counted too."
    assert read(f"<description>{text}</description>").abstract == text


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("10&lt;sup&gt;6&lt;/sup&gt; stones in slow rivers", "10⁶ stones in slow rivers"),
        (
            "The &lt;scp&gt;DNA&lt;/scp&gt; of CO&lt;inf&gt;2&lt;/inf&gt; rivers",
            "The DNA of CO₂ rivers",
        ),
        ("On <math><msup><mi>n</mi><mn>3</mn></msup></math> rivers", "On n³ rivers"),
        ("&lt;![CDATA[Slow rivers &amp;amp; stones]]&gt;", "Slow rivers & stones"),
        ("&lt;![CDATA[Slow rivers and stones]]&gt;", "Slow rivers and stones"),
    ],
)
def test_titles_are_read_through_their_markup(title: str, shown: str) -> None:
    assert read("", title=title).title == shown


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2026年4月22日",
            "令和8年4月22日",
            "2026년 4월 22일",
            "22 апр. 2026 г.",
            "22 kwietnia 2026",
        ),
        *("22 Nisan 2026", "22 de abril de 2026", "22.04.2026", "20260422", "April 22nd, 2026"),
    ],
)
def test_a_date_is_read_in_whatever_language(written: str) -> None:
    published_at = read(f"<pubDate>{written}</pubDate>").published_at
    assert published_at is not None
    assert f"{published_at:%Y-%m-%d}" == "2026-04-22"


@pytest.mark.parametrize("written", ["Spring 2026", "2026-04-22T24:00:00Z"])
def test_a_date_that_is_none_is_none(written: str) -> None:
    assert read(f"<pubDate>{written}</pubDate>").published_at is None


def test_what_a_publishers_own_element_holds_is_not_the_entrys() -> None:
    entry = read(
        f"<description>{TEXT}</description><related><link>https://other.example.org/9</link>"
        "<title>Other</title><guid>zzz</guid></related><media:content><media:title>Figure"
        "</media:title></media:content><tags><tag>a</tag></tags><content><p>x</p></content>"
        '<guid isPermaLink="false">own</guid>'
    )
    assert (entry.title, entry.url, entry.guid) == (TITLE, "https://j.example.org/1", "own")
    assert entry.abstract == TEXT


@pytest.mark.parametrize(
    ("title", "encoding", "says"),
    [
        ("缓慢河流的研究与石头的移动规律分析和模型比较", "gb18030", ""),
        ("Медленные реки и камни в них", "cp1251", ' encoding="UTF-8"'),
    ],
)
def test_a_charset_that_is_missing_or_wrong_is_noticed(
    title: str, encoding: str, says: str
) -> None:
    text = "我们用六个夏天观察缓慢的河流，并计算每一块石头。" if encoding != "cp1251" else RUSSIAN
    inner = f"<description>{text}</description>"
    assert read(inner, title=title, encoding=encoding, says=says).title == title
