"""What a topic found in the last four weeks, and which topics found the most."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from digest.flight.site_links import asks_status_alone
from digest.models import Match
from digest.render import paper_lines
from digest.web import charts, near_topics, period_papers
from digest.web.listing import (
    ORDERS,
    PAGE,
    UNSHOWN,
    list_papers,
    make_shared_sign_up_form,
    read_order,
)
from digest.web.periods import make_day
from digest.web.shared_pages import same_for_all
from subscribers.acronyms import find_also_found
from subscribers.models import Topic
from subscribers.web.decorators import only_reads

TOPIC_DAYS = 28
TOPICS_PAGE = 100


@only_reads
@same_for_all
def show_topic(request: HttpRequest, slug: str) -> HttpResponse:
    topic, days = get_object_or_404(Topic.objects.public(), slug=slug), list_last_days()
    matches = select_recent_matches(topic, days[0])
    volume = period_papers.count_by_day(matches, "paper__news_at", days)
    order = read_order(request, "newest")
    pager = Paginator(matches.order_by(*map(_prefix_with_paper, ORDERS[order])), PAGE)
    pager.count = sum(volume.values())
    page = pager.get_page(request.GET.get("page"))
    words = {match.paper_id: paper_lines.list_found_words([match.where]) for match in page}
    papers = [match.paper for match in page]
    shows_near = page.number == 1 and not asks_status_alone(request)
    near = near_topics.list_near(topic, timezone.now()) if shows_near else []
    context = {
        "topic": topic,
        "also": find_also_found([topic.query]),
        "page": page,
        "order": order,
        "days": TOPIC_DAYS,
        "volume": charts.draw_bars(volume, days[-1]),
        "listings": list_papers(papers, max(1, page.start_index()), words, topic.pk),
        "of_kinds": [one for one in near if one.is_find],
        "near": [one for one in near if not one.is_find],
        "kinds": near_topics.list_kind_names(topic),
        "sign_up": make_shared_sign_up_form(topic.query),
    }
    return render(request, "digest/topic.html", context)


def list_last_days() -> list[date]:
    """The days that a topic's volume is shown for, today last."""
    today = timezone.now().date()
    return [today - timedelta(days=n) for n in reversed(range(TOPIC_DAYS))]


def select_recent_matches(topic: Topic, since: date) -> QuerySet[Match]:
    """The topic's matches with papers that are news since this day, with these papers."""
    matches = Match.objects.filter(topic=topic, paper__news_at__gte=make_day(since).starts_at)
    return matches.select_related("paper").defer(*(f"paper__{name}" for name in UNSHOWN))


def _prefix_with_paper(field: str) -> str:
    """A field to order papers by, as one to order matches by: -trend is -paper__trend."""
    return f"-paper__{field[1:]}" if field[0] == "-" else f"paper__{field}"


@only_reads
@same_for_all
def list_topics(request: HttpRequest) -> HttpResponse:
    """The topics that found papers in the last weeks, those with the most first."""
    pager = Paginator(select_busiest_topics(list_last_days()[0]), TOPICS_PAGE)
    page = pager.get_page(request.GET.get("page"))
    context = {"page": page, "days": TOPIC_DAYS, "sign_up": make_shared_sign_up_form()}
    return render(request, "digest/topics.html", context)


def select_busiest_topics(since: date) -> QuerySet[Any, Any]:
    """Topics with the papers they found since this day (slug, query, papers), the fullest first.

    One that found nothing is not listed: what was typed there stands in no public paper.
    """
    starts_at = make_day(since).starts_at
    topics = Topic.objects.public().filter(matches__paper__news_at__gte=starts_at)
    counted = topics.values("slug", "query").annotate(papers=Count("matches"))
    return counted.order_by("-papers", "query")
