"""Addresses of sources: tidied, compared, and refused where they lead into our own network."""

from __future__ import annotations

import ipaddress
import re
import socket
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext as _

from digest.ingest.sources.address_guard import is_public

_FEED_SCHEME = re.compile(r"(?:feed|rss|itpc|pcast):(?://)?(?=\S)", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
# Names that mean something in one's own network alone: RFC 6761, RFC 6762, RFC 8375, RFC 9476.
_INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain")


def tidy_url(url: str) -> str:
    """The address without blanks, in the small letters that count for nothing, and of the web.

    >>> tidy_url(" feed://WWW.Example.org:80/Rss#top")
    'http://www.example.org/Rss'
    """
    url = url.strip()
    if opened := _FEED_SCHEME.match(url):
        rest = url[opened.end() :]
        url = rest if re.match(r"https?://", rest, re.IGNORECASE) else f"http://{rest}"
    parts = split_url(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        return url
    return urlunsplit(parts._replace(netloc=_tidy_netloc(parts), fragment=""))


def make_address_key(url: str) -> str:
    """Equal for addresses of one source: https or not, a slash at the end or none."""
    parts = split_url(tidy_url(url))
    return urlunsplit(("", parts.netloc, parts.path.rstrip("/"), parts.query, ""))


def split_url(url: str) -> SplitResult:
    """The parts of an address, all of them empty where it is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises ValueError for what is no port)
    except ValueError:
        return urlsplit("")
    return parts


def explain_inner_address(url: str) -> str:
    """Why an address is refused before anybody is asked, or "": it leads into a private network.

    What a name leads to is seen when it is fetched (`address_guard`).
    """
    host = (split_url(url).hostname or "").rstrip(".")
    if not host or host in {name.strip("[]").lower() for name in settings.FETCH_ALLOW_PRIVATE}:
        return ""
    name = f".{host}"
    is_inner = any(name.endswith(f".{inner}") for inner in _INNER_NAMES)
    number = _read_ip_address(host)
    if is_inner or (number and not is_public(number)):
        return _(
            "%(host)s is an address within a private network, which is not asked. If it is "
            "meant, set FETCH_ALLOW_PRIVATE=%(host)s."
        ) % {"host": host}
    return ""


def _read_ip_address(host: str) -> str:
    """The IP address that a host is written as, also 2130706433 and 0x7f.1; "" for a name."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(host.partition("%")[0]))
    with suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(host))
    return ""


def _tidy_netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    user, at, _unused = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port and parts.port != _PORTS[parts.scheme] else ""
    return f"{user}{at}{host}{port}"
