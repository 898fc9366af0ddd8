"""The addresses under /api/v1/. Lists come a page at a time, and `next` leads on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from digest.compose.folio import first_day
from digest.match.search import MOST, search_papers
from digest.models import Entry, Match, Paper, PaperQuerySet, Snapshot
from digest.web import period_papers
from digest.web.api import parameters, serializers
from digest.web.api.http import Refused, open_answer
from digest.web.listing import ORDERS, in_order, topics_that_find
from digest.web.paper import find_paper, merged_into
from digest.web.periods import Kind, Span
from digest.web.topics import busiest_topics, last_weeks, recent_matches
from subscribers.models import Topic
from subscribers.topics import TopicError
from subscribers.web.decorators import only_reads

DOCUMENT = Path(__file__).with_name("openapi.json")
MOST_SNAPSHOTS = 2_000
_PAGED = ("limit", "cursor")
_FURTHEST = 10**9


def answer(body: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    if body.get("next"):
        response["Link"] = f'<{body["next"]}>; rel="next"'
    return response


def next_url(request: HttpRequest, cursor: str) -> str:
    """The address of the next page: what was asked, from there on."""
    asked = {**{name: request.GET[name] for name in request.GET}, "cursor": cursor}
    return f"{settings.SITE_URL}{request.path}?{urlencode(asked)}"


@open_answer
def papers(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, (*_PAGED, "in", "since", "until", "topic", "category", "sort"))
    found = _filtered(request)
    if parameters.choice_of(request, "sort", tuple(ORDERS), "newest") == "trend":
        return answer(_by_trend(request, found))
    return answer(_by_news(request, found))


def _filtered(request: HttpRequest) -> PaperQuerySet:
    found = Paper.objects.filter(news_at__lte=timezone.now())
    if span := parameters.span_of(request, "in"):
        found = found.filter(news_at__gte=span.starts_at, news_at__lt=span.ends_at)
    if since := parameters.moment_of(request, "since"):
        found = found.filter(news_at__gte=since)
    if until := parameters.moment_of(request, "until"):
        found = found.filter(news_at__lt=until)
    if slug := request.GET.get("topic"):
        found = found.filter(pk__in=Match.objects.filter(topic__slug=slug).values("paper"))
    if category := request.GET.get("category"):
        quoted = json.dumps(category)
        found = found.annotate(names=Cast("categories", TextField())).filter(names__contains=quoted)
    return found


def _by_news(request: HttpRequest, found: PaperQuerySet) -> dict[str, Any]:
    if place := parameters.read_cursor(request, str, int):
        at = _moment(place[0])
        found = found.filter(Q(news_at__lt=at) | Q(news_at=at, pk__gt=place[1]))
    return _page(request, found.order_by("-news_at", "pk"), "news_at")


def _by_trend(request: HttpRequest, found: PaperQuerySet) -> dict[str, Any]:
    if place := parameters.read_cursor(request, float, int):
        trend, pk = place
        found = found.filter(Q(trend__lt=trend) | Q(trend=trend, pk__gt=pk))
    return _page(request, found.order_by("-trend", "pk"), "trend")


def _moment(text: str) -> datetime:
    try:
        return parameters.in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise parameters.no_cursor() from error


def _page(request: HttpRequest, found: PaperQuerySet, key: str) -> dict[str, Any]:
    limit = parameters.limit_of(request)
    places = list(found.values_list(key, "pk")[: limit + 1])
    cursor = parameters.write_cursor(*places[limit - 1]) if len(places) > limit else ""
    return {
        "papers": [
            serializers.paper_json(paper) for paper in in_order(pk for _, pk in places[:limit])
        ],
        "next": next_url(request, cursor) if cursor else None,
    }


@open_answer
def paper(request: HttpRequest, identifier: str) -> HttpResponse:
    parameters.allow_only(request, ())
    shown = find_paper(identifier)
    shown = merged_into(shown) or shown
    snapshots = Snapshot.objects.filter(paper=shown).order_by("taken_at")[:MOST_SNAPSHOTS]
    entries = Entry.objects.filter(paper=shown).select_related("source").order_by("seen_at", "pk")
    matches = topics_that_find([shown])[shown.pk]
    return answer(serializers.whole_paper_json(shown, snapshots, entries, matches))


@open_answer
def topics(request: HttpRequest) -> HttpResponse:
    """The topics that found papers in the last weeks, those with the most first."""
    parameters.allow_only(request, _PAGED)
    limit, start = parameters.limit_of(request), _start(request)
    rows = list(busiest_topics(last_weeks()[0])[start : start + limit + 1])
    listed = [
        serializers.topic_json(row["slug"], row["query"]) | {"papers": row["papers"]}
        for row in rows[:limit]
    ]
    return answer({"topics": listed, "next": _next(request, start + limit, len(rows) > limit)})


def _start(request: HttpRequest) -> int:
    """Where a list begins whose cursor is a place in it."""
    place = parameters.read_cursor(request, int)
    return min(max(0, place[0]), _FURTHEST) if place else 0


def _next(request: HttpRequest, place: int, is_there: bool) -> str | None:
    return next_url(request, parameters.write_cursor(place)) if is_there else None


@open_answer
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    parameters.allow_only(request, ())
    shown = Topic.objects.filter(slug=slug).first()
    if shown is None:
        raise Http404("There is no such topic: nobody follows it.")
    weeks = last_weeks()
    counts = period_papers.count_by_day(recent_matches(shown, weeks[0]), "paper__news_at", weeks)
    body = serializers.topic_json(shown.slug, shown.query) | {"papers": sum(counts.values())}
    return answer(body | {"papers_a_day": serializers.a_day_json(counts)})


@open_answer
def list_days(request: HttpRequest) -> HttpResponse:
    """Days from the newest with papers to the first, the quiet ones between them included."""
    parameters.allow_only(request, _PAGED)
    limit, start = parameters.limit_of(request), _start(request)
    first, newest = first_day(), period_papers.newest_day()
    if first is None or newest is None:
        return answer({"days": [], "next": None})
    left = (newest - first).days + 1 - start
    listed = [newest - timedelta(days=start + n) for n in range(min(limit, max(0, left)))]
    counts = period_papers.papers_a_day(Span(Kind.WEEK, listed[-1], listed[0])) if listed else {}
    shown = [serializers.day_json(day, counts[day]) for day in listed]
    return answer({"days": shown, "next": _next(request, start + limit, left > limit)})


@open_answer
def day(request: HttpRequest, name: str) -> HttpResponse:
    parameters.allow_only(request, ())
    span = parameters.read_day(name)
    if span.first > timezone.now().date():
        raise Http404("That day has not come yet.")
    folio = period_papers.folio(span)
    beside = {"previous": folio.previous, "following": folio.following}
    return answer(
        serializers.day_json(span.first, folio.papers)
        | {"title": span.title, "number": folio.numbers, "sources": folio.sources}
        | {key: f"{other.first}" if other else None for key, other in beside.items()}
    )


@open_answer
def search(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, (*_PAGED, "q", "sort"))
    limit, start = parameters.limit_of(request), min(_start(request), MOST)
    order = parameters.choice_of(request, "sort", tuple(ORDERS), "newest")
    query = request.GET.get("q", "")
    try:
        results = search_papers(query, ORDERS[order], start, min(limit, MOST - start))
    except TopicError as error:
        raise Refused(str(error)) from error
    is_more = results.count > start + len(results.matches) > 0 and start + limit < MOST
    return answer(
        {
            "query": query,
            "count": results.count,
            "is_exact": results.is_exact,
            "papers": [
                serializers.paper_json(match.paper, match.words) for match in results.matches
            ],
            "next": _next(request, start + limit, is_more),
        }
    )


@open_answer
def document(_request: HttpRequest) -> HttpResponse:
    return answer(openapi())


@open_answer
def nothing(_request: HttpRequest) -> HttpResponse:
    raise Http404("There is no such address. /api/v1/openapi.json names them all.")


def openapi() -> dict[str, Any]:
    """The description of this interface (OpenAPI 3.1), for this site."""
    body: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return body | {"servers": [{"url": settings.SITE_URL}]}


@only_reads
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people to read."""
    return render(request, "digest/api.html", {"document": openapi()})
