"""One polite, guarded, bounded HTTP GET, for every source.

Guarded: only public addresses are connected to, and every redirect is checked alike. Bounded: in
bytes, in redirects, and in seconds, by a deadline that also stops a server which sends one byte at
a time. Polite: conditional, compressed, and saying who asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import requests
import urllib3
from django.conf import settings
from django.utils.translation import gettext as _

from digest.ingest.sources.address_guard import Deadline, open_guarded_session
from digest.ingest.sources.fetch_errors import FetchError, explain_error, explain_status
from digest.ingest.sources.gzip_body import BodyTooLarge, is_gzip, unpack_gzip

if TYPE_CHECKING:
    pass

VERSION = "0.2.0"  # what servers are told; a test holds it to pyproject.toml
FETCH_SECONDS = 30.0
FETCH_BYTES = 10_000_000  # decoded
REDIRECTS = 5
CHUNK_BYTES = 16_384  # of the wire; gzip can blow it up a thousandfold before we count

_PERMANENT = {301, 308}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class FetchedDocument:
    """A server's answer: a body, or the news that there is nothing new."""

    body: bytes = b""
    is_unchanged: bool = False
    is_whole: bool = True  # False: the connection broke before the announced end
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""  # set when every redirect on the way was a permanent one


def fetch_url(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    seconds: float = FETCH_SECONDS,
    max_bytes: int = FETCH_BYTES,
) -> FetchedDocument:
    """GET a public address within `seconds` in all and `max_bytes` decoded.

    `etag` and `last_modified` are an earlier answer's own, byte for byte: servers compare them as
    they stand (https://www.rfc-editor.org/rfc/rfc9110#section-13.1). Raises FetchError.
    """
    asked = replace_live_host(url)
    deadline = Deadline(seconds)
    try:
        with deadline, open_guarded_session(deadline) as session:
            fetched = _get_through_redirects(
                session, asked, _make_headers(etag, last_modified), max_bytes, deadline
            )
    except FetchError:
        raise
    except Exception as error:  # requests, urllib3, ssl and codecs each have their own
        raise explain_error(error, deadline, _split_url(asked).hostname or asked) from error
    # A test host that took a live one's place says nothing about where the live one moved.
    return fetched if asked == url else replace(fetched, moved_to="")


_ARXIV_HOSTS = {"arxiv.org", "rss.arxiv.org", "export.arxiv.org"}
_LIVE_ARXIV, _LIVE_HF = "https://rss.arxiv.org", "https://huggingface.co"


def replace_live_host(url: str) -> str:
    """The address with the host that the settings put in the place of a live one."""
    parts = _split_url(url)
    if parts.hostname in _ARXIV_HOSTS and settings.OFFPRINT_ARXIV_URL != _LIVE_ARXIV:
        base = settings.OFFPRINT_ARXIV_URL
    elif parts.hostname == "huggingface.co" and settings.OFFPRINT_HF_URL != _LIVE_HF:
        base = settings.OFFPRINT_HF_URL
    else:
        return url
    other = urlsplit(base)
    return urlunsplit(parts._replace(scheme=other.scheme, netloc=other.netloc))


# -- asking --------------------------------------------------------------------------------------


def _make_headers(etag: str = "", last_modified: str = "") -> dict[str, str]:
    headers = {
        "User-Agent": format_user_agent(),
        "Accept": "application/atom+xml, application/rss+xml, application/json;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
    }
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


def format_user_agent() -> str:
    """The User-Agent header: who asks, and where to complain."""
    return f"Offprint/{VERSION} (+{settings.SITE_URL})"


def _get_through_redirects(
    session: requests.Session,
    url: str,
    headers: dict[str, str],
    max_bytes: int,
    deadline: Deadline,
) -> FetchedDocument:
    is_permanent, asked = True, url
    for _unused in range(REDIRECTS + 1):
        _check_scheme(asked)
        with _open_response(session, asked, headers, deadline) as response:
            target = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not target:
                moved_to = asked if is_permanent and asked != url else ""
                return _read_response(response, max_bytes, deadline, moved_to)
            is_permanent = is_permanent and response.status_code in _PERMANENT
            asked = urljoin(asked, target)
    raise FetchError(
        _("It redirected more than %(times)s times; the last was to %(url)s.")
        % {"times": REDIRECTS, "url": asked[:150]}
    )


def _split_url(url: str) -> SplitResult:
    """The parts of an address, all of them empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _check_scheme(url: str) -> None:
    parts = _split_url(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(
            _("“%(url)s” is not an address that begins with http:// or https://.")
            % {"url": url[:150]}
        )


@contextmanager
def _open_response(
    session: requests.Session, url: str, headers: dict[str, str], deadline: Deadline
) -> Iterator[requests.Response]:
    response = session.get(
        url, headers=headers, stream=True, allow_redirects=False, timeout=deadline.remaining
    )
    try:
        if deadline.is_over:
            raise TimeoutError  # a head that was cut off may look like a whole one
        yield response
    finally:
        response.close()


def _read_response(
    response: requests.Response, max_bytes: int, deadline: Deadline, moved_to: str
) -> FetchedDocument:
    if response.status_code == 304:
        return FetchedDocument(is_unchanged=True, moved_to=moved_to)
    if response.status_code != 200:
        raise explain_status(response)
    body, is_whole = _read_body(response, max_bytes, deadline)
    if is_gzip(body):
        try:
            body, is_unpacked = unpack_gzip(body, max_bytes)
        except BodyTooLarge as error:
            raise _refuse_size(max_bytes) from error
        is_whole = is_whole and is_unpacked
    return FetchedDocument(
        body=body,
        is_whole=is_whole,
        content_type=response.headers.get("Content-Type", ""),
        etag=response.headers.get("ETag", "") if is_whole else "",
        last_modified=response.headers.get("Last-Modified", "") if is_whole else "",
        moved_to=moved_to,
    )


def _read_body(
    response: requests.Response, max_bytes: int, deadline: Deadline
) -> tuple[bytes, bool]:
    """The decoded body as far as it came, and whether that was all of it."""
    raw = response.raw
    raw.enforce_content_length = False  # what came before the connection broke is worth reading
    body = bytearray()
    try:
        for chunk in raw.stream(CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > max_bytes:
                raise _refuse_size(max_bytes)
        is_whole = raw.length_remaining in (0, None)
    except (urllib3.exceptions.ProtocolError, ConnectionError):
        is_whole = False
    if deadline.is_over:
        raise TimeoutError
    return bytes(body), is_whole


def _refuse_size(max_bytes: int) -> FetchError:
    return FetchError(
        _("It sent more than %(size)s MB, so we stopped.") % {"size": max_bytes // 1_000_000}
    )
