"""An edition's state in the admin, and the page with the button that releases one that is held."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from digest.flight.breaker import count_canary, count_last
from digest.flight.states import release_edition
from digest.models import Delivery, Edition, EditionFlight
from digest.watch import clock

PERMISSION = "digest.change_edition"
STATE_COLORS = {
    EditionFlight.State.PREFLIGHT.value: "info",
    EditionFlight.State.CANARY.value: "info",
    EditionFlight.State.FLYING.value: "success",
    EditionFlight.State.HELD.value: "danger",
}


def read_flight(edition: Edition) -> EditionFlight | None:
    """None for an edition that went to a folder, or of which no mail has been due yet."""
    return EditionFlight.objects.filter(edition=edition).select_related("edition").first()


def describe_state(flight: EditionFlight | None) -> str:
    """Where it is, since when, and why where it is held."""
    if flight is None:
        return "–"
    said = f"{flight.get_state_display().capitalize()}, since {flight.since:%d %b %H:%M} UTC."
    if flight.state == EditionFlight.State.HELD:
        said += f" {flight.reason}"
    elif flight.canary_until and flight.state == EditionFlight.State.CANARY:
        said += f" The others follow at {flight.canary_until:%H:%M} UTC."
    if flight.released_at:
        said += f" Released by {flight.released_by} at {flight.released_at:%d %b %H:%M} UTC."
    return said


def describe_figures(flight: EditionFlight | None) -> str:
    """What became of the canary, and of the last mails."""
    if flight is None:
        return "–"
    said = f"The last: {count_last(flight, clock.read_now()).describe()}."
    if flight.canary:
        said = f"The first {len(flight.canary):,}: {count_canary(flight).describe()}. {said}"
    return said


def link_release(flight: EditionFlight | None) -> SafeString:
    """The way to the button, for an edition that is held."""
    if flight is None or flight.state != EditionFlight.State.HELD:
        return format_html("{}", "–")
    url = reverse("admin:digest_edition_release", args=[flight.pk])
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, "Release it …"
    )


def show_release(request: HttpRequest, edition_id: int, context: dict[str, Any]) -> HttpResponse:
    """GET shows what held it and asks; POST releases it."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    edition = get_object_or_404(Edition, pk=edition_id)
    flight = read_flight(edition)
    if flight is None:
        raise Http404
    if request.method == "POST":
        return _release(request, flight)
    waiting = Delivery.objects.planned().filter(edition=edition).count()
    context |= {"title": f"Release the edition of {edition.date}", "flight": flight}
    context |= {"waiting": waiting, "figures": describe_figures(flight)}
    context["state"] = describe_state(flight)
    return render(request, "admin/release_edition.html", context)


def _release(request: HttpRequest, flight: EditionFlight) -> HttpResponse:
    # What was held anew since the page was shown is not released by it.
    is_as_shown = request.POST.get("since") == flight.since.isoformat()
    if is_as_shown and release_edition(flight, str(request.user), clock.read_now()):
        messages.success(request, f"The edition of {flight.edition.date} goes on.")
    else:
        messages.warning(request, "It is not held any more, or was held anew: look again.")
    return HttpResponseRedirect(reverse("admin:digest_edition_change", args=[flight.pk]))
