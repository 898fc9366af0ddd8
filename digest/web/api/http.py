"""Answers for programs: open to every site, asked again cheaply, and refused in JSON.

RFC 9110 for conditions, RFC 9457 for what a refusal looks like.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.http import parse_http_date_safe
from django.views.decorators.csrf import csrf_exempt

from subscribers import rate_limits
from subscribers.web.decorators import only_reads

View = Callable[..., HttpResponse]
METHODS = "GET, HEAD, OPTIONS"
FRESH_SECONDS = 300
DAY_SECONDS = 86_400


class Refused(Exception):
    """A request that cannot be answered; its text says what is wrong and what to ask instead."""

    def __init__(self, detail: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(detail)
        self.status = status


def open_answer(view: View) -> View:
    """For addresses that programs ask: counted, readable from any page, with ETag and 304."""

    @csrf_exempt  # it reads only, and what else is sent gets a 405 that says so
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _answer(view, request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link, Retry-After"
        return response

    return answered


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    if request.method == "OPTIONS":
        return _preflight()
    if request.method not in ("GET", "HEAD"):
        response = problem("This address can only be read: ask with GET.", 405)
        response["Allow"] = METHODS
        return response
    if refusal := rate_limits.ANSWERS.refuse(request, timezone.now()):
        response = problem(str(refusal), 429)
        response["Retry-After"] = str(refusal.seconds)
        return response
    try:
        return _conditional(request, view(request, *args, **kwargs))
    except Refused as refused:
        return problem(str(refused), refused.status)
    except Http404 as missing:
        return problem(str(missing), 404)


def _preflight() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Allow"] = response["Access-Control-Allow-Methods"] = METHODS
    response["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
    response["Access-Control-Max-Age"] = str(DAY_SECONDS)
    return response


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer, or 304 where the asker has it already."""
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    set_response_etag(response)
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    kept = get_conditional_response(request, response["ETag"], changed, response)
    return response if kept is None else kept


def asked_again_cheaply(view: View) -> View:
    """For files that programs ask for: with ETag and 304, for HEAD as for GET."""

    @only_reads
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        set_response_etag(response)
        kept = get_conditional_response(request, response["ETag"], None, response)
        return response if kept is None else kept

    return answered


def problem(detail: str, status: int) -> JsonResponse:
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response
