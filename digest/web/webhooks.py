"""Where providers report: anymail's own views, at their addresses, that answer 400 to what is odd.

A 500 would be tried again for hours and tell nobody what is wrong. Only the reading is forgiving: a
fault while a report is acted on stays a 500, so that the provider brings it once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anymail import urls as anymail_urls
from anymail.exceptions import AnymailAPIError
from anymail.signals import tracking
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import URLPattern, path

from digest.track.event_rows import select_fresh
from digest.track.report import OddReport, Report, read_report
from digest.watch import clock

# What reading JSON of another shape than documented raises.
ODD = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    OSError,  # a date that this system's calendar does not reach
    AnymailAPIError,
)
UNREADABLE = "This is no report that can be read.\n"
# New ones of one post, so that it is answered within a worker's time; the rest comes when the
# provider posts it again, as all do after a 503.
MOST_REPORTS = 1000
RETRY_SECONDS = "30"
MORE_LEFT = f"The first {MOST_REPORTS} new reports were taken; post the same again for the rest.\n"


class RefusingOddReports:
    """Answers 400 to a report that cannot be read; the readable ones beside it count."""

    has_odd = has_more = False

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # More than Django takes by itself; config/body_limit.py says how much.
        request._body = request.read()
        response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        if self.has_more:
            headers = {"Retry-After": RETRY_SECONDS}
            return HttpResponse(MORE_LEFT, status=503, content_type="text/plain", headers=headers)
        return HttpResponseBadRequest(UNREADABLE) if self.has_odd else response

    def run_validators(self, request: HttpRequest) -> None:
        with _refuse_odd():
            super().run_validators(request)  # type: ignore[misc]

    def parse_events(self, request: HttpRequest) -> list[Any]:
        with _refuse_odd():
            events = super().parse_events(request)  # type: ignore[misc]
        read = [(event, self._read_report(event)) for event in events if event is not None]
        readable = [(event, report) for event, report in read if report]
        if len(readable) > MOST_REPORTS:
            fresh = set(map(id, select_fresh([report for _, report in readable])))
            readable = [pair for pair in readable if id(pair[1]) in fresh]
            self.has_more = len(readable) > MOST_REPORTS
        return [event for event, _ in readable[:MOST_REPORTS]]

    def _read_report(self, event: Any) -> Report | None:
        try:
            return read_report(event, self.esp_name, clock.read_now())  # type: ignore[attr-defined]
        except OddReport:
            self.has_odd = True
            return None

    def esp_to_anymail_event(self, *args: Any, **kwargs: Any) -> Any:
        """One of many reports in a post: None for an odd one, noted for the answer."""
        try:
            return super().esp_to_anymail_event(*args, **kwargs)  # type: ignore[misc]
        except ODD:
            self.has_odd = True
            return None


@contextmanager
def _refuse_odd() -> Iterator[None]:
    try:
        yield
    except SuspiciousOperation:  # a wrong secret or signature, which anymail names
        raise
    except ODD as error:
        raise SuspiciousOperation(UNREADABLE) from error


def list_webhooks() -> list[URLPattern]:
    """An address for each of anymail's views that take reports, before its own."""
    found = []
    for pattern in anymail_urls.urlpatterns:
        view = getattr(pattern.callback, "view_class", None)
        if view and (view.signal is tracking or view is MandrillCombinedWebhookView):
            forgiving: Any = type(view.__name__, (RefusingOddReports, view), {})
            found.append(path(str(pattern.pattern), forgiving.as_view()))
    return found
