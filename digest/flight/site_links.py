"""Whether an address of this site answers: asked inside the process, without a network.

What is asked are pages that mail links to. They only show, whoever asks: GET is safe here.
"""

from __future__ import annotations

import io
from functools import cache
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from subscribers.limits.rate_limits import OWN_REQUEST

_STATUS_ALONE = "offprint.status_alone"  # no header has a name like this


def is_own(url: str) -> bool:
    """Whether the address is one of this site's."""
    return url == settings.SITE_URL or url.startswith(f"{settings.SITE_URL}/")


def name_page(url: str) -> str:
    """The URL name of the page, "" where this site has none at that address."""
    try:
        return resolve(_read_path(url)).view_name
    except Resolver404:
        return ""


def read_token(url: str) -> str:
    """The token in the address of a page, "" where it has none."""
    try:
        return str(resolve(_read_path(url)).kwargs.get("token", ""))
    except Resolver404:
        return ""


def load_site() -> None:
    """Read all addresses and what stands around pages: a third of a second, once in a process.

    Asks no database. Call it before anybody waits; else the first edition does.
    """
    reverse("digest:today")
    _load_handler()


def find_status(url: str) -> int:
    """The HTTP status that a visitor of the address gets. Raises what the database raises."""
    site, path = urlsplit(settings.SITE_URL), _read_path(url)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": urlsplit(url).query,
        "SERVER_NAME": site.hostname or "localhost",
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": site.netloc,
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(),
        OWN_REQUEST: True,  # else an edition would wait for what others asked from here
        _STATUS_ALONE: True,
    }
    # Nobody closes the response: that would tell Django to close the worker's own connection.
    return int(_load_handler().get_response(WSGIRequest(environ)).status_code)


def asks_status_alone(request: HttpRequest) -> bool:
    """Whether nobody will see the page: what reads all papers of weeks may be left out of it.

    A process that delivers would else spend seconds and its memory on the catalogue before the
    first mail of an edition.
    """
    return _STATUS_ALONE in request.META


def _read_path(url: str) -> str:
    path = urlsplit(url.removeprefix(settings.SITE_URL)).path or "/"
    return unquote_to_bytes(path).decode(errors="replace")


@cache
def _load_handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler
