"""For search engines: every page worth finding, and what they shall leave. For browsers an icon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast, Substr
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from digest.models import Paper
from digest.web.api.http import asked_again_cheaply
from digest.web.periods import Kind, Span, month_span, week_span
from digest.web.topics import busiest_topics, last_weeks

MOST = 50_000  # addresses in one file, by the protocol
FRESH_SECONDS = 3_600
PLACES = ("digest:today", "digest:topics", "digest:search", "digest:api", "subscribers:subscribe")


@dataclass(frozen=True)
class Place:
    """One address, and the day it last changed where that is known."""

    path: str
    day: str = ""

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.path}"


@asked_again_cheaply
def index(request: HttpRequest) -> HttpResponse:
    """The list of lists: one of pages, and one for each day that has papers."""
    days = [Place(reverse("digest:sitemap-day", args=[day]), f"{day}") for day in _days()]
    places = [Place(reverse("digest:sitemap-pages")), *days]
    return _write(request, "digest/sitemap_index.xml", places)


def _days() -> list[date]:
    """Days with papers, the newest first."""
    day = Substr(Cast("news_at", TextField()), 1, 10)  # as in days.count_by_day
    news = Paper.objects.filter(news_at__lte=timezone.now()).order_by()
    found = news.annotate(day=day).values_list("day", flat=True).distinct()
    return sorted(map(date.fromisoformat, found), reverse=True)


@asked_again_cheaply
def pages(request: HttpRequest) -> HttpResponse:
    """The pages that stay, every week and month with papers, and the topics."""
    days = _days()
    spans = dict.fromkeys(around(day) for around in (week_span, month_span) for day in days)
    topics = busiest_topics(last_weeks()[0]).values_list("slug", flat=True)
    places = [
        *(Place(reverse(name)) for name in PLACES),
        *(Place(reverse("digest:span", args=[span])) for span in spans),
        *(Place(reverse("digest:topic", args=[slug])) for slug in topics[: MOST // 2]),
    ]
    return _write(request, "digest/sitemap.xml", places)


@asked_again_cheaply
def of_day(request: HttpRequest, span: Span) -> HttpResponse:
    if span.kind is not Kind.DAY:
        raise Http404("A sitemap is that of a day.")
    papers = Paper.objects.filter(news_at__gte=span.starts_at, news_at__lt=span.ends_at)
    names = papers.order_by("pk").values_list("identifier", flat=True)[: MOST - 1]
    shown = [Place(reverse("digest:paper", args=[name]), f"{span.first}") for name in names]
    day = Place(reverse("digest:span", args=[span]), f"{span.first}")
    return _write(request, "digest/sitemap.xml", [day, *shown])


def _write(request: HttpRequest, template: str, places: Iterable[Place]) -> HttpResponse:
    context = {"places": places}
    response = render(request, template, context, content_type="application/xml; charset=utf-8")
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response


@asked_again_cheaply
def robots(request: HttpRequest) -> HttpResponse:
    response = render(request, "robots.txt", content_type="text/plain; charset=utf-8")
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Browsers and feed readers ask for this address without a link; a picture all can read."""
    response = HttpResponseRedirect(static("icon.png"))
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response
