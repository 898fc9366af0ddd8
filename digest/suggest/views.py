"""The live preview: what somebody's topics would bring, while they type; and proposed topics.

`/preview/` answers with numbers for each topic; htmx puts them beside the form, and without
JavaScript the form's Preview button shows them on a page. `/preview/mail/` is the digest itself,
set in the real template, for a sandboxed frame.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from digest.suggest.addresses import are_addresses
from digest.suggest.arxiv_lookup import Lookup
from digest.suggest.drafts import NothingProposed
from digest.suggest.preview import READER, preview_digest, render_preview
from digest.suggest.suggest import propose_topics
from digest.suggest.topic_counts import count_topics, describe_rate
from digest.web.charts import draw_columns
from digest.web.concurrency_limit import limit_concurrency
from digest.web.outbox import make_frame_response
from subscribers import forgiving_cache
from subscribers.limits import rate_limits
from subscribers.models import MAX_TOPICS, Subscriber
from subscribers.topics import TopicError, parse_once
from subscribers.web.decorators import only_reads, render_too_many
from subscribers.web.fields import split_topics
from subscribers.web.forms import SCHEDULE_DEFAULTS, ScheduleForm, SignUpForm

MOST_CHARS = 20_000
CACHE_SECONDS = 600
PATIENCE_SECONDS, BUSY_SECONDS = 3.0, 3
NO_TIME = _("There was no time to look at all of this: the digest may hold more and other papers.")
_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)
TOPIC_FIELDS = ("topics", "followed", "t")


@csrf_exempt  # it changes nothing, and a page without cookies has no token
@require_http_methods(["GET", "HEAD", "POST"])
def show_preview(request: HttpRequest) -> HttpResponse:
    """Numbers for each topic: a fragment for htmx, else the sign-up page with them in it."""
    is_live = "HX-Request" in request.headers
    if refusal := rate_limits.PREVIEWS.refuse(request, timezone.now()):
        return render_too_many(
            request, refusal, "subscribers/_too_many.html" if is_live else "429.html"
        )
    fields = request.POST if request.method == "POST" else request.GET
    typed = _read_topics(fields)
    counts = count_topics(typed, timezone.now())
    if is_live:
        context = {"counts": counts, "brief": fields.get("brief", "")}
        return render(request, "subscribers/_topic_counts_live.html", context)
    if "followed" in fields:
        return render(request, "subscribers/preview.html", {"counts": counts})
    form = SignUpForm(initial=_read_form_values(fields, typed))
    wishes = urlencode({name: fields[name] for name in SCHEDULE_DEFAULTS if fields.get(name)})
    context = {"form": form, "counts": counts, "wishes": wishes}
    return render(request, "subscribers/subscribe.html", context)


def _read_topics(fields: QueryDict) -> list[str]:
    """What was typed, under any of the names our forms give it.

    A button "instead" puts another topic for the one at a position: "2:soft robots".
    """
    lines = [line for name in TOPIC_FIELDS for line in fields.getlist(name)]
    topics = split_topics("\n".join(lines)[:MOST_CHARS])
    position, _, offered = fields.get("instead", "").partition(":")
    places = {str(place): place for place in range(len(topics))}
    if offered and position in places:
        topics[places[position]] = offered
    return topics


def _read_form_values(fields: QueryDict, topics: list[str]) -> dict[str, object]:
    """The whole form as it was, so that a preview loses nothing."""
    names = ("email", "cadence", "send_hour", "timezone", "max_papers")
    values: dict[str, object] = {name: fields[name] for name in names if fields.get(name)}
    return values | {"topics": "\n".join(topics)}


@only_reads
def show_mail(request: HttpRequest) -> HttpResponse:
    """The digest that these topics would bring now, as a document of its own."""
    now = timezone.now()
    if refusal := rate_limits.PREVIEWS.refuse(request, now):
        return render_too_many(request, refusal, "subscribers/many_previews.html")
    queries = [query for query in _read_topics(request.GET)[:MAX_TOPICS] if _is_topic(query)]
    wishes = _read_schedule(request.GET)
    key = sha256("\n".join([*queries, repr(wishes)]).encode()).hexdigest()
    html = _recall_or_render_mail(f"preview:{key}", queries, wishes)
    if html is None:
        context = {"query": request.GET.urlencode()}
        response = render(request, "subscribers/busy_preview.html", context, status=429)
        response["Retry-After"] = str(BUSY_SECONDS)
        return response
    return make_frame_response(html) if html else render(request, "subscribers/no_preview.html")


def _recall_or_render_mail(key: str, queries: Sequence[str], wishes: dict[str, Any]) -> str | None:
    """The mail's HTML, "" where no paper is in it; None while others are being rendered."""
    if (cached := forgiving_cache.read_value(key)) is not None:
        return str(cached)
    with limit_concurrency(PATIENCE_SECONDS) as is_free:
        if not is_free:
            return None
        html = _render_mail(queries, wishes)
    forgiving_cache.write_value(key, html, CACHE_SECONDS)
    return html


def _is_topic(query: str) -> bool:
    try:
        parse_once(query)
    except TopicError:
        return False
    return True


def _read_schedule(fields: QueryDict) -> dict[str, Any]:
    """When the digest should come and how long it may be, where the form says so; else as usual."""
    form = ScheduleForm(SCHEDULE_DEFAULTS | fields.dict())
    return form.cleaned_data if form.is_valid() else dict(SCHEDULE_DEFAULTS)


def _render_mail(queries: Sequence[str], wishes: dict[str, Any]) -> str:
    if not queries:
        return ""
    now, subscriber = timezone.now(), Subscriber(pk=0, email=READER, **wishes)
    preview = preview_digest(queries, now, subscriber.max_papers, is_hurried=True)
    message = render_preview(preview, now, subscriber)
    html = str(message.alternatives[0][0]) if message else ""
    return html if preview.is_whole else _say_above(html, str(NO_TIME))


def _say_above(html: str, said: str) -> str:
    """The mail with a line of ours above it, in the mail's own colours."""
    line = render_to_string("emails/digest/_preview_note.html", {"said": said})
    body = _BODY.search(html)
    at = body.end() if body else 0
    return f"{html[:at]}{line}{html[at:]}"


PAGE = "digest/interests.html"
BUSY = _("Others are being answered at this moment, one after another. Press the button again.")
MOST_LOOKED_AT = 40_000  # letters, to see whether they are addresses


@csrf_exempt  # It only reads; the form carries no secret and sets no cookie.
@require_http_methods(["GET", "HEAD", "POST"])
def show_interests(request: HttpRequest) -> HttpResponse:
    """Show the form; or, to what was pasted, topics with the papers a day each brings."""
    if request.method != "POST":
        return render(request, PAGE, {})
    now = timezone.now()
    if refusal := rate_limits.PROPOSALS.refuse(request, now):
        return render_too_many(request, refusal)
    pasted = request.POST.get("pasted", "")
    if are_addresses(pasted[:MOST_LOOKED_AT]):
        # arXiv is waited for, which must keep nobody from their turn.
        return _render_proposals(request, pasted, now)
    with limit_concurrency(PATIENCE_SECONDS) as is_free:
        if is_free:
            return _render_proposals(request, pasted, now)
    response = render(request, PAGE, {"pasted": pasted, "problem": BUSY}, status=503)
    response["Retry-After"] = str(BUSY_SECONDS)
    return response


def _render_proposals(request: HttpRequest, pasted: str, now: datetime) -> HttpResponse:
    try:
        proposals = propose_topics(
            pasted, now, Lookup(lambda: rate_limits.LOOKUPS.refuse(request, now) is None)
        )
    except NothingProposed as problem:
        return render(request, PAGE, {"pasted": pasted, "problem": problem}, status=422)
    rows = [
        (topic, describe_rate(topic.volume.a_day), draw_columns(topic.volume.days))
        for topic in proposals.topics
    ]
    return render(request, PAGE, {"pasted": pasted, "proposals": proposals, "rows": rows})
