"""The search page: it speaks the topic language, and what it finds can be followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from digest.match.process_cache import process_cache
from digest.match.search import (
    MOST,
    QUERY_CHARS,
    PaperMatch,
    SearchResults,
    find_paper_by_name,
    names_a_paper,
    search_papers,
)
from digest.match.spelling_hint import suggest_spelling
from digest.web.listing import (
    ORDERS,
    PAGE,
    list_papers,
    make_shared_sign_up_form,
    read_order,
    read_page_number,
)
from digest.web.near_listings import NearListing, list_near_search
from digest.web.shared_pages import same_for_a_minute
from subscribers.limits import rate_limits
from subscribers.topics import (
    AlsoFound,
    TopicError,
    explain_reading,
    list_also_found,
    parse_once,
)
from subscribers.web.decorators import only_reads, render_too_many

LAST_PAGE = MOST // PAGE


@dataclass(frozen=True)
class ResultsPage:
    """Where in the results a page is, as Django's Page says it; how many there are is unknown."""

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
@same_for_a_minute
def show_search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()
    query = typed[:QUERY_CHARS]
    if not query:
        return _render_search(request, {"sign_up": make_shared_sign_up_form()})
    now = timezone.now()
    if refusal := rate_limits.SEARCHES.refuse(request, now):
        return render_too_many(request, refusal)
    if paper := find_paper_by_name(query):
        return redirect("digest:paper", paper.identifier)
    context: dict[str, Any] = {"query": query, "names_a_paper": names_a_paper(query)}
    try:
        return _render_search(request, context | _make_context(request, typed))
    except TopicError as error:
        # The number of a paper is no topic; that the paper is not here says more.
        problem = "" if context["names_a_paper"] else str(error)
        context |= {"problem": problem, "sign_up": make_shared_sign_up_form()}
        return _render_search(request, context)


def _render_search(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = render(request, "digest/search.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _make_context(request: HttpRequest, query: str) -> dict[str, Any]:
    order = read_order(request, "newest")
    number, results = _find_page(query, order, read_page_number(request, LAST_PAGE))
    start = (number - 1) * PAGE
    matches = results.matches
    words = {match.paper.pk: sorted(match.words, key=len, reverse=True) for match in matches}
    has_next = results.count > start + len(matches) > 0 and number < LAST_PAGE
    return {
        "order": order,
        "near": _list_near(query, matches) if number == 1 else [],
        "page": ResultsPage(number, has_next),
        "results": results,
        "count": round_count(results),
        "is_cut": number == LAST_PAGE and results.count > MOST,
        "listings": list_papers([match.paper for match in matches], start + 1, words),
        "also": _list_also_found(query),
        "reading": explain_reading(parse_once(query)),
        "sign_up": make_shared_sign_up_form(query),
        "meant": "" if matches else _find_meant(query, order),
    }


def _list_also_found(query: str) -> list[AlsoFound]:
    """What is found besides what was typed, each once: by the acronyms that were searched with."""
    also = list_also_found(parse_once(query), process_cache.acronyms.value)
    return list({(one.typed, one.other, one.only): one for one in also}.values())


def _find_meant(query: str, order: str) -> str:
    """Another spelling of what was typed, by which something is found; "" where there is none."""
    meant = suggest_spelling(query)
    if meant and search_papers(meant, ORDERS[order], 0, 1).matches:
        return meant
    return ""


def _list_near(query: str, matches: Sequence[PaperMatch]) -> list[NearListing]:
    """What is like that, and does not say it."""
    return list_near_search(parse_once(query), [one.paper for one in matches], timezone.now())


def _find_page(query: str, order: str, wanted: int) -> tuple[int, SearchResults]:
    """The number of a page and its results: the last that has any, for one past that."""
    for number in range(wanted, 0, -1):
        results = search_papers(query, ORDERS[order], (number - 1) * PAGE, PAGE)
        if results.matches:
            return number, results
    return 1, results


def round_count(results: SearchResults) -> int:
    """Return the count as far as it is known: two digits of an estimate."""
    if results.is_exact or results.count < 100:
        return results.count
    scale: int = 10 ** (len(str(results.count)) - 2)
    return results.count // scale * scale
