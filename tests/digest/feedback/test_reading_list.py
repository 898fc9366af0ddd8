"""A private list of saved papers: its page, its feed and its bibliography."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from digest.feedback.reading_list import render_bibtex
from digest.models import Paper, SavedPaper
from subscribers.mail.mail_links import reading_bibtex_url, reading_feed_url, reading_list_url
from subscribers.models import Subscriber
from tests.factories import NOW, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]
MINUTE = timedelta(minutes=1)


def saved(reader: Subscriber, minutes_ago: int = 0, **fields: Any) -> Paper:
    paper = make_paper(**fields)
    saved_at = NOW - minutes_ago * MINUTE
    SavedPaper.objects.create(subscriber=reader, paper=paper, saved_at=saved_at)
    return paper


def page_of(reader: Subscriber) -> str:
    return reading_list_url(reader.pk).removeprefix(settings.SITE_URL)


def feed_of(reader: Subscriber, name: str = "atom.xml") -> str:
    url_of = {"atom.xml": reading_feed_url, "offprint.bib": reading_bibtex_url}[name]
    return url_of(reader.pk).removeprefix(settings.SITE_URL)


def titles(client: Client, address: str) -> list[str]:
    page = client.get(address).content.decode()
    return [unescape(title) for title in re.findall(r'<h2><a href="[^"]+">(.*?)</a></h2>', page)]


class TestTheBibliography:
    def test_it_lists_the_papers_in_the_order_they_were_saved(
        self, client: Client, reader: Subscriber
    ) -> None:
        saved(reader, 1, title="Seals", authors=["Zoë Ångström"])
        saved(reader, 9, title="Orcas", authors=["Ada Adler"])
        answer = client.get(feed_of(reader, "offprint.bib"))
        assert answer["Content-Type"] == "application/x-bibtex; charset=utf-8"
        keys = re.findall(r"^@misc\{(.*),$", answer.content.decode(), re.MULTILINE)
        assert keys == ["adler2026orcas", "angstrom2026seals"]

    def test_no_two_papers_share_a_key_and_later_ones_change_none(self) -> None:
        fields: dict[str, Any] = {"authors": ["Ada Adler"], "published_at": NOW, "url": ""}
        papers = [
            Paper(title="Slow Orcas", identifier="arxiv:2604.00001", **fields),
            Paper(title="Slow Seals", identifier="arxiv:2604.00002", **fields),
            Paper(title="Slow Whales", identifier="doi:10.1/a_b", **fields),
            Paper(title="Slow Calves", identifier="doi:10.1/A(b", **fields),
        ]
        keys = re.findall(r"^@misc\{(.*),$", render_bibtex(papers), re.MULTILINE)
        assert keys == [
            *("adler2026slow", "adler2026slow-2604.00002"),
            *("adler2026slow-10.1.a.b", "adler2026slow-10.1.a.b+"),
        ]
        assert render_bibtex(papers).startswith(render_bibtex(papers[:2]).rstrip())

    def test_signs_that_tex_takes_for_its_own_stay_signs(self) -> None:
        title = r"100% of $x_1 & {y} #1 ~ ^ \ in Zürich 扩散"
        paper = Paper(title=title, identifier="url:x", url="", published_at=NOW)
        text = render_bibtex([paper])
        assert (
            r"100\% of \$x\_1 \& \textbraceleft{}y\textbraceright{} \#1 \textasciitilde{} "
            r"\textasciicircum{} \textbackslash{} in Zürich 扩散"
        ) in text
        assert text.count("{") == text.count("}")
