"""Editions: how far each has come, and whether it may leave."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from digest.flight.acts import ACTS
from digest.models import Delivery, Edition, EditionFlight
from digest.models.flights import WHY_CHARS
from digest.watch import clock
from digest.watch.edition_counts import read_counts
from digest.web.api import parameters
from digest.web.api.manage.body import TEXT, read_body, refuse_conflict, require
from digest.web.api.manage.http import Operation, Unfit, manage_view, say
from digest.web.api.manage.paging import PAGED, find_act, note, send_page
from digest.web.api.serializers import JSON, format_moment


def select_editions() -> QuerySet[Edition]:
    return Edition.objects.select_related("flight")


def edition_to_json(edition: Edition) -> JSON:
    flight = getattr(edition, "flight", None)
    return {
        "date": f"{edition.date}",
        "state": flight.state if flight else None,
        "since": format_moment(flight.since) if flight else None,
        "reason": flight.reason if flight and flight.state == EditionFlight.State.HELD else "",
    }


def list_editions(request: HttpRequest) -> HttpResponse:
    """Without counts: an edition may have a million deliveries. Each one's own page counts."""
    parameters.allow_only(request, PAGED)
    rows = select_editions()
    return send_page(request, "editions", rows, lambda page: list(map(edition_to_json, page)))


def show_edition(request: HttpRequest, day: str) -> HttpResponse:
    parameters.allow_only(request, ())
    return _send_edition(_find_edition(day))


def _find_edition(day: str) -> Edition:
    edition = select_editions().filter(date=parameters.read_day(day).first).first()
    if edition is None:
        raise Http404(f"There is no edition of {day}.")
    return edition


def _send_edition(edition: Edition) -> HttpResponse:
    counts, at = read_counts(edition, timezone.now())
    of_each = {str(status): int(counts.get(status, 0)) for status in Delivery.Status.values}
    counted = {"deliveries": of_each, "counted_at": format_moment(at)}
    return say(edition_to_json(edition) | counted)


def perform_act(request: HttpRequest, day: str, name: str) -> HttpResponse:
    """Hold it, release it, or let the others follow; 409 where its state allows none of that."""
    act, edition = find_act(ACTS, name), _find_edition(day)
    body = read_body(request, {"reason": TEXT} if act.asks_why else {})
    why = _read_reason(body) if act.asks_why else ""
    flight = EditionFlight.objects.filter(edition=edition).select_related("edition").first()
    if flight is None:
        raise refuse_conflict(f"No mail of {day} has been due yet, or they went to a folder.")
    waiting = Delivery.objects.open().filter(edition=edition).count()
    if not act.is_possible(flight, waiting):
        said = "nothing of it waits" if flight.state in act.states else f"it is {flight.state}"
        raise refuse_conflict(f"“{act.label}” does not fit the edition of {day}: {said}.")
    if not act.perform(flight, str(request.user), why, clock.read_now()):
        raise refuse_conflict("Its state changed in this moment: look again.")
    with transaction.atomic():
        note(request, [edition], act.done.format(date=edition.date).rstrip("."), CHANGE)
    return _send_edition(_find_edition(day))


def _read_reason(body: dict[str, Any]) -> str:
    require(body, "reason")
    why = str(body["reason"]).strip()
    if not 0 < len(why) <= WHY_CHARS:
        raise Unfit(
            {"reason": [f"Say why in 1 to {WHY_CHARS} letters: whoever releases reads it."]}
        )
    return why


serve_list = manage_view(GET=Operation("editions:read", list_editions))
serve_one = manage_view(GET=Operation("editions:read", show_edition))
serve_act = manage_view(POST=Operation("editions:write", perform_act))
