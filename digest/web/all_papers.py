"""All papers in one subscriber's topics of the days of one digest: where its mail leads.

Whoever has the address can read the list and nothing else: it names nobody, and nothing on it acts.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from digest.compose.full_list import is_kept, list_all_papers
from digest.flight.site_links import asks_status_alone
from digest.models import Delivery
from digest.render import paper_lines
from digest.web.listing import PAGE, fetch_in_order, list_papers
from digest.web.periods import Period, PeriodKind
from subscribers import tokens
from subscribers.models import Subscriber
from subscribers.web.decorators import find_owner, only_reads, render_broken_link, token_page

# One day tells as well as the week of a first digest that the page answers.
_SHOWN_TO_NOBODY = timedelta(days=1)


@only_reads
@token_page
def show_all_papers(
    request: HttpRequest, token: str, day: Period | None = None, delivery_id: int = 0
) -> HttpResponse:
    """Of the last digest that had no room for all, where none is named."""
    subscriber = find_owner(tokens.ALL_PAPERS, token)
    if subscriber is None:
        return render_broken_link(request)
    delivery, now = _find_delivery(subscriber, day, delivery_id), timezone.now()
    if delivery is None or delivery.digest.since is None or not is_kept(delivery, now):
        return render(request, "digest/all_papers_gone.html", {"delivery": delivery}, status=410)
    since = delivery.digest.since
    if asks_status_alone(request):
        since = max(since, delivery.covers_until - _SHOWN_TO_NOBODY)
    choices = list_all_papers(delivery, since, now)
    page = Paginator(choices, PAGE).get_page(request.GET.get("page"))
    words = {
        one.paper_id: paper_lines.list_found_words([reason.where for reason in one.reasons])
        for one in page
    }
    papers = fetch_in_order(words)
    context = {
        "delivery": delivery,
        "page": page,
        "listings": list_papers(papers, max(1, page.start_index()), words),
    }
    return render(request, "digest/all_papers.html", context)


def _find_delivery(subscriber: Subscriber, day: Period | None, delivery_id: int) -> Delivery | None:
    rows = Delivery.objects.filter(subscriber=subscriber).select_related("subscriber", "edition")
    if day:
        is_day = day.kind is PeriodKind.DAY  # a week or month has no digest
        return rows.filter(edition__date=day.first).first() if is_day else None
    if delivery_id:
        return rows.filter(pk=delivery_id).first()
    cut = rows.filter(contents__in_topics__gt=0)
    return cut.order_by("-covers_until", "-pk").first()
