"""What reaches the site as the web server hands it over."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from config.wsgi import application
from subscribers.mail import mail_links
from tests.factories import make_reader

pytestmark = pytest.mark.django_db
CHARSETS = ["hex", "rot13", "utf-7", "unicode_escape", "undefined", "no", "ISO-8859-1", '"utf8"']


@pytest.fixture(autouse=True)
def kept_connections() -> Iterator[None]:
    """The test's own connection stays open between two requests."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def status_of(method: str, path: str, kind: str, body: bytes = b"", query: str = "") -> int:
    environ: dict[str, Any] = RequestFactory()._base_environ(
        PATH_INFO=path,
        QUERY_STRING=query,
        REQUEST_METHOD=method,
        CONTENT_TYPE=kind,
        CONTENT_LENGTH=str(len(body)),
    )
    environ["wsgi.input"] = BytesIO(body)
    said: list[str] = []
    list(application(environ, lambda status, _headers, _error=None: said.append(status)))
    return int(said[0].split()[0])


@pytest.mark.parametrize("charset", CHARSETS)
def test_whatever_a_request_calls_its_letters_it_is_answered(charset: str) -> None:
    query = "q=%ED%A0%80+RAG"
    assert status_of("GET", "/search", f"text/html; charset={charset}", query=query) == 200
    form = f"multipart/form-data; charset={charset}; boundary=x"
    assert status_of("POST", "/subscribe/", form, b"--x--\r\n") == 422


@pytest.mark.parametrize(
    "kind",
    [
        *(f"application/x-www-form-urlencoded; charset={charset}" for charset in CHARSETS),
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
    ],
)
def test_one_click_unsubscribes_whatever_the_mailbox_calls_its_letters(kind: str) -> None:
    reader = make_reader("RAG")
    link = urlsplit(mail_links.unsubscribe_url(reader.pk)).path
    assert status_of("POST", link, kind, b"List-Unsubscribe=One-Click") == 200
    reader.refresh_from_db()
    assert reader.status == "unsubscribed"
