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

from digest.track.report import OddReport, read_report
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


class RefusingOddReports:
    """Answers 400 to a report that cannot be read; the readable ones beside it count."""

    has_odd = False

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return HttpResponseBadRequest(UNREADABLE) if self.has_odd else response

    def run_validators(self, request: HttpRequest) -> None:
        with _refuse_odd():
            super().run_validators(request)  # type: ignore[misc]

    def parse_events(self, request: HttpRequest) -> list[Any]:
        with _refuse_odd():
            events = super().parse_events(request)  # type: ignore[misc]
        return [event for event in events if event is not None and self._can_be_read(event)]

    def _can_be_read(self, event: Any) -> bool:
        try:
            read_report(event, self.esp_name, clock.read_now())  # type: ignore[attr-defined]
        except OddReport:
            self.has_odd = True
            return False
        return True

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
