"""Sitemaps of every page worth finding and robots.txt, for search engines; an icon for browsers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

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
from digest.web.api.http import conditional_view
from digest.web.period_papers import select_news
from digest.web.periods import Period, PeriodKind, make_month, make_week
from digest.web.shared_pages import same_for_all
from digest.web.topics import list_last_days, select_busiest_topics

MOST = 50_000  # addresses in one file, by the protocol
FRESH_SECONDS = 3_600
PAGES = ("digest:today", "digest:topics", "digest:search", "digest:api", "subscribers:subscribe")


@dataclass(frozen=True)
class SitemapEntry:
    """One address, and the day it last changed, 2026-04-23, where that is known."""

    path: str
    day: str = ""

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.path}"


@conditional_view
@same_for_all
def serve_index(request: HttpRequest) -> HttpResponse:
    """The sitemap index: the sitemap of pages, and one for each day that has papers."""
    days = [_make_entry("digest:sitemap-day", day, day=day) for day in _list_days()]
    entries = [_make_entry("digest:sitemap-pages"), *days]
    return _render_sitemap(request, "digest/sitemap_index.xml", entries)


def _make_entry(url_name: str, *args: Any, day: date | None = None) -> SitemapEntry:
    return SitemapEntry(reverse(url_name, args=args), f"{day or ''}")


def _list_days() -> list[date]:
    """Days with papers, the newest first."""
    day = Substr(Cast("news_at", TextField()), 1, 10)  # as in period_papers.count_by_day
    news = Paper.objects.filter(news_at__lte=timezone.now()).order_by()
    days = news.annotate(day=day).values_list("day", flat=True).distinct()
    return sorted(map(date.fromisoformat, days), reverse=True)


@conditional_view
@same_for_all
def serve_pages(request: HttpRequest) -> HttpResponse:
    """The pages that stay, every week and month with papers, and the topics."""
    days = _list_days()
    periods = dict.fromkeys(make(day) for make in (make_week, make_month) for day in days)
    topics = select_busiest_topics(list_last_days()[0]).values_list("slug", flat=True)
    entries = [
        *(_make_entry(name) for name in PAGES),
        *(_make_entry("digest:span", period) for period in periods),
        *(_make_entry("digest:topic", slug) for slug in topics[: MOST // 2]),
    ]
    return _render_sitemap(request, "digest/sitemap.xml", entries)


@conditional_view
@same_for_all
def serve_day(request: HttpRequest, period: Period) -> HttpResponse:
    """The page of a day and those of its papers."""
    if period.kind is not PeriodKind.DAY:
        raise Http404("A sitemap is that of a day.")
    day = period.first
    names = select_news(period).order_by("pk").values_list("identifier", flat=True)[: MOST - 1]
    papers = [_make_entry("digest:paper", name, day=day) for name in names]
    entries = [_make_entry("digest:span", period, day=day), *papers]
    return _render_sitemap(request, "digest/sitemap.xml", entries)


def _render_sitemap(
    request: HttpRequest, template: str, entries: Iterable[SitemapEntry]
) -> HttpResponse:
    context = {"entries": entries}
    response = render(request, template, context, content_type="application/xml; charset=utf-8")
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response


@conditional_view
def serve_robots(request: HttpRequest) -> HttpResponse:
    response = render(request, "robots.txt", content_type="text/plain; charset=utf-8")
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response


@require_safe
def redirect_favicon(_request: HttpRequest) -> HttpResponse:
    """Redirect to the icon: browsers and feed readers ask for this address without a link."""
    response = HttpResponseRedirect(static("icon.png"))
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response
