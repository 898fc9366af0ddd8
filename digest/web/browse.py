"""The pages of a day, a week and a month: the papers that were news in it. They only read."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from digest.web import charts, period_papers, periods, quiet_days
from digest.web.listing import ORDERS, make_page, make_shared_sign_up_form, read_order
from digest.web.periods import Period, PeriodKind
from digest.web.shared_pages import same_for_all
from subscribers.web.decorators import only_reads


@only_reads
@same_for_all
def show_today(request: HttpRequest) -> HttpResponse:
    """The newest day with papers; when that is not today, the page says why."""
    this_day, newest = timezone.now().date(), period_papers.find_newest_day()
    context: dict[str, Any] = {"today": this_day, "sign_up": make_shared_sign_up_form()}
    if newest is None:
        reasons = quiet_days.explain_quiet(periods.make_day(this_day), this_day)
        return render(request, "digest/empty.html", context | {"reasons": reasons})
    quiet = quiet_days.list_quiet_days(newest, this_day)
    if quiet:
        last = periods.make_day(quiet[-1])
        context |= {"quiet": quiet, "reasons": quiet_days.explain_quiet(last, this_day)}
        context["is_known"] = quiet_days.is_known_quiet(last)
    context |= _make_context(request, periods.make_day(newest), this_day)
    return render(request, "digest/period.html", context | {"is_home": True})


@only_reads
@same_for_all
def show_period(request: HttpRequest, period: Period) -> HttpResponse:
    """Its papers, or why there are none; 404 for one that is still to come."""
    this_day = timezone.now().date()
    if period.first > this_day:
        raise Http404("That day has not come yet.")
    context = _make_context(request, period, this_day)
    context |= {"today": this_day, "sign_up": make_shared_sign_up_form()}
    if context["folio"].papers:
        return render(request, "digest/period.html", context)
    context["reasons"] = quiet_days.explain_quiet(period, this_day)
    context["is_known"] = quiet_days.is_known_quiet(period)
    return render(request, "digest/quiet.html", context)


def _make_context(request: HttpRequest, period: Period, today: date) -> dict[str, Any]:
    folio = period_papers.make_folio(period)
    order = read_order(request)
    papers = period_papers.select_papers(period)
    papers = papers if order == "trend" else papers.order_by(*ORDERS[order])
    context = {"folio": folio, "order": order} | make_page(request, papers, folio.papers)
    if period.kind is not PeriodKind.DAY and folio.papers:
        context["volume"] = charts.draw_bars(period_papers.count_papers_per_day(period), today)
    return context


@only_reads
def redirect_to_archive(request: HttpRequest) -> HttpResponse:
    """The day that `?day=` names, as a form with a calendar asks for it.

    Without a day, or with one that nobody can read or that is to come, the archive of all papers
    begins with the newest month that has any.
    """
    with suppress(ValueError):
        day = date.fromisoformat(request.GET.get("day", ""))
        if day <= timezone.now().date():
            return redirect("digest:span", periods.make_day(day))
    newest = period_papers.find_newest_day() or timezone.now().date()
    return redirect("digest:span", periods.make_month(newest))
