"""What holds for requests of every kind: what is refused at once, and the admin's own policy."""

from __future__ import annotations

import re
from collections.abc import Callable

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailImproperlyInstalled,
)
from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
    HttpResponseNotFound,
)
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string

from digest.english import in_a_row
from digest.web.api.http import make_problem

NO_POWERS = ", ".join(
    f"{power}=()"
    for power in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)
# U+202A to U+202E and U+2066 to U+2069 in UTF-8.
_TURNING = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")


class NoNulMiddleware:
    """Nothing has a NUL in its address; PostgreSQL would stumble over one, so nothing is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            said = "No page has a NUL character in its address."
            if request.path_info.startswith(("/api/v1/", "/feeds/")):
                return make_problem(said, 400)
            raise Http404(said)
        return self._get_response(request)


class MethodMiddleware:
    """A page that is asked in a way it does not know answers with a sentence, not with nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            # Its headers stay: which methods it knows, and that a secret address is kept nowhere.
            methods = [method for method in response["Allow"].split(", ") if method != "HEAD"]
            context = {"methods": in_a_row(methods, is_choice=True)}
            response.content = render_to_string("405.html", context, request).encode()
        return response


class WebhookMiddleware:
    """Webhooks exist only with their secret, and what cannot be read there is no fault of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_webhook(request) and not settings.ANYMAIL.get("WEBHOOK_SECRET"):
            raise Http404("No email provider reports to this site.")
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if _is_webhook(request):
            if isinstance(error, AnymailConfigurationError | AnymailImproperlyInstalled):
                return HttpResponseNotFound("This site sends through another provider.\n")
            # What is no message of Amazon's at all, anymail calls an error of its interface.
            if isinstance(error, ValueError | AnymailAPIError):
                return HttpResponseBadRequest("This is no report that can be read.\n")
        return None


def _is_webhook(request: HttpRequest) -> bool:
    return request.path_info.startswith("/anymail/")


class TextGZipMiddleware(GZipMiddleware):
    """Compresses pages, scripts and styles; fonts and pictures are compressed already."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "xml")):
            return super().process_response(request, response)
        return response


class PlainPageMiddleware:
    """What holds for everything that is answered: which powers a page has, and no turned text.

    Signs that turn the direction of text (UAX 9) are taken out of what leaves, wherever they came
    from: with them a title reads as another one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", NO_POWERS)
        # Programs of other sites may ask for what is public and made for them.
        is_shared = request.path_info.startswith(("/api/", "/feeds/", settings.STATIC_URL))
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_shared else "same-origin"
        )
        if not response.streaming and _TURNING.search(response.content):
            response.content = _TURNING.sub(b"", response.content)
            if "Content-Length" in response.headers:  # of all that stood there
                response.headers["Content-Length"] = str(len(response.content))
            if parts := getattr(response, "shared_parts", None):  # what is kept for others
                response.shared_parts = [  # type: ignore[attr-defined]
                    _TURNING.sub(b"", part) for part in parts
                ]
        return response


class AdminPolicyMiddleware:
    """The admin's Content-Security-Policy, looser than the strict one of every other page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._policy = build_policy(config=settings.ADMIN_CONTENT_SECURITY_POLICY)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path_info.startswith("/admin/"):
            response.headers.setdefault(HEADER, self._policy)
        return response
