"""Nobody's requests take the site from everybody else: lanes, and CPU seconds for each network."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from config.lanes import COSTLY, INTERESTS, PAGES, find_lane
from digest.web.api.http import make_problem
from subscribers.limits import cpu_budget
from subscribers.limits.rate_limits import OWN_REQUEST, find_network, note_proxies

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BUSY_SECONDS = 2
BUSY = gettext_lazy("Many people ask for this at the moment. Try again in a few seconds.")
TOO_COSTLY = gettext_lazy(
    "The pages that your network asked for took more computing than one network may use in five "
    "minutes. Try again in {wait}. Signing up, and the links in your mails, work meanwhile."
)


class FairShareMiddleware:
    """Answers in the lane of the address, or with 503; with 429 where a network used its share.

    Behind SharedPageMiddleware: a page that is kept costs nothing and is never refused. Sign-up,
    the links of mails and staff are counted and never refused for what their network used. What
    this site asks itself, before it is read or mailed, is neither.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        lane = find_lane(request.path_info)
        if lane is None or OWN_REQUEST in request.META:
            return self._get_response(request)
        network, now = find_network(request), timezone.now()
        note_proxies(request, now)
        if lane in (PAGES, COSTLY, INTERESTS) and (wait := cpu_budget.find_wait(network, now)):
            minutes = -(-wait // 60)
            words = ngettext("a minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}
            return refuse(request, TOO_COSTLY.format(wait=words), 429, wait)
        with lane.enter() as has_place:
            if not has_place:
                return refuse(request, BUSY, 503, BUSY_SECONDS)
            began_at = time.thread_time()
            try:
                return self._get_response(request)
            finally:
                cpu_budget.count_seconds(network, time.thread_time() - began_at, now)


def refuse(request: HttpRequest, said: StrOrPromise, status: int, seconds: int) -> HttpResponse:
    """An answer that says why not now, and in how many seconds."""
    response: HttpResponse
    if request.path_info.startswith(("/api/v1/", "/feeds/")):
        response = make_problem(str(said), status)
    elif "HX-Request" in request.headers:  # it stands where the numbers would
        response = HttpResponse(f'<p class="errorlist">{said}</p>', status=status)
    else:
        response = HttpResponse(_render_page(said, status), status=status)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(32)
def _render_page(said: StrOrPromise, status: int) -> str:
    """The page for people, rendered once: in a flood each one that is refused must cost nothing."""
    return render_to_string("503.html", {"said": said, "status": status})
