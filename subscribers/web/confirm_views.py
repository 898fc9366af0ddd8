"""The page behind the link of a confirmation: what was asked for, and a button that confirms it.

A link is about the wish of its own mail. What was asked for since, perhaps by a stranger, stands
below it with a button of its own, which carries a mark of exactly that: nothing else takes effect.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from subscribers import tasks, tokens
from subscribers.mail.mail_links import preferences_url
from subscribers.models import Subscriber
from subscribers.signup import opt_in, send_confirmation
from subscribers.signup.opt_in import LinkState
from subscribers.signup.wishes import foresee_gain
from subscribers.tokens import DatedLink
from subscribers.web.decorators import call_worker, find_dated_owner, render_broken_link, token_page
from subscribers.web.known_browsers import note_browser
from subscribers.web.next_digest import foresee_next_digest

_PAGES = {
    LinkState.READY: ("subscribers/confirm.html", 200),
    LinkState.DONE: ("subscribers/confirmed.html", 200),
    LinkState.EXPIRED: ("subscribers/expired_link.html", 410),
    LinkState.SPENT: ("subscribers/spent_link.html", 410),
}


@token_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    found = find_dated_owner(tokens.CONFIRM, token)
    if found is None:
        return render_broken_link(request)
    link, subscriber = found
    if not link.is_of_version(subscriber.link_version):
        # Ended, or sent to a mailbox that the digests have left: it tells nothing of today.
        return render_broken_link(request)
    state, mark = opt_in.judge_link(subscriber, link, now), ""
    if request.method == "POST":
        if state == LinkState.EXPIRED:
            return _request_another(request, link, now)
        mark = request.POST.get("wish", "")
        is_confirmed = opt_in.confirm_by_link(link, mark, now)
        subscriber.refresh_from_db()
        if is_confirmed:
            return _show_page(request, subscriber, LinkState.DONE, {}, now, link)
        state = opt_in.judge_link(subscriber, link, now)
    own = opt_in.find_own_wishes(subscriber, link)
    later = opt_in.find_later_wishes(subscriber, link, now)
    context: dict[str, object] = {"wishes": own, "later": later, "is_changed": bool(mark)}
    if own and state == LinkState.READY:
        context["gain"] = foresee_gain(subscriber, own)
    if later:
        context["later_gain"] = foresee_gain(subscriber, later)
    return _show_page(request, subscriber, state, context, now, link)


def _show_page(
    request: HttpRequest,
    subscriber: Subscriber,
    state: LinkState,
    context: dict[str, object],
    now: datetime,
    link: DatedLink,
) -> HttpResponse:
    followed = subscriber.interests.follows().select_related("topic")
    context |= {
        "subscriber": subscriber,
        "coming": foresee_next_digest(subscriber, now),
        "topics": [interest.as_typed for interest in followed],
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
    }
    template, status = _PAGES[state]
    response = render(request, template, context, status=status)
    if state == LinkState.DONE and not link.is_expired(now):
        note_browser(request, response, subscriber, now, is_from_letter=True)
    return response


def _request_another(request: HttpRequest, link: DatedLink, now: datetime) -> HttpResponse:
    """Ask for another confirmation; whoever holds the link may know what becomes of it."""
    opt_in.renew_request(link, now)
    subscriber = Subscriber.objects.get(pk=link.subscriber_id)
    outlook = send_confirmation.foresee_mail(subscriber, now)
    context = {"subscriber": subscriber, "outlook": outlook, "now": now}
    call_worker(tasks.send_confirmation, subscriber.pk)
    return render(request, "subscribers/another_confirmation.html", context)
