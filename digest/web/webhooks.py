"""Where providers report: anymail's own views, at their addresses, that answer 400 to what is odd.

A 500 would be tried again for hours and tell nobody what is wrong. Only the reading is forgiving: a
fault while a report is acted on stays a 500, so that the provider brings it once more.

A view is loaded when its address is first asked, instead of `include("anymail.urls")`, which loads
the libraries of all providers: a second at each start of each process, for the one that is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from anymail.exceptions import AnymailAPIError
from anymail.signals import inbound
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import URLPattern, path
from django.utils.module_loading import import_string

from digest.track.event_rows import select_fresh
from digest.track.report import OddReport, Report, read_report
from digest.watch import clock

# anymail's modules of views, and how the names of their classes begin. A test compares them with
# all that anymail has. "sendinblue" is what Brevo's older settings say.
PROVIDERS = {
    "amazon_ses": "AmazonSES",
    "brevo": "Brevo",
    "mailersend": "MailerSend",
    "mailgun": "Mailgun",
    "mailjet": "Mailjet",
    "mailtrap": "Mailtrap",
    "postal": "Postal",
    "postmark": "Postmark",
    "resend": "Resend",
    "sendgrid": "SendGrid",
    "sendinblue": "SendinBlue",
    "sparkpost": "SparkPost",
    "unisender_go": "UnisenderGo",
}
TAKE_NO_MAIL = {"unisender_go"}
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
        # More than Django takes by itself; config/body_sizes.py says how much.
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


class RefusingOddMail:
    """Answers 400 to a mail that a provider brings and that cannot be read."""

    def run_validators(self, request: HttpRequest) -> None:
        with _refuse_odd():
            super().run_validators(request)  # type: ignore[misc]

    def parse_events(self, request: HttpRequest) -> list[Any]:
        with _refuse_odd():
            return list(super().parse_events(request))  # type: ignore[misc]


@contextmanager
def _refuse_odd() -> Iterator[None]:
    try:
        yield
    except SuspiciousOperation:  # a wrong secret or signature, which anymail names
        raise
    except ODD as error:
        raise SuspiciousOperation(UNREADABLE) from error


def list_webhooks() -> list[URLPattern]:
    """All of anymail's addresses: where reports come, and where mail comes in."""
    views = {f"{name}/tracking/": f"{name}.{start}Tracking" for name, start in PROVIDERS.items()}
    for name, start in PROVIDERS.items():
        if name not in TAKE_NO_MAIL:
            views[f"{name}/inbound/"] = f"{name}.{start}Inbound"
    # Mailgun sends the whole mail where it sees "mime" in the address.
    views["mailgun/inbound_mime/"] = views["mailgun/inbound/"]
    # Mandrill has one address for both; the second is the one of long ago.
    views["mandrill/"] = views["mandrill/tracking/"] = "mandrill.MandrillCombined"
    return [path(address, LazyView(name)) for address, name in views.items()]


class LazyView:
    """One of anymail's views, "resend.ResendTracking", that its first request loads."""

    csrf_exempt = True

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer: HttpResponse = self.load()(request)
        return answer

    def load(self) -> Any:
        """anymail's own view, forgiving where it reads reports.

        Raises ImportError where a package of the provider is missing that anymail needs at once.
        """
        return _load_view(self.name)


@cache
def _load_view(name: str) -> Any:
    view = import_string(f"anymail.webhooks.{name}WebhookView")
    reading = RefusingOddMail if view.signal is inbound else RefusingOddReports
    forgiving: Any = type(view.__name__, (reading, view), {})
    return forgiving.as_view()
