"""The pages that most visitors ask for are rendered before anybody does, whenever they change.

A thread in each web process looks every few seconds whether anything shown has changed. What
another process has rendered meanwhile it only takes over, where there is a Redis.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from threading import Event, Thread
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, close_old_connections
from django.urls import reverse

from digest.match.process_cache import process_cache
from digest.web.listing import ORDERS, PAGE
from digest.web.period_papers import find_newest_day, select_papers
from digest.web.periods import MAKERS, make_day
from digest.web.shared_pages import read_state
from digest.web.topics import list_last_days, select_busiest_topics
from subscribers.limits.rate_limits import OWN_REQUEST

POLL_SECONDS = 5.0
REST_SECONDS = 30.0  # after a round, so that a change every second costs little
BREATH_SECONDS = 0.02  # between two pages: visitors come first
MOST_TOPICS = 25
logger = logging.getLogger(__name__)


def start_keeping_warm() -> Event:
    """Begin the thread, and return what ends it when it is set; it ends with the process anyway."""
    stopping = Event()
    Thread(target=_keep_warm, args=[stopping], name="warm-pages", daemon=True).start()
    return stopping


def _keep_warm(stopping: Event) -> None:
    handler, warm = BaseHandler(), None
    handler.load_middleware()
    while not stopping.wait(POLL_SECONDS):
        close_old_connections()
        try:
            state = read_state()
            if state and state != warm:
                process_cache.get_catalogue()  # no search has to read what came
                warm_pages(handler, stopping)
                warm = state
                stopping.wait(REST_SECONDS)
        except DatabaseError as error:
            logger.info("No pages are rendered beforehand: %s", error)


def warm_pages(handler: BaseHandler, stopping: Event) -> None:
    """Ask for each of the pages as a visitor would; one that is kept already costs nothing."""
    for address in list_warm_addresses():
        if stopping.wait(BREATH_SECONDS):
            return
        handler.get_response(_make_request(address))


def list_warm_addresses() -> Iterator[str]:
    """The first page, the newest day, its week and month, its papers, and the busiest topics."""
    yield reverse("digest:today")
    if newest := find_newest_day():
        yield from (reverse("digest:span", args=[make(newest)]) for make in MAKERS.values())
        papers = select_papers(make_day(newest)).order_by(*ORDERS["trend"])
        for identifier in papers.values_list("identifier", flat=True)[:PAGE]:
            yield reverse("digest:paper", args=[identifier])
    yield reverse("digest:topics")
    topics = select_busiest_topics(list_last_days()[0])
    for slug in topics.values_list("slug", flat=True)[:MOST_TOPICS]:
        yield reverse("digest:topic", args=[slug])


def _make_request(address: str) -> WSGIRequest:
    site = urlsplit(settings.SITE_URL)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": address, "wsgi.input": BytesIO()}
    environ |= {"SERVER_NAME": site.hostname, "SERVER_PORT": "80", "wsgi.url_scheme": site.scheme}
    # As a proxy of ours says it: else a site behind https would lead on to itself.
    environ |= {"HTTP_HOST": site.netloc, "HTTP_X_FORWARDED_PROTO": site.scheme, OWN_REQUEST: True}
    return WSGIRequest(environ)
