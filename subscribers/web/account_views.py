"""What a mail's own links may not do: see and delete everything, or move. GET shows, POST acts.

A digest gets forwarded and its links work for ever, so they lead only to what can be taken back.
The rest asks for a link that was sent to the address within the last hour.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from subscribers import rate_limits, tasks, tokens
from subscribers.account import address
from subscribers.account.address import Move
from subscribers.account.export import everything
from subscribers.mail_links import preferences_url, unsubscribe_url
from subscribers.models import FormerAddress, Subscriber
from subscribers.web.decorators import (
    broken_link,
    dated_owner,
    open_page,
    token_page,
    too_many,
    wake,
)
from subscribers.web.forms import LostLinkForm, MoveForm
from subscribers.web.next_digest import what_comes


@open_page
def lost_link(request: HttpRequest) -> HttpResponse:
    """`Send me my link`: the same answer whoever asks, and whether there is a digest or not."""
    if request.method != "POST":
        return render(request, "subscribers/lost_link.html", {"form": LostLinkForm()})
    now = timezone.now()
    if refusal := rate_limits.LINKS.refuse(request, now):
        return too_many(request, refusal)
    form = LostLinkForm(request.POST)
    if not form.is_valid():
        return render(request, "subscribers/lost_link.html", {"form": form}, status=422)
    if not form.is_from_a_program:
        address.ask_for_link(form.cleaned_data["email"], now)
        wake(tasks.send_asked_links)
    return _link_sent(request, form.cleaned_data["email"])


def _link_sent(request: HttpRequest, email: str) -> HttpResponse:
    return render(request, "subscribers/link_sent.html", {"email": email})


@token_page
def account_page(request: HttpRequest, token: str) -> HttpResponse:
    """Move, take your data, delete; after an hour only a button that sends a new link."""
    now = timezone.now()
    found = dated_owner(tokens.ACCOUNT, token)
    if found is None:
        return broken_link(request)
    link, subscriber = found
    if not link.is_for(subscriber.email):
        # Whoever had the digests before, or in between, has no say any more.
        return render(request, "subscribers/left_account.html", status=410)
    if not link.is_expired(now):
        return _act(request, subscriber, now)
    if request.method != "POST":
        return render(request, "subscribers/expired_account.html", status=410)
    address.ask_for_link(subscriber.email, now)
    wake(tasks.send_asked_links)
    return _link_sent(request, subscriber.email)


def _act(request: HttpRequest, subscriber: Subscriber, now: datetime) -> HttpResponse:
    wanted = request.POST.get("action", "")
    if wanted == "export":
        return _export(subscriber, now)
    if wanted == "delete" and "sure" in request.POST:
        address.forget(subscriber)
        return render(request, "subscribers/deleted.html", {"email": subscriber.email})
    if wanted == "move":
        return _move(request, subscriber, now)
    return _show(request, subscriber, is_unsure=wanted == "delete")


def _show(
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
        "preferences_url": preferences_url(subscriber.pk),
        "unsubscribe_url": unsubscribe_url(subscriber.pk),
    }
    status = 422 if form.errors or is_unsure else 200
    return render(request, "subscribers/account.html", context, status=status)


def _export(subscriber: Subscriber, now: datetime) -> HttpResponse:
    answer = JsonResponse(
        everything(subscriber), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = f'attachment; filename="offprint-{now.date()}.json"'
    return answer


def _move(request: HttpRequest, subscriber: Subscriber, now: datetime) -> HttpResponse:
    form = MoveForm(request.POST)
    if form.is_valid() and form.cleaned_data["new_email"] == subscriber.email:
        form.add_error("new_email", "Your digest goes there already.")
    if not form.is_valid():
        return _show(request, subscriber, form=form)
    # A link of ours must not write to half the world.
    if refusal := rate_limits.LINKS.refuse(request, now):
        return too_many(request, refusal)
    address.ask_to_move(subscriber, form.cleaned_data["new_email"], now)
    wake(tasks.send_asked_links)
    return render(request, "subscribers/check_new_inbox.html", form.cleaned_data)


@token_page
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Where the letter to a new address leads: one button, and the digests go there."""
    now = timezone.now()
    link = tokens.read_move(token)
    if link is None:
        return broken_link(request)
    state = address.move_state(link, now)
    if request.method == "POST" and state is Move.READY:
        state = address.move(link, now)
        wake(tasks.send_asked_links)  # the address before is told
    context: dict[str, object] = {"state": state, "new_email": link.new_email}
    if subscriber := Subscriber.objects.filter(pk=link.subscriber_id).first():
        context |= _outlook(subscriber, now)
    status = 200 if state in (Move.READY, Move.DONE) else 410
    return render(request, "subscribers/move.html", context, status=status)


@token_page
def move_back(request: HttpRequest, token: str) -> HttpResponse:
    """Where the notice to the address before leads: one button, and the digests come back."""
    now = timezone.now()
    former_id = tokens.read(tokens.MOVE_BACK, token)
    if former_id is None:
        return broken_link(request)
    former = FormerAddress.objects.select_related("subscriber").filter(pk=former_id).first()
    state = address.move_back_state(former, now) if former else Move.SPENT
    if former and request.method == "POST" and state is Move.READY:
        state = address.move_back(former, now)
    context: dict[str, object] = {"state": state}
    if former:
        former.subscriber.refresh_from_db()
        context |= {"email": former.email} | _outlook(former.subscriber, now)
    status = 200 if state in (Move.READY, Move.DONE) else 410
    return render(request, "subscribers/move_back.html", context, status=status)


def _outlook(subscriber: Subscriber, now: datetime) -> dict[str, object]:
    """What comes to whoever just moved, and the links that go with it."""
    return {
        "coming": what_comes(subscriber, now),
        "is_mail_wanted": subscriber.is_active,
        "preferences_url": preferences_url(subscriber.pk),
        "unsubscribe_url": unsubscribe_url(subscriber.pk),
    }
