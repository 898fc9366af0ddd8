"""One spelling for all addresses of one page."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid|_hsenc|_hsmi|ref_src|cmp"
    r"|at_(?:medium|campaign|custom\d*)|ito|ns_(?:mchannel|source|campaign|linkname)|wt_mc|cmpid"
    r"|jsessionid|phpsessid|dgcid|rft_dat|rss|track|af",
    re.IGNORECASE,
)
# What a server that cannot set a cookie writes into the path:
# https://docs.oracle.com/cd/E19798-01/821-1841/bnagm/index.html
_SESSION = re.compile(r";(?:jsessionid|sid)=[^/?#]*", re.IGNORECASE)


def normalise_url(url: str) -> str:
    """One spelling for all addresses of one page: no tracking, fragment, port or last slash."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return url.strip()
    if parts.scheme.lower() not in ("http", "https") or not host:
        return url.strip()
    standard = port in (None, 80, 443)
    netloc = host if standard else f"{host}:{port}"
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    query = "&".join(sorted(_filter_parameters(parts.query)))
    path = _SESSION.sub("", parts.path).rstrip("/")
    return urlunsplit(("https", netloc, path, query, fragment))


def _filter_parameters(query: str) -> list[str]:
    pairs = (pair for pair in query.split("&") if pair)
    return [pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0])]
