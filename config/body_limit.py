"""No public page takes more than a form can hold."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.body_sizes import LARGER, MOST_BYTES, WEBHOOKS, find_most_bytes
from digest.web.api.http import make_problem

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
            return make_problem(f"A body has {MOST_BYTES:,} bytes at most: send less at once.", 413)
        is_pasted = request.path_info in LARGER
        return render(request, "413.html", {"is_pasted": is_pasted}, status=413)


def read_content_length(request: HttpRequest) -> int:
    """As the header says; without it Django reads nothing at all."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0
