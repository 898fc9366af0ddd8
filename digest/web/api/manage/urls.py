"""The addresses of the management API, below /api/v1/manage/."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path

from digest.web.api.manage import editions, sources, subscribers, suppressions, topics
from digest.web.api.manage.http import Operation, manage_view, say
from digest.web.api.serializers import format_moment


def show_token(request: HttpRequest) -> HttpResponse:
    """Whose token this is and what it may do: for scripts that look before they begin."""
    token = request.management_token  # type: ignore[attr-defined]
    return say(
        {
            "id": token.pk,
            "name": token.name,
            "owner": str(token.owner),
            "scopes": token.scopes,
            "created_at": format_moment(token.created_at),
            "expires_at": format_moment(token.expires_at),
        }
    )


def refuse_unknown(_request: HttpRequest) -> HttpResponse:
    raise Http404("There is no such address. /api/v1/openapi.json names them all.")


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_UNKNOWN = Operation("", refuse_unknown)


urlpatterns = [
    path("token", manage_view(GET=Operation("", show_token))),
    path("subscribers", subscribers.serve_list),
    path("subscribers/<int:pk>", subscribers.serve_one),
    path("subscribers/<int:pk>/<str:name>", subscribers.serve_act),
    path("topics", topics.serve_list),
    path("topics/<int:pk>", topics.serve_one),
    path("suppressions", suppressions.serve_list),
    path("suppressions/<int:pk>", suppressions.serve_one),
    path("editions", editions.serve_list),
    path("editions/<str:day>", editions.serve_one),
    path("editions/<str:day>/<str:name>", editions.serve_act),
    path("sources", sources.serve_list),
    path("sources/<int:pk>", sources.serve_one),
    path("sources/<int:pk>/<str:name>", sources.serve_act),
    re_path("", manage_view(**dict.fromkeys(METHODS, _UNKNOWN))),
]
