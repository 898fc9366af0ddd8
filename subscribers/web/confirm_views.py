"""Where the letter after a sign-up leads: what was asked for, and a button that confirms it.

A link is about its own letter's wish. What was asked for since, perhaps by a stranger, stands below
it with a button of its own, which names what it confirms: nothing else takes effect.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from subscribers import tasks, tokens
from subscribers.mail_links import preferences_url
from subscribers.models import Subscriber
from subscribers.signup import opt_in, send_confirmation
from subscribers.signup.opt_in import Link, Wishes
from subscribers.tokens import DatedLink
from subscribers.web.decorators import broken_link, dated_owner, token_page, wake
from subscribers.web.next_digest import what_comes

_PAGES = {
    Link.READY: ("subscribers/confirm.html", 200),
    Link.DONE: ("subscribers/confirmed.html", 200),
    Link.EXPIRED: ("subscribers/expired_link.html", 410),
    Link.SPENT: ("subscribers/spent_link.html", 410),
}


@token_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    found = dated_owner(tokens.CONFIRM, token)
    if found is None:
        return broken_link(request)
    link, subscriber = found
    state = opt_in.link_state(subscriber, link, now)
    if request.method == "POST" and state == Link.EXPIRED:
        return _send_again(request, link, now)
    own, later = opt_in.wishes_of(subscriber, link), opt_in.later_wishes(subscriber, link, now)
    context: dict[str, object] = {"wishes": own, "later": later}
    if own and state == Link.READY:
        context["gain"] = opt_in.gain(subscriber, own)
    if later:
        context["later_gain"] = opt_in.gain(subscriber, later)
    if request.method == "POST" and state in (Link.READY, Link.DONE):
        mark = request.POST.get("wish", "")
        if mark and (later is None or later.mark != mark):
            context["is_changed"] = True
        elif mark or state == Link.READY:
            subscriber = _confirm(subscriber, later if mark else own, now)
            state, context = Link.DONE, {}
    context["coming"] = what_comes(subscriber, now)
    return _show(request, subscriber, state, context)


def _confirm(subscriber: Subscriber, wishes: Wishes | None, now: datetime) -> Subscriber:
    confirmed = opt_in.confirm_wishes(subscriber.pk, wishes, now)
    opt_in.confirmed.send(Subscriber, subscriber_id=subscriber.pk)
    return confirmed


def _show(
    request: HttpRequest, subscriber: Subscriber, state: Link, context: dict[str, object]
) -> HttpResponse:
    followed = subscriber.interests.filter(mode="follow").select_related("topic")
    context |= {
        "subscriber": subscriber,
        "topics": [interest.topic.query for interest in followed],
        "preferences_url": preferences_url(subscriber.pk),
    }
    template, status = _PAGES[state]
    return render(request, template, context, status=status)


def _send_again(request: HttpRequest, link: DatedLink, now: datetime) -> HttpResponse:
    """Whoever holds the link may know what becomes of the letter."""
    opt_in.ask_again(link, now)
    subscriber = Subscriber.objects.get(pk=link.subscriber_id)
    outlook = send_confirmation.outlook(subscriber, now)
    context = {"subscriber": subscriber, "outlook": outlook, "now": now}
    wake(tasks.send_confirmation, subscriber.pk)
    return render(request, "subscribers/letter_again.html", context)
