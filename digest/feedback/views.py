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

from digest.feedback import effect_text, rank_shift, reading_list, record
from digest.feedback import mute as muting
from digest.feedback.signed_views import about_a_paper, key_in, reader_page
from digest.models import Feedback, Paper
from subscribers import tokens
from subscribers.mail_links import feedback_url, preferences_url, reading_list_url
from subscribers.models import MOST_LEANINGS, Subscriber
from subscribers.topics import TopicError

SHOWN_FEEDBACK = 50
VERBS = [
    ("more", "more like this"),
    ("less", "less"),
    ("mute", "mute"),
    ("save", "save"),
]


@reader_page(tokens.FEEDBACK)
def told(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    """All that was learned from this reader, to be removed one by one or at once."""
    if request.method == "POST":
        return _forget(request, reader)
    given = reader.feedback.select_related("paper")
    context = _links(reader) | {
        "leanings": reader.standing_leanings,
        "most_leanings": MOST_LEANINGS,
        "given": given[:SHOWN_FEEDBACK],
        "is_forgotten": "forgotten" in request.GET,
        "is_replaced": "replaced" in request.GET,
    }
    return render(request, "digest/feedback/told.html", context)


def _forget(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    if "everything" in request.POST:
        record.forget_all(reader.pk)
    elif "said" in request.POST:
        key = key_in(request.POST["said"].partition(" ")[0])
        return redirect(
            f"{request.path}?{_undo(reader, request.POST['said'], 'forgotten', pk=key)}"
        )
    else:
        record.forget(reader.pk, key_in(request.POST.get("leaning", "")))
    if "from_preferences" in request.POST:
        return redirect(f"{preferences_url(reader.pk)}#learned")
    return redirect(f"{request.path}?forgotten=1")


@reader_page(tokens.FEEDBACK)
@about_a_paper
def opinion(request: HttpRequest, reader: Subscriber, paper: Paper, kind: str) -> HttpResponse:
    """More, or less, like this paper."""
    now = timezone.now()
    if request.method == "POST":
        if "undo" in request.POST:
            done = _undo(reader, request.POST["undo"], "undone", paper=paper)
            return redirect(f"{request.path}?{done}")
        record.give(reader.pk, paper, kind, now)
        return redirect(request.path)
    given = reader.feedback.filter(paper=paper).first()
    effect, moved = _effect(reader, paper, kind, given, now)
    context = _slip(reader, paper, kind) | {
        "kind": kind,
        "given": given,
        "effect": effect,
        "places": moved,
        "is_undone": "undone" in request.GET,
        "is_replaced": "replaced" in request.GET,
    }
    return render(request, "digest/feedback/opinion.html", context)


def _undo(reader: Subscriber, press: str, done: str, **of: Any) -> str:
    """Take back the press that a page showed, and no other; what is to be said of it then.

    Pressed twice it is undone as well; not where the reader said another thing since.
    """
    if record.take_back(reader.pk, press, **of):
        return f"{done}=1"
    standing = reader.feedback.filter(**of).first()
    return "replaced=1" if standing and standing.is_after(press) else f"{done}=1"


def _effect(
    reader: Subscriber, paper: Paper, kind: str, given: Feedback | None, now: datetime
) -> tuple[str, str]:
    """What the button did, where it was pressed; else what it will do; in words and in places."""
    if given and given.kind == kind:
        effect, tense = record.effect_of(given), effect_text.DONE
    else:
        effect, tense = record.proposed(reader, paper, kind, now), effect_text.WILL
    said = effect_text.in_words(effect, tense, is_more=kind == Feedback.Kind.MORE)
    if effect.before == effect.after:
        return said, ""
    moved = rank_shift.places_moved(reader, effect.before, effect.after, now)
    return said, effect_text.places_in_words(moved, tense)


@reader_page(tokens.FEEDBACK)
@about_a_paper
def save(request: HttpRequest, reader: Subscriber, paper: Paper) -> HttpResponse:
    if request.method == "POST":
        if "undo" in request.POST:
            reading_list.remove(reader, paper.pk)
            return redirect(f"{request.path}?undone=1")
        reading_list.save(reader, paper, timezone.now())
        return redirect(request.path)
    context = _slip(reader, paper, "save") | {
        "is_saved": reader.saved_papers.filter(paper=paper).exists(),
        "count": reader.saved_papers.count(),
        "is_undone": "undone" in request.GET,
    }
    return render(request, "digest/feedback/save.html", context)


@reader_page(tokens.FEEDBACK)
@about_a_paper
def mute(request: HttpRequest, reader: Subscriber, paper: Paper) -> HttpResponse:
    """The ways to mute what is like this paper, each with what it would hide, and undo."""
    problem = ""
    if request.method == "POST":
        try:
            return redirect(f"{request.path}{_act_on_mute(request, reader, paper)}")
        except TopicError as error:
            problem = str(error)
    proposals = muting.propose(reader, paper, timezone.now())
    context = _slip(reader, paper, "mute") | {
        "proposals": proposals,
        "problem": problem,
        "muted": _named(proposals, request.GET.get("muted"), is_muted=True),
        "undone": _named(proposals, request.GET.get("undone"), is_muted=False),
    }
    status = 422 if problem else 200
    return render(request, "digest/feedback/mute.html", context, status=status)


def _act_on_mute(request: HttpRequest, reader: Subscriber, paper: Paper) -> str:
    """Mute, or undo; what is to be said on the page that follows."""
    if undone := request.POST.get("undo"):
        done = muting.unmute(reader, paper, undone)
        return f"?{urlencode({'undone': undone})}" if done else ""
    query = request.POST.get("mute", "")
    return f"?{urlencode({'muted': query})}" if muting.mute(reader.pk, paper, query) else ""


def _named(
    proposals: muting.Proposals, query: str | None, *, is_muted: bool
) -> muting.Proposal | None:
    rows = proposals.rows
    return next((row for row in rows if row.query == query and row.is_muted == is_muted), None)


def _slip(reader: Subscriber, paper: Paper, verb: str) -> dict[str, Any]:
    """What every page about one paper shows of it, with the ways to the other pages."""
    return _links(reader) | {"paper": paper, "verb": verb, "verbs": VERBS}


def _links(reader: Subscriber) -> dict[str, Any]:
    return {
        "subscriber": reader,
        "feedback_url": feedback_url(reader.pk),
        "preferences_url": preferences_url(reader.pk),
        "reading_list_url": reading_list_url(reader.pk),
    }
