"""Atom and JSON Feed: the newest papers, those of a day, week or month, of a topic, of a search.

An entry changes when its paper becomes news again and not with every vote, so that a feed reader
shows it once. RFC 4287, RFC 5005 for its pages, JSON Feed 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date

from digest import english
from digest.match.search import MOST, search_papers
from digest.models import Match, Paper
from digest.render import paper_lines
from digest.web.api.http import Refused, open_answer
from digest.web.listing import ORDERS, in_order, page_number
from digest.web.periods import Span
from subscribers.models import Topic
from subscribers.topics import TopicError

FEED_PAGE = 50
LAST_PAGE = 1000
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries last changed
ATOM, JSON = "atom", "json"
TYPES = {ATOM: "application/atom+xml", JSON: "application/feed+json"}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Feed:
    """What both formats say; `page_url` is the page for people, `begun` stands for no entries."""

    title: str
    page_url: str
    url: str
    papers: Sequence[Paper]
    begun: datetime
    next_url: str = ""
    subtitle: str = "New research papers, those that were news last first."

    @property
    def updated(self) -> datetime:
        return max((news_of(paper) for paper in self.papers), default=self.begun)

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [entry_of(paper) for paper in self.papers]


def news_of(paper: Paper) -> datetime:
    return paper.news_at or paper.first_seen_at


@open_answer
def latest(request: HttpRequest, form: str) -> HttpResponse:
    papers = Paper.objects.filter(news_at__lte=timezone.now())
    return write(_feed(request, "new papers", reverse("digest:today"), papers, _LONG_AGO), form)


@open_answer
def of_span(request: HttpRequest, span: Span, form: str) -> HttpResponse:
    if span.first > timezone.now().date():
        raise Http404("That day has not come yet.")
    papers = Paper.objects.filter(news_at__gte=span.starts_at, news_at__lt=span.ends_at)
    page_path = reverse("digest:span", args=[span])
    return write(_feed(request, span.title, page_path, papers, span.starts_at), form)


@open_answer
def of_topic(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    topic = Topic.objects.filter(slug=slug).first()
    if topic is None:
        raise Http404("There is no such topic: nobody follows it.")
    matched = Match.objects.filter(topic=topic).values("paper")
    papers = Paper.objects.filter(pk__in=matched, news_at__lte=timezone.now())
    page_path = reverse("digest:topic", args=[slug])
    return write(_feed(request, topic.query, page_path, papers, topic.created_at), form)


@open_answer
def of_search(request: HttpRequest, form: str) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    number = page_number(request, MOST // FEED_PAGE)
    start = (number - 1) * FEED_PAGE
    try:
        results = search_papers(query, ORDERS["newest"], start, FEED_PAGE)
    except TopicError as error:
        raise Refused(str(error)) from error
    papers = [match.paper for match in results.matches]
    is_last = results.count <= start + len(papers) or number == MOST // FEED_PAGE
    asked = {"q": query}
    return write(
        Feed(
            title=f"Offprint: {query}",
            page_url=absolute(reverse("digest:search"), asked),
            url=_address(request, number, asked),
            papers=papers,
            begun=_LONG_AGO,
            next_url="" if is_last else _address(request, number + 1, asked),
        ),
        form,
    )


@open_answer
def nothing(_request: HttpRequest) -> HttpResponse:
    raise Http404("There is no such feed. /feeds/latest.atom and /feeds/latest.json are two.")


def _feed(
    request: HttpRequest, title: str, page_path: str, papers: QuerySet[Paper], begun: datetime
) -> Feed:
    """A page of these papers, those that were news last first."""
    ids = papers.order_by(*ORDERS["newest"]).values_list("pk", flat=True)
    number = page_number(request, LAST_PAGE)
    start = (number - 1) * FEED_PAGE
    shown = list(ids[start : start + FEED_PAGE + 1])
    return Feed(
        title=f"Offprint: {title}",
        page_url=absolute(page_path),
        url=_address(request, number),
        papers=in_order(shown[:FEED_PAGE]),
        begun=begun,
        next_url=_address(request, number + 1) if len(shown) > FEED_PAGE else "",
    )


def _address(request: HttpRequest, number: int, asked: Mapping[str, str] | None = None) -> str:
    """The feed's own address, whatever else was asked along with it."""
    page = {"page": str(number)} if number > 1 else {}
    return absolute(request.path, {**(asked or {}), **page})


def absolute(path: str, asked: Mapping[str, str] | None = None) -> str:
    return f"{settings.SITE_URL}{path}" + (f"?{urlencode(asked)}" if asked else "")


def write(feed: Feed, form: str) -> HttpResponse:
    kind = f"{TYPES[form]}; charset=utf-8"
    if form == JSON:
        response: HttpResponse = JsonResponse(
            _json(feed), content_type=kind, json_dumps_params={"ensure_ascii": False}
        )
    else:
        text = render_to_string("digest/feed.xml", {"feed": feed, "site_url": settings.SITE_URL})
        response = HttpResponse(_UNPRINTABLE.sub("", text), content_type=kind)
    response["Last-Modified"] = http_date(feed.updated.timestamp())
    return response


def _json(feed: Feed) -> dict[str, Any]:
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.url,
        "favicon": absolute(static("favicon.svg")),
        "icon": absolute(static("icon.png")),
        "language": "en",
        "authors": [{"name": "Offprint", "url": settings.SITE_URL}],
        "items": [_item(entry) for entry in feed.entries],
    }
    return body | ({"next_url": feed.next_url} if feed.next_url else {})


def _item(entry: dict[str, Any]) -> dict[str, Any]:
    paper: Paper = entry["paper"]
    item = {
        "id": entry["url"],
        "url": entry["url"],
        "external_url": entry["source_url"],
        "title": paper.title,
        "content_html": entry["content"],
        "summary": english.shorten(paper.abstract or paper.summary, paper_lines.EXCERPT_CHARS),
        "date_published": entry["updated"].isoformat(),
        "authors": [{"name": str(name)} for name in paper.authors],
        "tags": [str(category) for category in paper.categories],
    }
    return {name: value for name, value in item.items() if value}


def entry_of(paper: Paper) -> dict[str, Any]:
    """What an entry says; its id is the address of the paper's page."""
    shown = {
        "paper": paper,
        "url": absolute(reverse("digest:paper", args=[paper.identifier])),
        "source_url": paper_lines.web_url(paper.url),
        "code_url": paper_lines.web_url(paper.code_url),
        "pdf_url": paper_lines.pdf_url(paper),
        "updated": news_of(paper),
    }
    return shown | {"content": render_to_string("digest/_feed_entry.html", shown).strip()}
