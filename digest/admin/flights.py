"""An edition's state in the admin, and the pages that hold it, release it or end its canary."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.flight.acts import ACTS, FlightAct
from digest.flight.breaker import count_canary, count_last
from digest.models import Delivery, Edition, EditionFlight
from digest.models.flights import WHY_CHARS
from digest.watch import clock
from subscribers.admin.staff_log import note_act

PERMISSION = "digest.change_edition"
State = EditionFlight.State
STATE_COLORS = {
    State.PREFLIGHT.value: "info",
    State.CANARY.value: "info",
    State.FLYING.value: "success",
    State.HELD.value: "danger",
}


class ReasonForm(forms.Form):
    """Why somebody holds an edition: whoever releases it reads that."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=WHY_CHARS,
        help_text=gettext_lazy("All operators are told, and whoever releases it reads it."),
        widget=forms.TextInput(attrs={"class": "why-paper", "autocomplete": "off"}),
    )


def read_flight(edition: Edition) -> EditionFlight | None:
    """None for an edition that went to a folder, or of which no mail has been due yet."""
    return EditionFlight.objects.filter(edition=edition).select_related("edition").first()


def describe_state(flight: EditionFlight | None) -> str:
    """Where it is, since when, and why where it is held."""
    if flight is None:
        return "–"
    said = _("%(capitalize)s, since %(since)s UTC.") % {
        "capitalize": flight.get_state_display().capitalize(),
        "since": date_format(flight.since, "d M H:i"),
    }
    if flight.state == State.HELD:
        said += f" {flight.reason}"
    elif flight.canary_until and flight.state == State.CANARY:
        said += _(" The others follow at %(canary_until)s UTC.") % {
            "canary_until": f"{flight.canary_until:%H:%M}"
        }
    if flight.released_at:
        said += _(" Released by %(released_by)s at %(released_at)s UTC.") % {
            "released_by": flight.released_by,
            "released_at": date_format(flight.released_at, "d M H:i"),
        }
    return said


def describe_figures(flight: EditionFlight | None) -> str:
    """What became of the canary, and of the last mails."""
    if flight is None:
        return "–"
    said = _("The last: %(flight)s.") % {"flight": count_last(flight, clock.read_now()).describe()}
    if flight.canary:
        said = _("The first %(count)s: %(flight)s. %(said)s") % {
            "count": f"{len(flight.canary):,}",
            "flight": count_canary(flight).describe(),
            "said": said,
        }
    return said


def list_buttons(flight: EditionFlight, waiting: int) -> list[tuple[str, str]]:
    """Words and addresses of the pages of what can be done now, while so many mails wait."""
    return [
        (f"{act.label} …", build_address(act, flight.pk))
        for act in ACTS.values()
        if act.is_possible(flight, waiting)
    ]


def build_address(act: FlightAct, edition_id: int) -> str:
    return reverse(f"admin:digest_edition_{act.name}", args=[edition_id])


def link_release(flight: EditionFlight | None) -> SafeString:
    """The way to the button, for an edition that is held."""
    if flight is None or flight.state != State.HELD:
        return format_html("{}", "–")
    url = build_address(ACTS["release"], flight.pk)
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, _("Release it …")
    )


def show_act(
    request: HttpRequest, edition_id: int, name: str, context: dict[str, Any]
) -> HttpResponse:
    """GET shows what will happen and asks; POST does it."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    edition, act = get_object_or_404(Edition, pk=edition_id), ACTS.get(name)
    flight = read_flight(edition)
    if flight is None or act is None:
        raise Http404
    form = ReasonForm(request.POST or None) if act.asks_why else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return _perform(request, act, flight, form.cleaned_data["reason"] if form else "")
    waiting = Delivery.objects.open().filter(edition=edition).count()
    context |= {"title": act.title.format(date=edition.date), "flight": flight, "act": act}
    context |= {"waiting": waiting, "figures": describe_figures(flight), "form": form}
    context |= {"state": describe_state(flight), "may": act.is_possible(flight, waiting)}
    status = 422 if form and form.errors else 200
    return render(request, "admin/flight_act.html", context, status=status)


def _perform(request: HttpRequest, act: FlightAct, flight: EditionFlight, why: str) -> HttpResponse:
    # What was held or released since the page was shown is not changed by it.
    is_as_shown = request.POST.get("since") == flight.since.isoformat()
    date = flight.edition.date
    if (
        is_as_shown
        and flight.state in act.states
        and act.perform(flight, str(request.user), why, clock.read_now())
    ):
        said = act.done.format(date=date)
        note_act(request, [flight.edition], said.rstrip("."))
        messages.success(request, said)
    else:
        messages.warning(request, _("Its state changed meanwhile: look again."))
    return HttpResponseRedirect(reverse("admin:digest_edition_change", args=[flight.pk]))
