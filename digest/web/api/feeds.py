"""Atom and JSON Feed: the newest papers, those of a day, week or month, of a topic, of a search.

An entry changes when its paper becomes news again and not with every vote, so that a feed reader
shows it once. Behind a topic's newest finds stand the papers close to it, labelled so and each with
its reason; `?near=no` leaves them out. RFC 4287, RFC 5005 for its pages, JSON Feed 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest import english
from digest.match.search import MOST, search_papers
from digest.models import Match, Paper
from digest.render import paper_lines
from digest.web.api.http import Refused, api_view
from digest.web.listing import ORDERS, fetch_in_order, read_page_number
from digest.web.near_listings import NearListing
from digest.web.near_topics import list_near
from digest.web.period_papers import select_news
from digest.web.periods import Period
from subscribers.models import Topic
from subscribers.site_look import read_look
from subscribers.topics import TopicError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FEED_PAGE = 50
LAST_PAGE = 1000
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries last changed
ATOM, JSON = "atom", "json"
NEAR_TITLE, NEAR_TAG = gettext_lazy("Close to it: "), gettext_lazy("close to the topic")
TYPES = {ATOM: "application/atom+xml", JSON: "application/feed+json"}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


ABOUT = gettext_lazy("New research papers, those that were news last first.")


@dataclass(frozen=True)
class Feed:
    """What both formats say.

    `page_url` is the page for people; `begun` is when a feed without entries last changed.
    """

    title: str
    page_url: str
    url: str
    papers: Sequence[Paper]
    begun: datetime
    next_url: str = ""
    subtitle: StrOrPromise = ABOUT
    near: Sequence[NearListing] = ()  # papers close to the topic, behind those in it
    topic: str = ""  # to which they are close

    @property
    def updated(self) -> datetime:
        papers = [*self.papers, *(one.paper for one in self.near)]
        return max((get_news_time(paper) for paper in papers), default=self.begun)

    @property
    def entries(self) -> list[dict[str, Any]]:
        near = [
            make_entry(one.paper, _explain_near(self.topic, one), is_close=not one.is_find)
            for one in self.near
        ]
        return [*(make_entry(paper) for paper in self.papers), *near]


def _explain_near(topic: str, one: NearListing) -> str:
    """Close to MRI segmentation: like what it finds (atrial, LGE); or by a kind of it (cardiac)."""
    words = f" ({', '.join(one.words)})" if one.words else ""
    if one.is_find:
        return _("In %(topic)s, by a kind of it%(words)s") % {"topic": topic, "words": words}
    return _("Close to %(topic)s: like what it finds%(words)s") % {"topic": topic, "words": words}


def get_news_time(paper: Paper) -> datetime:
    """When the paper was news last; where it never was, when it was first seen."""
    return paper.news_at or paper.first_seen_at


@api_view
def serve_latest(request: HttpRequest, form: str) -> HttpResponse:
    papers = Paper.objects.filter(news_at__lte=timezone.now())
    feed = _make_feed(request, _("new papers"), reverse("digest:today"), papers, _LONG_AGO)
    return write_feed(feed, form)


@api_view
def serve_period(request: HttpRequest, period: Period, form: str) -> HttpResponse:
    if period.first > timezone.now().date():
        raise Http404("That day has not come yet.")
    papers, page_path = select_news(period), reverse("digest:span", args=[period])
    return write_feed(_make_feed(request, period.title, page_path, papers, period.starts_at), form)


@api_view
def serve_topic(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    topic = Topic.objects.public().filter(slug=slug).first()
    if topic is None:
        raise Http404("There is no such topic: nobody follows it.")
    matched = Match.objects.filter(topic=topic).values("paper")
    papers = Paper.objects.filter(pk__in=matched, news_at__lte=timezone.now())
    page_path = reverse("digest:topic", args=[slug])
    feed = _make_feed(request, topic.query, page_path, papers, topic.created_at)
    is_first = read_page_number(request, LAST_PAGE) == 1
    if is_first and request.GET.get("near") != "no":
        shown = {paper.pk for paper in feed.papers}
        near = [one for one in list_near(topic, timezone.now()) if one.paper.pk not in shown]
        feed = replace(feed, near=near, topic=topic.query)
    return write_feed(feed, form)


@api_view
def serve_search(request: HttpRequest, form: str) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    number = read_page_number(request, MOST // FEED_PAGE)
    start = (number - 1) * FEED_PAGE
    try:
        results = search_papers(query, ORDERS["newest"], start, FEED_PAGE)
    except TopicError as error:
        raise Refused(str(error)) from error
    papers = [match.paper for match in results.matches]
    is_last = results.count <= start + len(papers) or number == MOST // FEED_PAGE
    parameters = {"q": query}
    feed = Feed(
        title=f"{read_look().name}: {query}",
        page_url=make_absolute_url(reverse("digest:search"), parameters),
        url=_make_feed_url(request, number, parameters),
        papers=papers,
        begun=_LONG_AGO,
        next_url="" if is_last else _make_feed_url(request, number + 1, parameters),
    )
    return write_feed(feed, form)


@api_view
def refuse_unknown(_request: HttpRequest) -> HttpResponse:
    raise Http404("There is no such feed. /feeds/latest.atom and /feeds/latest.json are two.")


def _make_feed(
    request: HttpRequest, title: str, page_path: str, papers: QuerySet[Paper], begun: datetime
) -> Feed:
    """A page of these papers, those that were news last first."""
    ids = papers.order_by(*ORDERS["newest"]).values_list("pk", flat=True)
    number = read_page_number(request, LAST_PAGE)
    start = (number - 1) * FEED_PAGE
    shown = list(ids[start : start + FEED_PAGE + 1])
    return Feed(
        title=f"{read_look().name}: {title}",
        page_url=make_absolute_url(page_path),
        url=_make_feed_url(request, number),
        papers=fetch_in_order(shown[:FEED_PAGE]),
        begun=begun,
        next_url=_make_feed_url(request, number + 1) if len(shown) > FEED_PAGE else "",
    )


def _make_feed_url(
    request: HttpRequest, number: int, parameters: Mapping[str, str] | None = None
) -> str:
    """The feed's own address, with these parameters and no others of the request."""
    page = {"page": str(number)} if number > 1 else {}
    if request.GET.get("near") == "no":
        page["near"] = "no"
    return make_absolute_url(request.path, {**(parameters or {}), **page})


def make_absolute_url(path: str, parameters: Mapping[str, str] | None = None) -> str:
    return f"{settings.SITE_URL}{path}" + (f"?{urlencode(parameters)}" if parameters else "")


def write_feed(feed: Feed, form: str) -> HttpResponse:
    """Return the feed as Atom or, for the form "json", as JSON Feed."""
    kind = f"{TYPES[form]}; charset=utf-8"
    if form == JSON:
        response: HttpResponse = JsonResponse(
            _feed_to_json(feed), content_type=kind, json_dumps_params={"ensure_ascii": False}
        )
    else:
        text = render_to_string("digest/feed.xml", {"feed": feed, "site_url": settings.SITE_URL})
        response = HttpResponse(_UNPRINTABLE.sub("", text), content_type=kind)
    response["Last-Modified"] = http_date(feed.updated.timestamp())
    return response


def _feed_to_json(feed: Feed) -> dict[str, Any]:
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.url,
        "favicon": make_absolute_url(static("favicon.svg")),
        "icon": make_absolute_url(static("icon.png")),
        "language": "en",
        "authors": [{"name": read_look().name, "url": settings.SITE_URL}],
        "items": [_entry_to_json(entry) for entry in feed.entries],
    }
    return body | ({"next_url": feed.next_url} if feed.next_url else {})


def _entry_to_json(entry: dict[str, Any]) -> dict[str, Any]:
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
    if entry["is_close"]:
        item |= {"title": f"{NEAR_TITLE}{paper.title}", "tags": [*item["tags"], NEAR_TAG]}
    return {name: value for name, value in item.items() if value}


def make_entry(paper: Paper, near: str = "", *, is_close: bool = False) -> dict[str, Any]:
    """Return what an entry says; its id is the address of the paper's page.

    `near` is the reason of a paper that the feed's topic did not find by its words: it names a kind
    of it, or `is_close`.
    """
    context = {
        "near": near,
        "is_close": is_close,
        "paper": paper,
        "url": make_absolute_url(reverse("digest:paper", args=[paper.identifier])),
        "source_url": paper_lines.clean_web_url(paper.url),
        "code_url": paper_lines.clean_web_url(paper.code_url),
        "pdf_url": paper_lines.make_pdf_url(paper),
        "updated": get_news_time(paper),
    }
    return context | {"content": render_to_string("digest/_feed_entry.html", context).strip()}
