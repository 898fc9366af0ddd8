"""A request for a page that may have been kept, read without Django: most are a visitor's click."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIRequest

MOST_BYTES = 8_000  # of a request; browsers send one or two thousand
# An address without anything that is decoded or resolved, and heads on one line each. Nothing is
# tried twice (`++`), so that no request takes longer than its length.
_REQUEST = re.compile(
    rb"GET (?P<path>/(?!/)[\w.:~/-]*+)(?:\?(?P<query>[!-\"$-~]*+))? HTTP/1\.1\r\n"
    rb"(?P<heads>(?:[\w-]++:[\t -~]*+\r\n)++)\r\n",
    re.ASCII,
)
# Whoever sends one of these is answered by all of Django and gunicorn, as they were written to.
_ODD_HEADS = frozenset(
    [
        *("AUTHORIZATION", "CONTENT_LENGTH", "TRANSFER_ENCODING", "EXPECT", "UPGRADE", "TRAILER"),
        *("HTTP2_SETTINGS", "X_FORWARDED_PROTOCOL", "X_FORWARDED_SSL", "CONTENT_TYPE"),
    ]
)


def read_page_request(data: bytes, session_cookie: str) -> WSGIRequest | None:
    """The request of these bytes, all of one; None where it is anything but a plain one.

    Plain is a GET in HTTP/1.1 without a body, from a visitor who is not signed in, on a connection
    that is to stay open, with each head once.
    """
    match = _REQUEST.fullmatch(data) if len(data) <= MOST_BYTES else None
    if match is None:
        return None
    heads = _read_heads(match["heads"].decode("ascii"))
    if heads is None or session_cookie in heads.get("HTTP_COOKIE", ""):
        return None
    path, query = match["path"].decode("ascii"), (match["query"] or b"").decode("ascii")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
    return WSGIRequest(environ | heads | _OF_EVERY_REQUEST)


_OF_EVERY_REQUEST: dict[str, Any] = {
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.url_scheme": "http",
    "wsgi.input": BytesIO(),  # nobody reads it: there is no body
}


def _read_heads(text: str) -> dict[str, str] | None:
    """The heads as WSGI names them; None where one is odd or comes twice."""
    heads = dict[str, str]()
    for line in text.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        key = name.upper().replace("-", "_")
        if "_" in name or key in _ODD_HEADS or f"HTTP_{key}" in heads:
            return None
        heads[f"HTTP_{key}"] = value.strip("\t ")
    stays_open = heads.get("HTTP_CONNECTION", "keep-alive").lower() == "keep-alive"
    return heads if stays_open and heads.get("HTTP_HOST") else None
