"""What a reader sees is what the source says; `make fidelity` shows it for all captured texts."""

from __future__ import annotations

import json
from datetime import date
from xml.sax.saxutils import escape

import pytest
from django.urls import reverse

from digest.ingest.sources import arxiv, feed, huggingface
from digest.ingest.sources.parsed import ParsedDocument
from digest.ingest.store import store_document
from digest.ingest.text.clean import clean_html, clean_tex
from digest.models import Paper
from digest.render import Typesetter, excerpt
from tests.campaigns.captured_texts import plain, typeset
from tests.expected_text import visible_text, wrapped
from tests.factories import NOW, make_delivery, make_reader, make_source

PLAIN = [
    "Bounds for 0<x<1 and y>2",
    "<think> tokens </think> help models",
    "AT&amp;amp;T, AT&T and &lt;b&gt; &#x27;quoted&#x27;",
    "<script>alert(1)</script> <b>bold</b> & \"quotes\" 'too'",
    "{{ topic }} {% now 'Y' %} {# a comment #} <mj-text>",
    "مقدمة في تعلم الآلة مع GPT-4 و BERT",
    "می\u200cخواهم \u202eevil\u202c a\u200bb",
    "👩\u200d💻 codes 🏳️\u200d🌈 👍🏽 1️⃣",
    r"Poincar\'e, $O(n\log n)$ and $\pi_{0.5}$: 95\% of \textbf{16$\times$}",
    "costs $5 to $10, C:\\new, snake_case ^a ~ 100% #1",
    "a\u2028b\u2029c\x85d\x00e\x0bf\ud800g\ue000h\ue001i",
    "state-of-the-art--and more-" + "very-long-" * 20 + "word",
    "see https://example.org/" + "path/" * 30 + "?a=1&b=2",
    "the n^{th} root of 10^{-3} and x^*, 10^6 cells, Ca^2+ and L^p, C^{*}-algebra, 2^{nd}",
    "精密な数学 ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ ﬁne Å",
]
MARKUP = [
    "<p>One &amp; <b>two</b></p><p>three<br>four</p><script>alert(1)</script>",
    "AT&amp;amp;T &lt;think&gt; 0 &lt; x &lt; 1 &nbsp; <a href='x'>link</a>s",
    "<div onclick=alert(1)>a<style>b{}</style><!-- c --><i>d</i>e</div>",
    "<p>Y2<span class='jp-sup'>T</span>, 10<sup>−3</sup>, the 2<sup>nd</sup>, H<sub>2</sub>O</p>",
]


def _hugging(texts: list[str]) -> ParsedDocument:
    rows = [
        {"paper": {"id": f"2604.{n + 90000:05}", "title": f"T{n} {text}", "summary": text}}
        for n, text in enumerate(texts)
    ]
    return huggingface.parse_document(json.dumps(rows).encode(), date(2026, 4, 22))


def _feed(texts: list[str]) -> ParsedDocument:
    entries = "".join(
        f"<entry><id>u:{n}</id><title type='html'>T{n} {escape(text)}</title>"
        f"<link href='https://example.org/{n}'/>"
        f"<summary type='html'>{escape(text)}</summary></entry>"
        for n, text in enumerate(texts)
    )
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title>{entries}</feed>"
    return feed.parse_document(body.encode(), "https://example.org/feed")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("read", "texts", "expected"), [(_hugging, PLAIN, plain), (_feed, MARKUP, typeset)]
)
def test_a_reader_sees_what_the_source_says(
    read, texts, expected, monkeypatch: pytest.MonkeyPatch, client
) -> None:
    monkeypatch.setattr(excerpt.summarize_paper, "__defaults__", (10_000,))
    delivery = make_delivery(subscriber=make_reader("x"), contents={"papers": []})
    store_document(make_source(), read(texts), NOW)
    papers = {int(p.title.split()[0][1:]): p for p in Paper.objects.all()}
    for n, text in enumerate(texts):
        item = {"id": papers[n].pk, "section": "new", "topics": [[1, "x", "models"]]}
        delivery.contents = {"papers": [item]}
        [message] = Typesetter().render_all([delivery])
        page = client.get(reverse("digest:paper", args=[papers[n].identifier])).content.decode()
        for said in (f"T{n} {expected(text)}", expected(text)):
            assert said in visible_text(str(message.alternatives[0][0]))
            assert wrapped(said).search(str(message.body))
            assert said in visible_text(page)


def test_arxiv_lists_are_plain_text_too() -> None:
    entries = "".join(
        f"<item><title>{escape(text)}</title><link>https://arxiv.org/abs/2604.{n:05}</link>"
        f"<description>arXiv:2604.{n:05}v1 Announce Type: new \nAbstract: {escape(text)}"
        "</description></item>"
        for n, text in enumerate(PLAIN)
        if text.isprintable()
    )
    body = f"<rss version='2.0'><channel><title>cs.CL</title>{entries}</channel></rss>"
    read = arxiv.parse_document(body.encode(), "https://rss.arxiv.org/rss/cs.CL").entries
    wanted = [plain(text) for text in PLAIN if text.isprintable()]
    assert [entry.title for entry in read] == wanted
    assert [entry.abstract for entry in read] == wanted


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_is_read_by_the_rules_of_the_page(text: str) -> None:
    assert clean_tex(text, 5000) == plain(text)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_read_by_the_rules_of_the_page(text: str) -> None:
    assert clean_html(text, 5000) == typeset(text)
