"""The search page: it speaks the topic language, and what it finds can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from digest.match.search import (
    MOST,
    QUERY_CHARS,
    SearchResults,
    find_paper_by_name,
    names_a_paper,
    search_papers,
)
from digest.web.listing import ORDERS, PAGE, chosen_order, list_papers, page_number, sign_up_form
from subscribers import rate_limits
from subscribers.acronyms import find_also_found
from subscribers.topics import TopicError
from subscribers.web.decorators import only_reads, render_too_many

LAST_PAGE = MOST // PAGE


@dataclass(frozen=True)
class Page:
    """Where in the results we are; how many pages there will be is not known."""

    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1


@only_reads
def search_page(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()
    query = typed[:QUERY_CHARS]
    if not query:
        return _show(request, {"sign_up": sign_up_form()})
    now = timezone.now()
    if refusal := rate_limits.SEARCHES.refuse(request, now):
        return render_too_many(request, refusal)
    if paper := find_paper_by_name(query):
        return redirect("digest:paper", paper.identifier)
    context: dict[str, Any] = {"query": query, "names_a_paper": names_a_paper(query)}
    try:
        return _show(request, context | _found(request, typed))
    except TopicError as error:
        return _show(request, context | {"problem": str(error), "sign_up": sign_up_form()})


def _show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = render(request, "digest/search.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _found(request: HttpRequest, query: str) -> dict[str, Any]:
    order = chosen_order(request, "newest")
    number, results = _page_of(query, order, page_number(request, LAST_PAGE))
    start = (number - 1) * PAGE
    words = {
        match.paper.pk: sorted(match.words, key=len, reverse=True) for match in results.matches
    }
    has_next = results.count > start + len(results.matches) > 0 and number < LAST_PAGE
    return {
        "order": order,
        "page": Page(number, has_next),
        "results": results,
        "count": rounded(results),
        "is_cut": number == LAST_PAGE and results.count > MOST,
        "listings": list_papers([match.paper for match in results.matches], start + 1, words),
        "also": find_also_found([query]),
        "sign_up": sign_up_form(query),
    }


def _page_of(query: str, order: str, asked: int) -> tuple[int, SearchResults]:
    """That page; for one past the last the last there is, by its number."""
    for number in range(asked, 0, -1):
        results = search_papers(query, ORDERS[order], (number - 1) * PAGE, PAGE)
        if results.matches:
            return number, results
    return 1, results


def rounded(results: SearchResults) -> int:
    """The count as far as it is known: two digits of an estimate."""
    if results.is_exact or results.count < 100:
        return results.count
    scale: int = 10 ** (len(str(results.count)) - 2)
    return results.count // scale * scale
