"""The reading room: pages about papers. They only read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest import charts, days, wording
from digest.listing import list_papers, votes_over_time
from digest.models import Entry, Match, Paper
from subscribers.forms import SignUpForm
from subscribers.models import Topic

PAGE = 100
TOPIC_PAGE = 50
TOPIC_DAYS = 28
BEFORE_THE_BOX = 3


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The newest day with papers; when that is not today, the page says why."""
    this_day, newest = timezone.now().date(), days.newest_day()
    context: dict[str, Any] = {"today": this_day, "sign_up": sign_up_form()}
    if newest is None:
        reasons = days.quiet_reasons(this_day, this_day)
        return render(request, "digest/empty.html", context | {"reasons": reasons})
    quiet = days.quiet_days(newest, this_day)
    if quiet:
        context |= {"quiet": quiet, "reasons": days.quiet_reasons(quiet[-1], this_day)}
    return render(request, "digest/day.html", context | _day(request, newest) | {"is_home": True})


@require_safe
def day(request: HttpRequest, day: date) -> HttpResponse:
    this_day = timezone.now().date()
    if day > this_day:
        raise Http404("That day has not come yet.")
    context = _day(request, day) | {"today": this_day, "sign_up": sign_up_form()}
    if context["folio"].papers:
        return render(request, "digest/day.html", context)
    context["reasons"] = days.quiet_reasons(day, this_day)
    return render(request, "digest/quiet_day.html", context)


def _day(request: HttpRequest, day: date) -> dict[str, Any]:
    return {"folio": days.folio(day)} | _page(request, days.papers_of(day), PAGE)


def _page(request: HttpRequest, papers: QuerySet[Paper], size: int) -> dict[str, Any]:
    page = Paginator(papers, size).get_page(request.GET.get("page"))
    listings = list_papers(list(page.object_list), max(1, page.start_index()))
    return {
        "page": page,
        "before_the_box": listings[:BEFORE_THE_BOX],
        "after_the_box": listings[BEFORE_THE_BOX:],
    }


def sign_up_form(*topics: str) -> SignUpForm:
    """The box's form; its ids must not meet those of another form on the page."""
    return SignUpForm(initial={"topics": "\n".join(topics)}, auto_id="sign_up_%s")


@require_safe
def paper(request: HttpRequest, identifier: str) -> HttpResponse:
    shown = get_object_or_404(Paper, identifier=identifier)
    matches = list(Match.objects.filter(paper=shown).select_related("topic").order_by("-strength"))
    reasons = [(match.topic_id, match.topic.query, match.where) for match in matches]
    votes = votes_over_time([shown])[shown.pk]
    context = {
        "paper": shown,
        "abstract": wording.mark(shown.abstract, wording.found_words(reasons)),
        "matches": matches,
        "entries": Entry.objects.filter(paper=shown).select_related("source").order_by("seen_at"),
        "evidence": wording.evidence(shown.trend_parts),
        "parts": shown.trend_parts.get("parts", {}),
        "url": wording.web_url(shown.url),
        "pdf_url": wording.pdf_url(shown),
        "code_url": wording.web_url(shown.code_url),
        "stars": wording.stars_in_words(shown.code_stars),
        "chart": charts.votes_chart(votes),
        "votes": votes,
        "sign_up": sign_up_form(*(match.topic.query for match in matches[:1])),
    }
    return render(request, "digest/paper.html", context)


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Topic, slug=slug)
    since = timezone.now() - timedelta(days=TOPIC_DAYS)
    matches = Match.objects.filter(topic=shown, paper__news_at__gte=since).select_related("paper")
    in_order = matches.order_by("-paper__news_at", "-paper__trend", "paper_id")
    page = Paginator(in_order, TOPIC_PAGE).get_page(request.GET.get("page"))
    found = {m.paper_id: wording.found_words([(shown.pk, shown.query, m.where)]) for m in page}
    papers = [match.paper for match in page]
    context = {
        "topic": shown,
        "page": page,
        "days": TOPIC_DAYS,
        "listings": list_papers(papers, max(1, page.start_index()), found),
        "sign_up": sign_up_form(shown.query),
    }
    return render(request, "digest/topic.html", context)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")
