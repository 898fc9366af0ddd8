"""Counters in the cache that slow down whoever asks too much: fixed windows, nothing else."""

from __future__ import annotations

import ipaddress
import logging
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WINDOW_SECONDS = 3600
SIGN_UPS_PER_NETWORK = 40  # a seminar behind one address must fit
SIGN_UPS_IN_ALL = 5000
# Somebody who types looks at a preview every few seconds.
PREVIEWS_PER_NETWORK = 1200
PREVIEWS_IN_ALL = 60_000
SEARCHES_PER_NETWORK, SEARCHES_IN_ALL = 1200, 60_000
ANSWERS_PER_NETWORK, ANSWERS_IN_ALL = 3000, 200_000  # of the API


def allows_sign_up(request: HttpRequest, now: datetime) -> bool:
    """Count one more sign-up; False when its network, or the world, had enough for this hour."""
    return _allows("sign-ups", SIGN_UPS_PER_NETWORK, SIGN_UPS_IN_ALL, request, now)


def allows_preview(request: HttpRequest, now: datetime) -> bool:
    """The same for the preview of a digest, which costs us a search."""
    return _allows("previews", PREVIEWS_PER_NETWORK, PREVIEWS_IN_ALL, request, now)


def allows_search(request: HttpRequest, now: datetime) -> bool:
    return _allows("searches", SEARCHES_PER_NETWORK, SEARCHES_IN_ALL, request, now)


def allows_answer(request: HttpRequest, now: datetime) -> bool:
    """The same for the API."""
    return _allows("answers", ANSWERS_PER_NETWORK, ANSWERS_IN_ALL, request, now)


def _allows(name: str, per_network: int, in_all: int, request: HttpRequest, now: datetime) -> bool:
    if _count(f"{name}:{network(request)}", now) > per_network:
        return False
    return _count(name, now) <= in_all


def network(request: HttpRequest) -> str:
    """The visitor's IPv4 address, or the /64 that a provider gives to one customer."""
    try:
        address = ipaddress.ip_address(_address(request))
    except ValueError:
        return "unknown"  # a Unix socket, or a header that is not an address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _address(request: HttpRequest) -> str:
    """The connection's other end; behind our own proxies, what the outermost of them saw."""
    passed_on = request.headers.get("X-Forwarded-For", "").split(",")
    hops = settings.PROXY_HOPS
    if 0 < hops <= len(passed_on):
        return passed_on[-hops].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _count(name: str, now: datetime) -> int:
    """How often this name was counted in the present window, this time included."""
    key = f"{name}:{int(now.timestamp()) // WINDOW_SECONDS}"
    try:
        cache.add(key, 0, WINDOW_SECONDS)
        return cache.incr(key)
    except (RedisError, ValueError):
        # Without its counters the site stays open: each address still gets one mail a day at most.
        log.warning("The counters cannot be reached, so nobody is slowed down.")
        return 0
