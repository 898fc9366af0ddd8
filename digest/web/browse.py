"""The reading room: pages about papers. They only read."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from digest.web import charts, period_papers, periods
from digest.web.listing import ORDERS, chosen_order, page_of, sign_up_form
from digest.web.periods import Kind, Span
from subscribers.web.decorators import only_reads


@only_reads
def today(request: HttpRequest) -> HttpResponse:
    """The newest day with papers; when that is not today, the page says why."""
    this_day, newest = timezone.now().date(), period_papers.newest_day()
    context: dict[str, Any] = {"today": this_day, "sign_up": sign_up_form()}
    if newest is None:
        reasons = period_papers.quiet_reasons(periods.day_span(this_day), this_day)
        return render(request, "digest/empty.html", context | {"reasons": reasons})
    quiet = period_papers.quiet_days(newest, this_day)
    if quiet:
        last = periods.day_span(quiet[-1])
        context |= {"quiet": quiet, "reasons": period_papers.quiet_reasons(last, this_day)}
    context |= _span(request, periods.day_span(newest), this_day)
    return render(request, "digest/span.html", context | {"is_home": True})


@only_reads
def span(request: HttpRequest, span: Span) -> HttpResponse:
    this_day = timezone.now().date()
    if span.first > this_day:
        raise Http404("That day has not come yet.")
    context = _span(request, span, this_day) | {"today": this_day, "sign_up": sign_up_form()}
    if context["folio"].papers:
        return render(request, "digest/span.html", context)
    context["reasons"] = period_papers.quiet_reasons(span, this_day)
    return render(request, "digest/quiet.html", context)


def _span(request: HttpRequest, span: Span, today: date) -> dict[str, Any]:
    folio = period_papers.folio(span)
    order = chosen_order(request)
    papers = period_papers.papers_of(span).order_by(*ORDERS[order])
    context = {"folio": folio, "order": order} | page_of(request, papers, folio.papers)
    if span.kind is not Kind.DAY and folio.papers:
        context["volume"] = charts.bars(period_papers.papers_a_day(span), today)
    return context


@only_reads
def archive(_request: HttpRequest) -> HttpResponse:
    """All papers begin with the newest month of them."""
    newest = period_papers.newest_day() or timezone.now().date()
    return redirect("digest:span", periods.month_span(newest))
