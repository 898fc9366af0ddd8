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
# Sign-ups quicker than a person types, or without our form: a password manager may be that quick.
HASTY_PER_NETWORK = 5
HASTY_IN_ALL = 100
# Letters an hour to one domain; a lab that signs up together must fit.
LETTERS_PER_DOMAIN = 300
# No one's victim: half the world has its mailbox there.
_OPEN_TO_ALL = frozenset(
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com"),
        *("icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "web.de", "proton.me"),
        *("protonmail.com", "fastmail.com", "qq.com", "163.com", "126.com", "naver.com"),
        *("mail.ru", "yandex.ru"),
    ]
)
# Somebody who lost their link asks once or twice.
LINKS_PER_NETWORK = 20
LINKS_IN_ALL = 2000
# Somebody who types looks at a preview every few seconds.
PREVIEWS_PER_NETWORK = 600
PREVIEWS_IN_ALL = 60_000
SEARCHES_PER_NETWORK, SEARCHES_IN_ALL = 1200, 60_000
PROPOSALS_PER_NETWORK, PROPOSALS_IN_ALL = 120, 6_000  # each takes a second or two
ANSWERS_PER_NETWORK, ANSWERS_IN_ALL = 3000, 200_000  # of the API


def allows_sign_up(request: HttpRequest, now: datetime) -> bool:
    """Count one more sign-up; False when its network, or the world, had enough for this hour."""
    return _allows("sign-ups", SIGN_UPS_PER_NETWORK, SIGN_UPS_IN_ALL, request, now)


def allows_preview(request: HttpRequest, now: datetime) -> bool:
    """The same for the preview of a digest, which costs us a search."""
    return _allows("previews", PREVIEWS_PER_NETWORK, PREVIEWS_IN_ALL, request, now)


def allows_search(request: HttpRequest, now: datetime) -> bool:
    return _allows("searches", SEARCHES_PER_NETWORK, SEARCHES_IN_ALL, request, now)


def allows_proposals(request: HttpRequest, now: datetime) -> bool:
    return _allows("proposals", PROPOSALS_PER_NETWORK, PROPOSALS_IN_ALL, request, now)


def allows_answer(request: HttpRequest, now: datetime) -> bool:
    """The same for the API."""
    return _allows("answers", ANSWERS_PER_NETWORK, ANSWERS_IN_ALL, request, now)


def allows_hasty_sign_up(request: HttpRequest, now: datetime) -> bool:
    """The same for sign-ups that came too fast for a person; always beside `allows_sign_up`."""
    return _allows("hasty sign-ups", HASTY_PER_NETWORK, HASTY_IN_ALL, request, now)


def allows_link(request: HttpRequest, now: datetime) -> bool:
    """The same for `Send me my link`."""
    return _allows("links", LINKS_PER_NETWORK, LINKS_IN_ALL, request, now)


def may_get_letters(email: str, now: datetime) -> bool:
    """Whether the address's domain may get one more letter in this hour."""
    domain = email.rpartition("@")[2]
    return domain in _OPEN_TO_ALL or _counted(f"letters:{domain}", now) < LETTERS_PER_DOMAIN


def count_letter(email: str, now: datetime) -> None:
    _count(f"letters:{email.rpartition('@')[2]}", now)


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
    key = _key(name, now)
    try:
        cache.add(key, 0, WINDOW_SECONDS)
        return cache.incr(key)
    except (RedisError, ValueError):
        # Without its counters the site stays open: each address still gets one mail a day at most.
        log.warning("The counters cannot be reached, so nobody is slowed down.")
        return 0


def _counted(name: str, now: datetime) -> int:
    """The same, without counting this time."""
    try:
        return int(cache.get(_key(name, now), 0))
    except RedisError:
        return 0


def _key(name: str, now: datetime) -> str:
    return f"{name}:{int(now.timestamp()) // WINDOW_SECONDS}".replace(" ", "-")
