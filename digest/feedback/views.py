"""Feedback without signing in: a link in a mail, a page, and a button that acts.

Whoever follows the link only sees what the button would do, so a scanner that opens every address,
or runs every script, changes nothing. The signed address is the whole authority: no cookie.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digest.feedback import effect_text, rank_shift, reading_list, record
from digest.feedback import mute as muting
from digest.feedback.signed_views import about_a_paper, read_key, subscriber_page
from digest.flight.site_links import asks_status_alone
from digest.models import Feedback, Paper
from subscribers import tasks, tokens
from subscribers.mail.mail_links import feedback_url, preferences_url, reading_list_url
from subscribers.models import MOST_LEANINGS, Subscriber
from subscribers.topics import TopicError
from subscribers.web.decorators import call_worker

SHOWN_FEEDBACK = 50
VERBS = [
    ("more", _("more like this")),
    ("less", _("less")),
    ("mute", _("mute")),
    ("save", _("save")),
]


@subscriber_page(tokens.FEEDBACK)
def learned(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """All that was learned from this subscriber, to be removed one by one or at once."""
    if request.method == "POST":
        return _forget_learned(request, subscriber)
    given = subscriber.feedback.select_related("paper")
    context = _build_link_context(subscriber) | {
        "leanings": subscriber.standing_leanings,
        "most_leanings": MOST_LEANINGS,
        "given": given[:SHOWN_FEEDBACK],
        "is_forgotten": "forgotten" in request.GET,
        "is_replaced": "replaced" in request.GET,
    }
    return render(request, "digest/feedback/learned.html", context)


def _forget_learned(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    if "everything" in request.POST:
        record.forget_all_feedback(subscriber.pk)
    elif "said" in request.POST:
        key = read_key(request.POST["said"].partition(" ")[0])
        return redirect(
            f"{request.path}?{_undo_press(subscriber, request.POST['said'], 'forgotten', pk=key)}"
        )
    else:
        record.forget_leaning(subscriber.pk, read_key(request.POST.get("leaning", "")))
    if "from_preferences" in request.POST:
        return redirect(f"{preferences_url(subscriber.pk, subscriber.link_version)}#learned")
    return redirect(f"{request.path}?forgotten=1")


@subscriber_page(tokens.FEEDBACK)
@about_a_paper
def opinion(request: HttpRequest, subscriber: Subscriber, paper: Paper, kind: str) -> HttpResponse:
    """More, or less, like this paper."""
    now = timezone.now()
    if request.method == "POST":
        if "undo" in request.POST:
            done = _undo_press(subscriber, request.POST["undo"], "undone", paper=paper)
            return redirect(f"{request.path}?{done}")
        record.give_feedback(subscriber.pk, paper, kind, now)
        return redirect(request.path)
    given = subscriber.feedback.filter(paper=paper).first()
    effect, moved = _describe_press(subscriber, paper, kind, given, now)
    context = _build_paper_context(subscriber, paper, kind) | {
        "kind": kind,
        "given": given,
        "effect": effect,
        "places": moved,
        "is_undone": "undone" in request.GET,
        "is_replaced": "replaced" in request.GET,
    }
    return render(request, "digest/feedback/opinion.html", context)


def _undo_press(subscriber: Subscriber, press: str, done: str, **of: Any) -> str:
    """Take back the press that a page showed, and no other; returns the query that says so.

    Undoing twice says the same again; where another press has replaced it, nothing is undone.
    """
    if record.take_back_feedback(subscriber.pk, press, **of):
        return f"{done}=1"
    standing = subscriber.feedback.filter(**of).first()
    return "replaced=1" if standing and standing.is_after(press) else f"{done}=1"


def _describe_press(
    subscriber: Subscriber, paper: Paper, kind: str, given: Feedback | None, now: datetime
) -> tuple[str, str]:
    """Two sentences on what the button did or will do: to leanings, and to the order of papers."""
    if given and given.kind == kind:
        effect, tense = record.compute_effect(given), effect_text.DONE
    else:
        effect, tense = record.foresee_effect(subscriber, paper, kind, now), effect_text.WILL
    said = effect_text.describe_effect(effect, tense, is_more=kind == Feedback.Kind.MORE)
    if effect.before == effect.after:
        return said, ""
    moved = rank_shift.measure_rank_shift(subscriber, effect.before, effect.after, now)
    return said, effect_text.describe_rank_shift(moved, tense)


@subscriber_page(tokens.FEEDBACK)
@about_a_paper
def save(request: HttpRequest, subscriber: Subscriber, paper: Paper) -> HttpResponse:
    if request.method == "POST":
        if "undo" in request.POST:
            reading_list.remove_paper(subscriber, paper.pk)
            return redirect(f"{request.path}?undone=1")
        reading_list.save_paper(subscriber, paper, timezone.now())
        return redirect(request.path)
    context = _build_paper_context(subscriber, paper, "save") | {
        "is_saved": subscriber.saved_papers.filter(paper=paper).exists(),
        "count": subscriber.saved_papers.count(),
        "is_undone": "undone" in request.GET,
    }
    return render(request, "digest/feedback/save.html", context)


@subscriber_page(tokens.FEEDBACK)
@about_a_paper
def mute(request: HttpRequest, subscriber: Subscriber, paper: Paper) -> HttpResponse:
    """The topics that could be muted, each with how many papers it would hide, and undo."""
    problem = ""
    if request.method == "POST":
        try:
            return redirect(f"{request.path}{_act_on_mute(request, subscriber, paper)}")
        except TopicError as error:
            problem = str(error)
    proposals = muting.Proposals(0, [])
    if not asks_status_alone(request):
        proposals = muting.propose_mutes(subscriber, paper, timezone.now())
    context = _build_paper_context(subscriber, paper, "mute") | {
        "proposals": proposals,
        "problem": problem,
        "muted": _find_proposal(proposals, request.GET.get("muted"), is_muted=True),
        "undone": _find_proposal(proposals, request.GET.get("undone"), is_muted=False),
        "asked": _find_proposal(proposals, request.GET.get("asked"), is_muted=False),
    }
    status = 422 if problem else 200
    return render(request, "digest/feedback/mute.html", context, status=status)


def _act_on_mute(request: HttpRequest, subscriber: Subscriber, paper: Paper) -> str:
    """Mute, or undo; returns the query of the page that follows."""
    if undone := request.POST.get("undo"):
        done = muting.unmute_topic(subscriber, paper, undone)
        return f"?{urlencode({'undone': undone})}" if done else ""
    query = request.POST.get("mute", "")
    outcome = muting.mute_topic(subscriber.pk, paper, query, timezone.now())
    if outcome is muting.MuteOutcome.ASKED:
        call_worker(tasks.send_asked_links)
    return f"?{urlencode({outcome.value: query})}" if outcome else ""


def _find_proposal(
    proposals: muting.Proposals, query: str | None, *, is_muted: bool
) -> muting.Proposal | None:
    rows = proposals.rows
    return next((row for row in rows if row.query == query and row.is_muted == is_muted), None)


def _build_paper_context(subscriber: Subscriber, paper: Paper, verb: str) -> dict[str, Any]:
    """What the template of every page about one paper needs."""
    return _build_link_context(subscriber) | {"paper": paper, "verb": verb, "verbs": VERBS}


def _build_link_context(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "subscriber": subscriber,
        "feedback_url": feedback_url(subscriber.pk, subscriber.link_version),
        "preferences_url": preferences_url(subscriber.pk, subscriber.link_version),
        "reading_list_url": reading_list_url(subscriber.pk, subscriber.link_version),
    }
