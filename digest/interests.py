"""The page that turns what somebody has read into topics to tick. It keeps nothing of it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from digest.charts import columns
from digest.proposals import Lookup, NothingProposed, propose
from digest.tried import rate_in_words
from subscribers import limits
from subscribers.pages import too_many

PAGE = "digest/interests.html"


@csrf_exempt  # It only reads; the form carries no secret and sets no cookie.
@require_http_methods(["GET", "HEAD", "POST"])
def interests(request: HttpRequest) -> HttpResponse:
    """Show the form; or, to what was pasted, topics with the papers a day each brings."""
    if request.method != "POST":
        return render(request, PAGE, {})
    now = timezone.now()
    if refusal := limits.PROPOSALS.refuse(request, now):
        return too_many(request, refusal)
    return _proposals(request, request.POST.get("pasted", ""), now)


def _proposals(request: HttpRequest, pasted: str, now: datetime) -> HttpResponse:
    try:
        proposals = propose(
            pasted, now, Lookup(lambda: limits.LOOKUPS.refuse(request, now) is None)
        )
    except NothingProposed as problem:
        return render(request, PAGE, {"pasted": pasted, "problem": problem}, status=422)
    rows = [
        (topic, rate_in_words(topic.volume.a_day), columns(topic.volume.days))
        for topic in proposals.topics
    ]
    return render(request, PAGE, {"pasted": pasted, "proposals": proposals, "rows": rows})
