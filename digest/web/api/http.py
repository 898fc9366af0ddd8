"""HTTP of the API: rate limits, CORS, conditional requests, and refusals in JSON.

RFC 9110 for conditional requests, RFC 9457 for what a refusal looks like.
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

from subscribers.limits import rate_limits
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


def api_view(view: View) -> View:
    """For the API's views: GET and HEAD only, rate limited, open to any origin, with ETag and 304.

    What the view raises as Refused or Http404 becomes a response in JSON.
    """

    @csrf_exempt  # it reads only, and what else is sent gets a 405 that says so
    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _respond_or_refuse(view, request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link, Retry-After"
        return response

    return respond


def _respond_or_refuse(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    if request.method == "OPTIONS":
        return _respond_to_preflight()
    if request.method not in ("GET", "HEAD"):
        response = make_problem("This address can only be read: ask with GET.", 405)
        response["Allow"] = METHODS
        return response
    if refusal := rate_limits.ANSWERS.refuse(request, timezone.now()):
        response = make_problem(str(refusal), 429)
        response["Retry-After"] = str(refusal.seconds)
        return response
    try:
        return _respond_conditionally(request, view(request, *args, **kwargs))
    except Refused as refused:
        return make_problem(str(refused), refused.status)
    except Http404 as missing:
        return make_problem(str(missing), 404)


def _respond_to_preflight() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Allow"] = response["Access-Control-Allow-Methods"] = METHODS
    response["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
    response["Access-Control-Max-Age"] = str(DAY_SECONDS)
    return response


def _respond_conditionally(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with its ETag, or 304 where the client has it already."""
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    set_response_etag(response)
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    conditional = get_conditional_response(request, response["ETag"], changed, response)
    return response if conditional is None else conditional


def conditional_view(view: View) -> View:
    """For files that programs fetch again and again: with ETag and 304, for HEAD as for GET."""

    @only_reads
    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        set_response_etag(response)
        conditional = get_conditional_response(request, response["ETag"], None, response)
        return response if conditional is None else conditional

    return respond


def make_problem(
    detail: str, status: int, errors: dict[str, list[str]] | None = None
) -> JsonResponse:
    """Return a refusal as RFC 9457 has it: `detail` says what is wrong and what to ask instead.

    `errors` has the same by the fields of a body, for programs.
    """
    body: dict[str, Any] = {"title": HTTPStatus(status).phrase, "status": status}
    body |= {"detail": detail} | ({"errors": errors} if errors else {})
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response
