"""Long lists of papers, a page at a time and in the order that was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from digest.listing import UNSHOWN, list_papers
from digest.models import Paper
from subscribers.forms import SignUpForm

PAGE = 25  # with whole abstracts, a page of them stays under 100 KB
BEFORE_THE_BOX = 3
ORDERS = {"trend": ("-trend", "-news_at", "pk"), "newest": ("-news_at", "-trend", "pk")}


def chosen_order(request: HttpRequest, otherwise: str = "trend") -> str:
    """What `?sort=` asks for, as far as there is such an order."""
    asked = request.GET.get("sort", "")
    return asked if asked in ORDERS else otherwise


def page_number(request: HttpRequest, last: int) -> int:
    """What `?page=` asks for, from 1 to the last; anything unreadable is the first."""
    asked = request.GET.get("page", "")
    # However many digits somebody writes: int() reads a few thousand at most, and six say enough.
    return min(max(1, int(asked.lstrip("0")[:6] or 1)), last) if asked.isdecimal() else 1


def page_of(request: HttpRequest, papers: QuerySet[Paper], count: int) -> dict[str, Any]:
    """One page of entries, in two parts with room for the box between them."""
    pager = Paginator(papers.values_list("pk", flat=True), PAGE)
    pager.count = count
    page = pager.get_page(request.GET.get("page"))
    listings = list_papers(in_order(page), max(1, page.start_index()))
    return {
        "page": page,
        "before_the_box": listings[:BEFORE_THE_BOX],
        "after_the_box": listings[BEFORE_THE_BOX:],
    }


def in_order(paper_ids: Iterable[int]) -> list[Paper]:
    """The papers of these ids, in their order: sorting whole rows would cost far more."""
    ids = list(paper_ids)
    papers = Paper.objects.defer(*UNSHOWN).in_bulk(ids)
    return [papers[pk] for pk in ids if pk in papers]


def sign_up_form(*topics: str) -> SignUpForm:
    """The box's form; its ids must not meet those of another form on the page."""
    return SignUpForm(initial={"topics": "\n".join(topics)}, auto_id="sign_up_%s")
