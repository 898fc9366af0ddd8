"""No public page takes more than a form can hold."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Fifty topics of 200 characters, each written as nine bytes, and what else is on a form.
MOST_BYTES = 256_000
# A bibliography of some hundred entries with their abstracts is pasted whole.
LARGER = {"/interests/": 2_500_000}
# Staff have to say who they are.
STAFF, STAFF_BYTES = "/admin/", 10_000_000
# Providers report many events at once.
WEBHOOKS, WEBHOOK_BYTES = "/anymail/", 10_000_000
TOO_MANY_REPORTS = "A post of reports has 10 megabytes at most: send fewer at once.\n"


class BodyLimitMiddleware:
    """Answers a request that is too large with 413, before any of it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if read_content_length(request) <= find_most_bytes(request.path_info):
            return self._get_response(request)
        if request.path_info.startswith(WEBHOOKS):
            return HttpResponse(TOO_MANY_REPORTS, status=413, content_type="text/plain")
        if request.path_info.startswith("/api/v1/"):
            # Imported here: the server reads the limits before there are models.
            from digest.web.api.http import make_problem  # noqa: PLC0415

            return make_problem(f"A body has {MOST_BYTES:,} bytes at most: send less at once.", 413)
        is_pasted = request.path_info in LARGER
        return render(request, "413.html", {"is_pasted": is_pasted}, status=413)


def find_most_bytes(path: str) -> int:
    """How long a body may be that is posted to this path."""
    if path.startswith(WEBHOOKS):
        return WEBHOOK_BYTES
    return STAFF_BYTES if path.startswith(STAFF) else LARGER.get(path, MOST_BYTES)


def read_content_length(request: HttpRequest) -> int:
    """As the header says; without it Django reads nothing at all."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0
