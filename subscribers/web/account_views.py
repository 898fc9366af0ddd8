"""The account pages: move, export, delete. GET shows, POST acts.

A digest gets forwarded and its links work for ever, so they lead only to what can be taken back.
These pages ask for a link that was sent to the address within the last hour.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers import tasks, tokens
from subscribers.account import address
from subscribers.account.address import MoveState
from subscribers.account.export import export_subscriber
from subscribers.limits import rate_limits
from subscribers.mail.mail_links import preferences_url, unsubscribe_url
from subscribers.models import FormerAddress, Subscriber
from subscribers.web.decorators import (
    call_worker,
    find_dated_owner,
    open_page,
    render_broken_link,
    render_too_many,
    token_page,
)
from subscribers.web.forms import LostLinkForm, MoveForm
from subscribers.web.known_browsers import note_browser
from subscribers.web.next_digest import foresee_next_digest


@open_page
def lost_link(request: HttpRequest) -> HttpResponse:
    """`Send me my link`: the same answer whoever asks, and whether there is a digest or not."""
    if request.method != "POST":
        return render(request, "subscribers/lost_link.html", {"form": LostLinkForm()})
    now = timezone.now()
    if refusal := rate_limits.LINKS.refuse(request, now):
        return render_too_many(request, refusal)
    form = LostLinkForm(request.POST)
    if not form.is_valid():
        return render(request, "subscribers/lost_link.html", {"form": form}, status=422)
    if not form.is_from_a_program:
        address.request_link(form.cleaned_data["email"], now)
        call_worker(tasks.send_asked_links)
    return _show_link_sent(request, form.cleaned_data["email"])


def _show_link_sent(request: HttpRequest, email: str) -> HttpResponse:
    return render(request, "subscribers/link_sent.html", {"email": email})


@token_page
def account_page(request: HttpRequest, token: str) -> HttpResponse:
    """Move, export, delete; after an hour only a button that sends a new link."""
    now = timezone.now()
    found = find_dated_owner(tokens.ACCOUNT, token)
    if found is None:
        return render_broken_link(request)
    link, subscriber = found
    if not link.is_for(subscriber.email, subscriber.link_version):
        # Links were ended since, or the digests go to another address: this one opens nothing.
        return render(request, "subscribers/left_account.html", status=410)
    if not link.is_expired(now):
        response = _run_action(request, subscriber, now)
        note_browser(request, response, subscriber, now, is_from_letter=True)
        return response
    if request.method != "POST":
        return render(request, "subscribers/expired_account.html", status=410)
    address.request_own_link(subscriber, now)
    call_worker(tasks.send_asked_links)
    return _show_link_sent(request, subscriber.email)


def _run_action(request: HttpRequest, subscriber: Subscriber, now: datetime) -> HttpResponse:
    wanted = request.POST.get("action", "")
    if wanted == "export":
        return _export_data(subscriber, now)
    if wanted == "delete" and "sure" in request.POST:
        address.delete_subscriber(subscriber)
        return render(request, "subscribers/deleted.html", {"email": subscriber.email})
    if wanted == "move":
        return _request_move(request, subscriber, now)
    return _show_account(request, subscriber, is_unsure=wanted == "delete")


def _show_account(
    request: HttpRequest,
    subscriber: Subscriber,
    form: MoveForm | None = None,
    is_unsure: bool = False,
) -> HttpResponse:
    form = form or MoveForm()
    context = {
        "subscriber": subscriber,
        "form": form,
        "is_unsure": is_unsure,
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
        "unsubscribe_url": unsubscribe_url(subscriber.pk, subscriber.link_version),
    }
    status = 422 if form.errors or is_unsure else 200
    return render(request, "subscribers/account.html", context, status=status)


def _export_data(subscriber: Subscriber, now: datetime) -> HttpResponse:
    answer = JsonResponse(
        export_subscriber(subscriber), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = f'attachment; filename="offprint-{now.date()}.json"'
    return answer


def _request_move(request: HttpRequest, subscriber: Subscriber, now: datetime) -> HttpResponse:
    form = MoveForm(request.POST)
    if form.is_valid() and form.cleaned_data["new_email"] == subscriber.email:
        form.add_error("new_email", _("Your digest goes there already."))
    if not form.is_valid():
        return _show_account(request, subscriber, form=form)
    # Else one account link could send mail to any number of addresses. Counted by the account, so
    # that nobody else can use it up.
    if refusal := rate_limits.MOVES.refuse_asker(f"account {subscriber.pk}", now):
        return render_too_many(request, refusal)
    address.request_move(subscriber, form.cleaned_data["new_email"], now)
    call_worker(tasks.send_asked_links)
    return render(request, "subscribers/check_new_inbox.html", form.cleaned_data)


@token_page
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Where the mail to a new address leads: one button, and the digests go there."""
    now = timezone.now()
    link = tokens.read_move(token)
    if link is None:
        return render_broken_link(request)
    state = address.judge_move(link, now)
    if request.method == "POST" and state is MoveState.READY:
        state = address.move_digests(link, now)
        call_worker(tasks.send_asked_links)  # sends a notice to the address before
    context: dict[str, object] = {"state": state, "new_email": link.new_email}
    subscriber = Subscriber.objects.filter(pk=link.subscriber_id).first()
    if subscriber:
        context |= _build_move_context(subscriber, now)
    status = 200 if state in (MoveState.READY, MoveState.DONE) else 410
    response = render(request, "subscribers/move.html", context, status=status)
    if subscriber and state is MoveState.DONE and not link.is_expired(now):
        note_browser(request, response, subscriber, now, is_from_letter=True)
    return response


@token_page
def move_back(request: HttpRequest, token: str) -> HttpResponse:
    """Where the notice to the address before leads: one button, and the digests come back."""
    now = timezone.now()
    former_id = tokens.read(tokens.MOVE_BACK, token)
    if former_id is None:
        return render_broken_link(request)
    former = FormerAddress.objects.select_related("subscriber").filter(pk=former_id).first()
    state = address.judge_move_back(former, now) if former else MoveState.SPENT
    if former and request.method == "POST" and state is MoveState.READY:
        state = address.move_digests_back(former, now)
    context: dict[str, object] = {"state": state}
    if former:
        former.subscriber.refresh_from_db()
        context |= {"email": former.email} | _build_move_context(former.subscriber, now)
    status = 200 if state in (MoveState.READY, MoveState.DONE) else 410
    response = render(request, "subscribers/move_back.html", context, status=status)
    if former and state is MoveState.DONE:
        note_browser(request, response, former.subscriber, now, is_from_letter=True)
    return response


def _build_move_context(subscriber: Subscriber, now: datetime) -> dict[str, object]:
    """What the templates after a move need: when the next digest comes, and two links."""
    return {
        "coming": foresee_next_digest(subscriber, now),
        "is_mail_wanted": subscriber.is_active,
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
        "unsubscribe_url": unsubscribe_url(subscriber.pk, subscriber.link_version),
    }
