"""The views under /api/v1/. Lists come a page at a time, and `next` is the address of the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from digest.compose.folio import find_first_day
from digest.match.search import MOST, search_papers
from digest.models import Entry, Match, Paper, PaperQuerySet, Snapshot
from digest.web import period_papers
from digest.web.api import parameters, serializers
from digest.web.api.http import Refused, api_view
from digest.web.listing import ORDERS, fetch_in_order, find_matches
from digest.web.paper import find_merged_paper, get_paper_or_404
from digest.web.periods import Period, PeriodKind
from digest.web.shared_pages import same_for_a_minute
from digest.web.topics import list_last_days, select_busiest_topics, select_recent_matches
from subscribers.models import Topic
from subscribers.topics import TopicError, list_readings
from subscribers.web.decorators import only_reads

DOCUMENT = Path(__file__).with_name("openapi.json")
MANAGEMENT = Path(__file__).with_name("manage") / "openapi.json"
MOST_SNAPSHOTS = 2_000
_PAGED = ("limit", "cursor")
_FURTHEST = 10**9


def make_json_response(body: dict[str, Any]) -> JsonResponse:
    """Return the body as JSON, the next page also as a Link header (RFC 8288)."""
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    if body.get("next"):
        response["Link"] = f'<{body["next"]}>; rel="next"'
    return response


@same_for_a_minute
@api_view
def list_papers(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, (*_PAGED, "in", "since", "until", "topic", "category", "sort"))
    papers = _filter_papers(request)
    if parameters.read_choice(request, "sort", tuple(ORDERS), "newest") == "trend":
        return make_json_response(_page_by_trend(request, papers))
    return make_json_response(_page_by_news(request, papers))


def _filter_papers(request: HttpRequest) -> PaperQuerySet:
    papers = Paper.objects.filter(news_at__lte=timezone.now())
    if period := parameters.read_period(request, "in"):
        papers = papers.filter(news_at__gte=period.starts_at, news_at__lt=period.ends_at)
    if since := parameters.read_moment(request, "since"):
        papers = papers.filter(news_at__gte=since)
    if until := parameters.read_moment(request, "until"):
        papers = papers.filter(news_at__lt=until)
    if slug := request.GET.get("topic"):
        topics = Topic.objects.public().filter(slug=slug)
        papers = papers.filter(pk__in=Match.objects.filter(topic__in=topics).values("paper"))
    if category := request.GET.get("category"):
        quoted = json.dumps(category)
        papers = papers.annotate(names=Cast("categories", TextField())).filter(
            names__contains=quoted
        )
    return papers


def _page_by_news(request: HttpRequest, papers: PaperQuerySet) -> dict[str, Any]:
    if cursor := parameters.read_cursor(request, str, int):
        at, pk = _read_cursor_moment(cursor[0]), cursor[1]
        papers = papers.filter(Q(news_at__lt=at) | Q(news_at=at, pk__gt=pk))
    return _make_page(request, [papers.order_by("-news_at", "pk")], "news_at")


def _page_by_trend(request: HttpRequest, papers: PaperQuerySet) -> dict[str, Any]:
    """Those with a trend first, by its index, which has no others; then those without, by id."""
    ranked, others = papers.filter(trend__gt=0), papers.filter(trend=0)
    if cursor := parameters.read_cursor(request, float, int):
        trend, pk = cursor
        ranked = ranked.filter(trend__lte=trend).exclude(trend=trend, pk__lte=pk)
        others = others if trend else others.filter(pk__gt=pk)
    lists = [ranked.order_by("-trend", "pk"), others.order_by("pk")]
    return _make_page(request, lists, "trend")


def _read_cursor_moment(text: str) -> datetime:
    try:
        return parameters.to_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise parameters.refuse_cursor() from error


def _make_page(request: HttpRequest, lists: Sequence[PaperQuerySet], key: str) -> dict[str, Any]:
    """One page of papers, of one list after the other; the next begins behind the last one."""
    limit = parameters.read_limit(request)
    rows = list[tuple[Any, int]]()
    for papers in lists:
        rows += papers.values_list(key, "pk")[: limit + 1 - len(rows)]
    shown = fetch_in_order(pk for _, pk in rows[:limit])
    cursor = parameters.write_cursor(*rows[limit - 1]) if len(rows) > limit else ""
    return {
        "papers": [serializers.paper_to_json(paper) for paper in shown],
        "next": parameters.make_next_url(request, cursor) if cursor else None,
    }


@same_for_a_minute
@api_view
def show_paper(request: HttpRequest, identifier: str) -> HttpResponse:
    parameters.allow_only(request, ())
    named = get_paper_or_404(identifier)
    paper = find_merged_paper(named) or named
    snapshots = Snapshot.objects.filter(paper=paper).order_by("taken_at")[:MOST_SNAPSHOTS]
    entries = Entry.objects.filter(paper=paper).select_related("source").order_by("seen_at", "pk")
    matches = find_matches(paper)
    return make_json_response(serializers.paper_to_full_json(paper, snapshots, entries, matches))


@same_for_a_minute
@api_view
def list_topics(request: HttpRequest) -> HttpResponse:
    """The topics that found papers in the last weeks, those with the most first."""
    parameters.allow_only(request, _PAGED)
    limit, start = parameters.read_limit(request), _read_start(request)
    rows = list(select_busiest_topics(list_last_days()[0])[start : start + limit + 1])
    listed = [
        serializers.topic_to_json(row["slug"], row["query"]) | {"papers": row["papers"]}
        for row in rows[:limit]
    ]
    next_page = _make_next(request, start + limit, len(rows) > limit)
    return make_json_response({"topics": listed, "next": next_page})


def _read_start(request: HttpRequest) -> int:
    """Where a page begins in a list whose cursor is a count from its start."""
    cursor = parameters.read_cursor(request, int)
    return min(max(0, cursor[0]), _FURTHEST) if cursor else 0


def _make_next(request: HttpRequest, start: int, has_more: bool) -> str | None:
    return parameters.make_next_url(request, parameters.write_cursor(start)) if has_more else None


@same_for_a_minute
@api_view
def show_topic(request: HttpRequest, slug: str) -> HttpResponse:
    parameters.allow_only(request, ())
    topic = Topic.objects.public().filter(slug=slug).first()
    if topic is None:
        raise Http404("There is no such topic: nobody follows it.")
    days = list_last_days()
    matches = select_recent_matches(topic, days[0])
    counts = period_papers.count_by_day(matches, "paper__news_at", days)
    body = serializers.topic_to_json(topic.slug, topic.query) | {"papers": sum(counts.values())}
    return make_json_response(body | {"papers_a_day": serializers.counts_to_json(counts)})


@same_for_a_minute
@api_view
def list_days(request: HttpRequest) -> HttpResponse:
    """Days from the newest with papers to the first, the quiet ones between them included."""
    parameters.allow_only(request, _PAGED)
    limit, start = parameters.read_limit(request), _read_start(request)
    first, newest = find_first_day(), period_papers.find_newest_day()
    if first is None or newest is None:
        return make_json_response({"days": [], "next": None})
    left = (newest - first).days + 1 - start
    days = [newest - timedelta(days=start + n) for n in range(min(limit, max(0, left)))]
    counts = dict[date, int]()
    if days:
        listed = Period(PeriodKind.WEEK, days[-1], days[0])
        counts = period_papers.count_papers_per_day(listed)
    shown = [serializers.day_to_json(day, counts[day]) for day in days]
    next_page = _make_next(request, start + limit, left > limit)
    return make_json_response({"days": shown, "next": next_page})


@same_for_a_minute
@api_view
def show_day(request: HttpRequest, name: str) -> HttpResponse:
    parameters.allow_only(request, ())
    period = parameters.read_day(name)
    if period.first > timezone.now().date():
        raise Http404("That day has not come yet.")
    folio = period_papers.make_folio(period)
    beside = {"previous": folio.previous, "following": folio.following}
    return make_json_response(
        serializers.day_to_json(period.first, folio.papers)
        | {"title": period.title, "number": folio.numbers, "sources": folio.sources}
        | {key: f"{other.first}" if other else None for key, other in beside.items()}
    )


@same_for_a_minute
@api_view
def list_search_results(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, (*_PAGED, "q", "sort"))
    limit, start = parameters.read_limit(request), min(_read_start(request), MOST)
    order = parameters.read_choice(request, "sort", tuple(ORDERS), "newest")
    query = request.GET.get("q", "")
    try:
        results = search_papers(query, ORDERS[order], start, min(limit, MOST - start))
    except TopicError as error:
        raise Refused(str(error)) from error
    matches = results.matches
    has_more = results.count > start + len(matches) > 0 and start + limit < MOST
    return make_json_response(
        {
            "query": query,
            "reading": " ".join(list_readings([query])),
            "count": results.count,
            "is_exact": results.is_exact,
            "papers": [serializers.paper_to_json(match.paper, match.words) for match in matches],
            "next": _make_next(request, start + limit, has_more),
        }
    )


@api_view
def serve_document(_request: HttpRequest) -> HttpResponse:
    return make_json_response(read_openapi())


@api_view
def refuse_unknown(_request: HttpRequest) -> HttpResponse:
    raise Http404("There is no such address. /api/v1/openapi.json names them all.")


def read_openapi() -> dict[str, Any]:
    """Return the description of all of the API (OpenAPI 3.1), with this site as its server."""
    body: dict[str, Any] = json.loads(DOCUMENT.read_text())
    managed: dict[str, Any] = json.loads(MANAGEMENT.read_text())
    body["info"]["description"] += f"\n\nUnder /api/v1/manage/: {managed['info']['description']}"
    body["paths"] |= managed["paths"]
    schemas = body["components"]["schemas"] | managed["components"]["schemas"]
    body["components"] |= managed["components"] | {"schemas": schemas}
    return body | {"servers": [{"url": settings.SITE_URL}]}


@only_reads
def show_docs(request: HttpRequest) -> HttpResponse:
    """The same for people to read: first what needs no key."""
    shown = {"document": json.loads(DOCUMENT.read_text())}
    return render(request, "digest/api.html", shown | {"managed": list_managed()})


def list_managed() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, address and description of each operation of the management API."""
    paths = json.loads(MANAGEMENT.read_text())["paths"]
    return [
        (method.upper(), path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method != "parameters"
    ]
