"""The pages of a subscription: sign up, change, leave. GET and HEAD show, POST acts."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.utils import timezone

from subscribers import tasks, tokens
from subscribers.account import address, less_mail, topic_changes
from subscribers.account.less_mail import Instead
from subscribers.acronyms import find_also_found
from subscribers.limits import rate_limits
from subscribers.mail.mail_links import (
    feedback_url,
    past_digests_url,
    preferences_url,
    reading_list_url,
    unsubscribe_url,
)
from subscribers.models import MAX_TOPIC_CHARS, MAX_TOPICS, MOST_LEANINGS, Subscriber
from subscribers.signup import opt_in
from subscribers.topics import list_readings
from subscribers.web import known_browsers
from subscribers.web.decorators import (
    call_worker,
    find_owner,
    is_ended,
    open_page,
    render_broken_link,
    render_too_many,
    token_page,
)
from subscribers.web.fields import split_topics
from subscribers.web.forms import PreferencesForm, SignUpForm, read_preferences
from subscribers.web.next_digest import foresee_next_digest

TOPIC_FIELDS = ("followed", "muted")


@open_page
def subscribe(request: HttpRequest) -> HttpResponse:
    """The sign-up form; `?t=` fills in topics. The same answer whoever signs up, known or not."""
    if request.method == "POST":
        return _sign_up(request, timezone.now())
    topics = split_topics("\n".join(request.GET.getlist("t")))
    wanted = [topic for topic in topics if len(topic) <= MAX_TOPIC_CHARS][:MAX_TOPICS]
    context = {
        "form": SignUpForm(initial={"topics": "\n".join(wanted)}),
        "also": find_also_found(wanted),
        "readings": list_readings(wanted),
        "left_out": len(topics) - len(wanted),
        "most_topics": MAX_TOPICS,
        "most_chars": MAX_TOPIC_CHARS,
    }
    return render(request, "subscribers/subscribe.html", context)


def _sign_up(request: HttpRequest, now: datetime) -> HttpResponse:
    if refusal := rate_limits.SIGN_UPS.refuse(request, now):
        return render_too_many(request, refusal)
    form = SignUpForm(request.POST)
    if not form.has_taken_time(now) and rate_limits.HASTY_SIGN_UPS.refuse(request, now):
        return _render_again(request, form, is_hasty=True)
    if not form.is_valid():
        return _render_again(request, form)
    if not form.use_stamp(now):
        return _render_again(request, form, is_used=True)
    email = form.cleaned_data["email"]
    if not form.is_from_a_program:
        call_worker(tasks.send_confirmation, opt_in.request_confirmation(email, form.wishes(), now))
    context = {"email": email, "readings": list_readings(form.cleaned_data["topics"])}
    return render(request, "subscribers/check_inbox.html", context)


def _render_again(
    request: HttpRequest, form: SignUpForm, *, is_hasty: bool = False, is_used: bool = False
) -> HttpResponse:
    """The form as it was sent, with what is wrong."""
    topics = split_topics(str(form["topics"].value() or ""))
    context = {
        "form": form,
        "is_hasty": is_hasty,
        "is_used": is_used,
        "readings": list_readings(topics),
    }
    return render(request, "subscribers/subscribe.html", context, status=422)


@token_page
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """All that can be taken back. What cannot asks for a fresh link (account/address.py)."""
    subscriber = find_owner(tokens.PREFERENCES, token)
    if subscriber is None:
        return render_broken_link(request)
    if request.method == "POST" and {"send_link", "end_links"} & request.POST.keys():
        if "end_links" in request.POST:
            address.end_links(subscriber)
        address.request_own_link(subscriber, timezone.now())
        call_worker(tasks.send_asked_links)
        return render(request, "subscribers/link_sent.html", {"email": subscriber.email})
    return _show_preferences(request, subscriber, timezone.now())


def _show_preferences(request: HttpRequest, subscriber: Subscriber, now: datetime) -> HttpResponse:
    """The form, with what was asked for by a new browser where a letter's link leads here."""
    data = request.POST if request.method == "POST" else None
    fresh = str((data or request.GET).get("fresh", ""))
    is_from_letter = known_browsers.is_from_letter(fresh, subscriber, now)
    wish = topic_changes.read_wish(subscriber, now) if is_from_letter and data is None else None
    form = PreferencesForm(data, initial=read_preferences(subscriber, wish))
    context = {"fresh": fresh if is_from_letter else "", "is_wish": wish is not None}
    if data is None or not form.is_valid():
        response = _render_preferences(request, subscriber, form, context, now)
    else:
        is_known = is_from_letter or known_browsers.is_known(request, subscriber, now)
        if form.save(subscriber, now, is_new_browser=not is_known):
            response = redirect(f"{request.path}?saved=1")
        else:
            call_worker(tasks.send_asked_links)
            context["is_asked"] = True
            response = _render_preferences(request, subscriber, form, context, now)
    known_browsers.note_browser(request, response, subscriber, now, is_from_letter=is_from_letter)
    return response


def _render_preferences(
    request: HttpRequest,
    subscriber: Subscriber,
    form: PreferencesForm,
    context: dict[str, Any],
    now: datetime,
) -> HttpResponse:
    followed, muted = (split_topics(str(form[name].value() or "")) for name in TOPIC_FIELDS)
    context |= {
        "form": form,
        "subscriber": subscriber,
        "coming": foresee_next_digest(subscriber, now),
        "unsubscribe_url": unsubscribe_url(subscriber.pk, subscriber.link_version),
        "leanings": subscriber.standing_leanings,
        "most_leanings": MOST_LEANINGS,
        "feedback_url": feedback_url(subscriber.pk, subscriber.link_version),
        "reading_list_url": reading_list_url(subscriber.pk, subscriber.link_version),
        "past_digests_url": past_digests_url(subscriber.pk, subscriber.link_version),
        "is_saved": "saved" in request.GET,
        "also": find_also_found(followed),
        "readings": list_readings([*followed, *muted]),
    }
    status = 422 if form.errors else 202 if context.get("is_asked") else 200
    return render(request, "subscribers/preferences.html", context, status=status)


@token_page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058 too: the mailbox posts here, without cookies, and must get 200 and no redirect."""
    now = timezone.now()
    subscriber = find_owner(tokens.UNSUBSCRIBE, token)
    if subscriber is None:
        is_whole = tokens.read(tokens.UNSUBSCRIBE, token) is not None
        return render(request, f"subscribers/{'unknown' if is_whole else 'clipped'}.html")
    if is_ended(tokens.UNSUBSCRIBE, token, subscriber):
        return _unsubscribe_from_old_link(request, subscriber, now)
    said = _read_post(request)
    done, before = _act_on_button(said, subscriber, now) if request.method == "POST" else ("", "")
    context = {
        "subscriber": subscriber,
        "coming": foresee_next_digest(subscriber, now),
        "done": done,
        "before": before,
        "can_undo": less_mail.can_undo_unsubscribe(subscriber, now),
        "offers": less_mail.list_offers(subscriber, now),
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
    }
    return render(request, "subscribers/unsubscribe.html", context)


def _unsubscribe_from_old_link(
    request: HttpRequest, subscriber: Subscriber, now: datetime
) -> HttpResponse:
    """All that a link still does which was ended, or went to an address before the present one.

    It says neither where the digests go now, nor how to change them.
    """
    if request.method == "POST" and subscriber.is_active:
        subscriber.unsubscribe(now)
    is_over = not subscriber.is_active
    return render(request, "subscribers/unsubscribe_old.html", {"is_over": is_over})


def _read_post(request: HttpRequest) -> QueryDict:
    """The fields posted; none where the body cannot be read: that still unsubscribes."""
    try:
        return request.POST
    except (BadRequest, MultiPartParserError):
        return QueryDict()


def _act_on_button(said: QueryDict, subscriber: Subscriber, now: datetime) -> tuple[str, str]:
    """Do what the button says; returns what was done, and a token of how it was before.

    A POST that names nothing else unsubscribes: that is how mailboxes do it.
    """
    is_active = subscriber.is_active
    if "undo" in said:
        done = "undone" if less_mail.undo_unsubscribe(subscriber, now) else ""
        subscriber.refresh_from_db()
        return done, ""
    wanted = {name: str(said.get(name, "")) for name in ("instead", "back", "before")}
    if is_active and wanted["instead"] in set(Instead):
        instead = Instead(wanted["instead"])
        with suppress(ValueError):  # an old page's button: it is less already
            before = less_mail.choose_instead(subscriber, instead, now)
            return instead, tokens.sign_before(subscriber.pk, instead, before, now)
        return "", ""
    if is_active and wanted["back"] in set(Instead):
        instead = Instead(wanted["back"])
        before_that = tokens.read_before(wanted["before"], subscriber.pk, instead, now)
        if before_that is not None:  # else nobody's button said this
            with suppress(ValueError):  # an old page's button: it was changed since
                less_mail.take_back_choice(subscriber, instead, before_that, now)
                return "back", ""
        return "", ""
    subscriber.unsubscribe(now)
    return "", ""
