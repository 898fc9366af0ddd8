"""Counters in the cache that slow down whoever asks too much: fixed windows, nothing else."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from subscribers import forgiving_cache

log = logging.getLogger(__name__)

WINDOW_SECONDS = 3600
# Letters an hour, the rest wait; to one domain, where a lab that signs up together must fit.
LETTERS_IN_ALL = 5000
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


@dataclass(frozen=True)
class Limit:
    """How often something may be asked in an hour.

    Once all networks together asked `in_all` times, each of them may go on, but `when_crowded`
    times only: a flood must not shut the door for everybody else.
    """

    what: str  # in the plural, as a sentence names it
    per_network: int
    in_all: int
    when_crowded: int
    meanwhile: str = ""  # what whoever is refused can do until then

    def refuse(self, request: HttpRequest, now: datetime) -> Refusal | None:
        """Count one more; a refusal where it is too much."""
        asked = _count(f"{self.what}:{network(request)}", now)
        if asked > self.per_network:
            return Refusal(self, _seconds_left(now), is_crowded=False)
        if _count(self.what, now) > self.in_all and asked > self.when_crowded:
            return Refusal(self, _seconds_left(now), is_crowded=True)
        return None


@dataclass(frozen=True)
class Refusal:
    """Why something is not done now, and in how many seconds it will be."""

    limit: Limit
    seconds: int
    is_crowded: bool  # not this network alone asked too much

    @property
    def wait(self) -> str:
        """In words: "12 minutes"."""
        minutes = -(-self.seconds // 60)
        return "a minute" if minutes <= 1 else f"{minutes} minutes"

    def __str__(self) -> str:
        where = "from everywhere" if self.is_crowded else "from your network"
        return f"Too many {self.limit.what} came {where} in this hour. Try again in {self.wait}."


# A seminar behind one address must fit.
SIGN_UPS = Limit(
    "sign-ups", 40, 5000, 2, "Nothing is lost: go back, and what you typed is still in the form."
)
# Sign-ups quicker than a person types, or without our form: a password manager may be that quick.
HASTY_SIGN_UPS = Limit("hasty sign-ups", 5, 100, 0)
# Somebody who lost their link asks once or twice.
LINKS = Limit(
    "requests for a link",
    20,
    2000,
    2,
    "Every digest ends with the same link: an older one will do.",
)
# Somebody who types looks at a preview every few seconds.
PREVIEWS = Limit(
    "previews", 600, 60_000, 30, "You can subscribe without one: your topics work all the same."
)
SEARCHES = Limit(
    "searches", 1200, 60_000, 60, "The pages of the days and of the topics stay open meanwhile."
)
# Each takes a second or two.
PROPOSALS = Limit(
    "requests for topics", 120, 6_000, 6, "Topics can be typed by hand meanwhile, one per line."
)
# Of arXiv, on behalf of somebody who pasted an address: each takes three seconds of its time.
LOOKUPS = Limit("addresses to look up at arXiv", 30, 300, 3)
ANSWERS = Limit("requests of feeds and API", 3000, 200_000, 150)


def may_get_letters(email: str, now: datetime) -> bool:
    """Whether one more letter may leave in this hour, and to the address's domain."""
    if _counted("letters", now) >= LETTERS_IN_ALL:
        return False
    domain = email.rpartition("@")[2]
    return domain in _OPEN_TO_ALL or _counted(f"letters:{domain}", now) < LETTERS_PER_DOMAIN


def count_letter(email: str, now: datetime) -> None:
    _count(f"letters:{email.rpartition('@')[2]}", now)
    _count("letters", now)


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
    counted = forgiving_cache.increment_counter(_key(name, now), WINDOW_SECONDS)
    if counted is None:
        # Without its counters the site stays open: each address still gets one mail a day at most.
        log.warning("The counters cannot be reached, so nobody is slowed down.")
    return counted or 0


def _counted(name: str, now: datetime) -> int:
    """The same, without counting this time."""
    return int(forgiving_cache.read_value(_key(name, now)) or 0)


def _seconds_left(now: datetime) -> int:
    return WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS


def _key(name: str, now: datetime) -> str:
    return f"{name}:{int(now.timestamp()) // WINDOW_SECONDS}".replace(" ", "-")
