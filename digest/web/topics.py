"""What a topic found in the last four weeks, and which topics found the most."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from digest.models import Match
from digest.render import paper_lines
from digest.web import charts, period_papers
from digest.web.listing import ORDERS, PAGE, UNSHOWN, chosen_order, list_papers, sign_up_form
from digest.web.periods import day_span
from subscribers.acronyms import find_also_found
from subscribers.models import Topic
from subscribers.web.decorators import only_reads

TOPIC_DAYS = 28
TOPICS_PAGE = 100


@only_reads
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    shown, weeks = get_object_or_404(Topic, slug=slug), last_weeks()
    matches = recent_matches(shown, weeks[0])
    volume = period_papers.count_by_day(matches, "paper__news_at", weeks)
    order = chosen_order(request, "newest")
    pager = Paginator(matches.order_by(*(_of_paper(field) for field in ORDERS[order])), PAGE)
    pager.count = sum(volume.values())
    page = pager.get_page(request.GET.get("page"))
    found = {m.paper_id: paper_lines.found_words([m.where]) for m in page}
    papers = [match.paper for match in page]
    context = {
        "topic": shown,
        "also": find_also_found([shown.query]),
        "page": page,
        "order": order,
        "days": TOPIC_DAYS,
        "volume": charts.bars(volume, weeks[-1]),
        "listings": list_papers(papers, max(1, page.start_index()), found, shown.pk),
        "sign_up": sign_up_form(shown.query),
    }
    return render(request, "digest/topic.html", context)


def last_weeks() -> list[date]:
    """The days that a topic's volume is shown for, today last."""
    today = timezone.now().date()
    return [today - timedelta(days=n) for n in reversed(range(TOPIC_DAYS))]


def recent_matches(topic: Topic, since: date) -> QuerySet[Match]:
    """The topic's matches with papers that are news since this day, with these papers."""
    matches = Match.objects.filter(topic=topic, paper__news_at__gte=day_span(since).starts_at)
    return matches.select_related("paper").defer(*(f"paper__{name}" for name in UNSHOWN))


def _of_paper(field: str) -> str:
    return f"-paper__{field[1:]}" if field[0] == "-" else f"paper__{field}"


@only_reads
def topics(request: HttpRequest) -> HttpResponse:
    """The topics that found papers in the last weeks, those with the most first."""
    page = Paginator(busiest_topics(last_weeks()[0]), TOPICS_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "days": TOPIC_DAYS, "sign_up": sign_up_form()}
    return render(request, "digest/topics.html", context)


def busiest_topics(since: date) -> QuerySet[Any, Any]:
    """Topics with the papers they found since this day (slug, query, papers), the fullest first.

    One that found nothing is not listed: what was typed there stands in no public paper.
    """
    found = Topic.objects.public().filter(matches__paper__news_at__gte=day_span(since).starts_at)
    counted = found.values("slug", "query").annotate(papers=Count("matches"))
    return counted.order_by("-papers", "query")
