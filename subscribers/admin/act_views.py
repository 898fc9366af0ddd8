"""The page before an act: what will happen, to whom, to whom not and why. GET shows, POST acts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscribers.account.export import export_subscribers
from subscribers.admin.act import Act, Ground, Order
from subscribers.admin.acts import ACTS, Export
from subscribers.admin.staff_log import note_act
from subscribers.models import Subscriber

MOST_AT_ONCE = 200  # more ids than a page of the list has
MOST_DIGITS = 18  # of an id that a database takes


@dataclass(frozen=True)
class Plan:
    """Whom an act will change, and whom not, by the reason."""

    chosen: list[Subscriber]
    left_alone: dict[str, list[Subscriber]]

    @property
    def people(self) -> list[Subscriber]:
        return self.chosen + [one for others in self.left_alone.values() for one in others]


def build_address(act: Act, ids: list[Any]) -> str:
    """Where the page of an act is, for these subscribers."""
    page = reverse("admin:subscribers_subscriber_act", args=[act.name])
    return f"{page}?{urlencode([('id', one) for one in ids])}"


def may_perform(request: HttpRequest, act: Act) -> bool:
    has_perm = getattr(request.user, "has_perm", None)
    return bool(has_perm and has_perm(f"subscribers.{act.permission}_subscriber"))


@dataclass(frozen=True)
class Button:
    """An act that would change something for the subscriber whose page it stands on."""

    act: Act
    url: str


def list_acts(request: HttpRequest, subscriber: Subscriber, now: datetime) -> list[Button]:
    """What this operator can do for this subscriber now."""
    ground = Ground([subscriber], now)
    return [
        Button(act, build_address(act, [subscriber.pk]))
        for act in ACTS.values()
        if may_perform(request, act) and not act.find_obstacle(subscriber, ground)
    ]


def make_plan(act: Act, ids: list[str], now: datetime) -> Plan:
    known = [one for one in ids if one.isdecimal() and len(one) <= MOST_DIGITS]
    rows = list(Subscriber.objects.filter(pk__in=known).order_by("email"))
    ground, chosen, left_alone = Ground(rows, now), [], defaultdict(list)
    for subscriber in rows:
        if obstacle := act.find_obstacle(subscriber, ground):
            left_alone[obstacle].append(subscriber)
        else:
            chosen.append(subscriber)
    return Plan(chosen, dict(left_alone))


def show_act(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    act = ACTS.get(name)
    if act is None:
        raise Http404
    if not may_perform(request, act):
        raise PermissionDenied
    now = timezone.now()
    ids = (request.POST if request.method == "POST" else request.GET).getlist("id")
    plan = make_plan(act, ids if len(ids) <= MOST_AT_ONCE else [], now)
    if not plan.people or (act.is_for_one and len(plan.people) > 1):
        messages.warning(request, _say_how_many(act, len(ids)))
        return HttpResponseRedirect(reverse("admin:subscribers_subscriber_changelist"))
    form = act.form_class(request.POST or None) if act.form_class else None
    if request.method == "POST" and plan.chosen and (form is None or form.is_valid()):
        return _perform(request, act, plan, Order(str(request.user), now, _read_typed(form)))
    context |= {"title": act.label.rstrip(" …"), "act": act, "plan": plan, "form": form}
    context |= {"count": count_people(len(plan.chosen)), "back": _find_way_back(plan)}
    return render(request, "admin/act.html", context, status=422 if form and form.errors else 200)


def _say_how_many(act: Act, count: int) -> str:
    if count > MOST_AT_ONCE:
        said = _("Nothing was done: %(count)s are too many at once, choose %(most)s at most.")
        return said % {"count": count, "most": MOST_AT_ONCE}
    said = _("“%(label)s” is for subscribers that are still there.")
    if act.is_for_one:
        said = _("“%(label)s” is for one subscriber at a time.")
    return said % {"label": act.label}


def _read_typed(form: Form | None) -> dict[str, Any]:
    return form.cleaned_data if form else {}


def _perform(request: HttpRequest, act: Act, plan: Plan, order: Order) -> HttpResponse:
    """Do it for everybody without an obstacle, and write it into the audit log."""
    with transaction.atomic():
        done = act.perform_all(plan.chosen, order)
        note_act(request, done, act.done.capitalize(), DELETION if act.is_final else CHANGE)
    if isinstance(act, Export):
        return _send_file(done, order.now)
    said = [f"{count_people(len(done))} {act.done}."]
    if skipped := len(plan.people) - len(done):
        alone = ngettext(
            "%(count)s subscriber left alone.", "%(count)s subscribers left alone.", skipped
        )
        said.append(alone % {"count": skipped})
    messages.success(request, " ".join(said))
    if act.is_final:
        return HttpResponseRedirect(reverse("admin:subscribers_subscriber_changelist"))
    return HttpResponseRedirect(_find_way_back(plan))


def _send_file(subscribers: list[Subscriber], now: datetime) -> HttpResponse:
    held = export_subscribers(subscribers)
    answer = JsonResponse(
        held[0] if len(held) == 1 else held,
        safe=False,
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )
    answer["Content-Disposition"] = f'attachment; filename="offprint-{now.date()}.json"'
    answer["Cache-Control"] = "no-store, private"
    return answer


def _find_way_back(plan: Plan) -> str:
    """The page of the one subscriber, or the list of all."""
    if len(plan.people) == 1:
        return reverse("admin:subscribers_subscriber_change", args=[plan.people[0].pk])
    return reverse("admin:subscribers_subscriber_changelist")


def count_people(count: int) -> str:
    return ngettext("%(count)s subscriber", "%(count)s subscribers", count) % {"count": count}
