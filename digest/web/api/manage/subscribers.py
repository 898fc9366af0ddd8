"""Subscribers: listed, added, changed, and the acts that the admin has for them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from digest.web.api import parameters
from digest.web.api.http import Refused
from digest.web.api.manage.body import NUMBER, SWITCH, TEXT, TEXTS, read_body, refuse_conflict
from digest.web.api.manage.http import Operation, check_form, manage_view, say
from digest.web.api.manage.paging import PAGED, find_act, get_row, note, send_page
from digest.web.api.serializers import JSON, format_moment
from subscribers.admin.act import Act, Ground, Order
from subscribers.admin.act_forms import AddSubscriberForm
from subscribers.admin.acts import ACTS
from subscribers.admin.adding import add_subscriber
from subscribers.models import Interest, Subscriber, SubscriberQuerySet, is_suppressed
from subscribers.topics import TopicError, parse_topic
from subscribers.web.forms import SCHEDULE_DEFAULTS, PreferencesForm, read_preferences

_SCHEDULE = {"cadence": TEXT, "send_hour": NUMBER, "timezone": TEXT, "max_papers": NUMBER}
_SWITCHES = {"wants_near": SWITCH, "wants_passing": SWITCH, "wants_everywhere": SWITCH}
_NEW = {"email": TEXT, "topics": TEXTS, "agreed_on": TEXT, "agreed_where": TEXT, **_SCHEDULE}
_CHANGES = {"topics": TEXTS, "muted": TEXTS, **_SCHEDULE, **_SWITCHES}
# The file with all data is for a person's own eyes, and deletion has a method of its own.
NOT_BY_NAME = ("export", "delete")


def select_subscribers() -> SubscriberQuerySet:
    interests = Interest.objects.select_related("topic")
    rows = Subscriber.objects.annotate(is_suppressed=is_suppressed())
    return rows.prefetch_related(Prefetch("interests", interests))


def subscriber_to_json(subscriber: Any) -> JSON:
    topics: dict[str, list[str]] = {"follow": [], "mute": []}
    for interest in subscriber.interests.all():
        topics[interest.mode].append(interest.as_typed)
    moments = ("created_at", "confirmed_at", "unsubscribed_at", "paused_until", "next_digest_at")
    return {
        "id": subscriber.pk,
        "email": subscriber.email,
        "status": subscriber.status,
        "is_suppressed": bool(subscriber.is_suppressed),
        "topics": sorted(topics["follow"], key=str.casefold),
        "muted": sorted(topics["mute"], key=str.casefold),
        "asked_for": list(subscriber.wishes.get("topics", [])),
        **{name: getattr(subscriber, name) for name in (*_SCHEDULE, *_SWITCHES)},
        **{name: format_moment(getattr(subscriber, name)) for name in moments},
    }


def list_subscribers(request: HttpRequest) -> HttpResponse:
    parameters.allow_only(request, (*PAGED, "status", "email", "domain", "topic"))
    rows = select_subscribers()
    if "status" in request.GET:
        statuses = [str(one) for one in Subscriber.Status.values]
        rows = rows.filter(status=parameters.read_choice(request, "status", statuses, ""))
    if email := request.GET.get("email"):
        rows = rows.filter(email=email.lower())
    if domain := request.GET.get("domain"):
        rows = rows.at_domain(domain)
    if topic := request.GET.get("topic"):
        rows = rows.following(_read_topic(topic))
    return send_page(request, "subscribers", rows, lambda page: list(map(subscriber_to_json, page)))


def _read_topic(query: str) -> str:
    try:
        return parse_topic(query).normal_form
    except TopicError as error:
        raise Refused(f"topic: {error}") from error


def create_subscriber(request: HttpRequest) -> HttpResponse:
    """As the admin's page does: they are asked to confirm, or it is noted where they agreed."""
    body = read_body(request, _NEW)
    typed = {name: str(value) for name, value in SCHEDULE_DEFAULTS.items()} | body
    typed["topics"] = "\n".join(body.get("topics", []))
    has_agreed = "agreed_on" in body or "agreed_where" in body
    typed["consent"] = AddSubscriberForm.ELSEWHERE if has_agreed else AddSubscriberForm.ASK
    known = Subscriber.objects.filter(email=body.get("email", "").strip().lower()).first()
    if known:
        raise refuse_conflict(f"The address is there already: subscriber {known.pk}.")
    form = AddSubscriberForm(typed)
    check_form(form)
    new = form.instance
    with transaction.atomic():
        add_subscriber(new, form, str(request.user), timezone.now())
        said = "Added as agreed elsewhere" if has_agreed else "Added, and asked to confirm"
        note(request, [new], said, ADDITION)
    return _send_subscriber(new.pk, HTTPStatus.CREATED)


def show_subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    parameters.allow_only(request, ())
    return _send_subscriber(pk)


def _send_subscriber(pk: int, status: int = HTTPStatus.OK) -> HttpResponse:
    return say(subscriber_to_json(get_row(select_subscribers(), pk)), status)


def change_subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    """As their own page of preferences does; what is not named stays as it is."""
    body = read_body(request, _CHANGES)
    with transaction.atomic():
        subscriber = get_row(Subscriber.objects.select_for_update(), pk)
        if not subscriber.is_active and subscriber.wishes:
            said = "what they asked for takes the place of any change when they confirm"
            raise refuse_conflict(f"Subscriber {pk} has not confirmed: {said}.")
        names = {"topics": "followed", "muted": "muted"}
        typed = read_preferences(subscriber) | {
            names.get(name, name): "\n".join(value) if name in names else value
            for name, value in body.items()
        }
        form = PreferencesForm(typed)
        check_form(form, {"followed": "topics"})
        form.save(subscriber, timezone.now())
        note(request, [subscriber], f"Changed: {', '.join(sorted(body)) or 'nothing'}", CHANGE)
    return _send_subscriber(pk)


def perform_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """An act of the admin, by its name; 409 with the reason where it would change nothing."""
    act = find_act(ACTS, name, NOT_BY_NAME)
    fields = act.form_class.base_fields if act.form_class else {}
    body = read_body(request, dict.fromkeys(fields, TEXT))
    form = act.form_class(body) if act.form_class else None
    if form:
        check_form(form)
    _perform(request, act, pk, form.cleaned_data if form else {})
    return _send_subscriber(pk)


def delete_subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    _perform(request, ACTS["delete"], pk, {})
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _perform(request: HttpRequest, act: Act, pk: int, typed: dict[str, Any]) -> None:
    order = Order(str(request.user), timezone.now(), typed)
    with transaction.atomic():
        subscriber = get_row(Subscriber.objects.all(), pk)
        if obstacle := act.find_obstacle(subscriber, Ground([subscriber], order.now)):
            raise refuse_conflict(f"Nothing was done for subscriber {pk}: {obstacle}.")
        if not act.perform(subscriber, order):
            raise refuse_conflict(f"Subscriber {pk} changed in this moment: look again.")
        subscriber.pk = pk  # a deleted row has none, and the log names it
        note(request, [subscriber], act.done.capitalize(), DELETION if act.is_final else CHANGE)


serve_list = manage_view(
    GET=Operation("subscribers:read", list_subscribers),
    POST=Operation("subscribers:write", create_subscriber, "subscribers.add_subscriber"),
)
serve_one = manage_view(
    GET=Operation("subscribers:read", show_subscriber),
    PATCH=Operation("subscribers:write", change_subscriber),
    DELETE=Operation("subscribers:write", delete_subscriber, "subscribers.delete_subscriber"),
)
serve_act = manage_view(POST=Operation("subscribers:write", perform_act))
