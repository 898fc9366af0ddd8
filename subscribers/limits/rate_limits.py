"""Limits of requests and mails an hour, counted in the cache in fixed windows of an hour."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from subscribers import forgiving_cache

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

log = logging.getLogger(__name__)

WINDOW_SECONDS = 3600
ODD_PROXIES = "odd-proxies"  # in the cache
OWN_REQUEST = "offprint.own_request"  # in the environ of a request that the site makes itself
# Confirmations and mails to new addresses an hour, the rest wait; a lab of one domain must fit.
MAILS_IN_ALL = 5000
MAILS_PER_DOMAIN = 300
_MAILS = "letters"  # the name of their counters in the cache
# Without a limit of their own: half the world has its mailbox there.
_LARGE_PROVIDERS = frozenset(
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com"),
        *("icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "web.de", "proton.me"),
        *("protonmail.com", "fastmail.com", "qq.com", "163.com", "126.com", "naver.com"),
        *("mail.ru", "yandex.ru"),
    ]
)


FROM_NETWORK = gettext_lazy("from your network")


@dataclass(frozen=True)
class Limit:
    """How often something may be asked in an hour.

    Once all networks together asked `in_all` times, each of them may still ask `when_crowded`
    times: a flood must not lock out everybody else.
    """

    name: str  # under which it is counted, whatever the visitor's language
    what: StrOrPromise  # in the plural, as a sentence names it
    per_network: int
    in_all: int
    when_crowded: int
    meanwhile: StrOrPromise = ""  # what whoever is refused can do until then
    whence: StrOrPromise = FROM_NETWORK

    def refuse(self, request: HttpRequest, now: datetime) -> Refusal | None:
        """Count this request; a Refusal where it is one too many, else None."""
        if OWN_REQUEST in request.META:
            return None
        return self.refuse_asker(find_network(request), now)

    def refuse_asker(self, asker: str, now: datetime) -> Refusal | None:
        """The same for whoever is counted by another name than their network's."""
        asked = _count_use(f"{self.name}:{asker}", now)
        if asked > self.per_network:
            return Refusal(self, _count_seconds_left(now), is_crowded=False)
        if _count_use(self.name, now) > self.in_all and asked > self.when_crowded:
            return Refusal(self, _count_seconds_left(now), is_crowded=True)
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
        minutes = max(1, -(-self.seconds // 60))
        return ngettext("a minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}

    def __str__(self) -> str:
        where = _("from everywhere") if self.is_crowded else self.limit.whence
        return _("Too many %(what)s came %(where)s in this hour. Try again in %(wait)s.") % {
            "what": self.limit.what,
            "where": where,
            "wait": self.wait,
        }


# A seminar behind one address must fit.
SIGN_UPS = Limit(
    "sign-ups",
    gettext_lazy("sign-ups"),
    40,
    5000,
    2,
    gettext_lazy("Nothing is lost: go back, and what you typed is still in the form."),
)
# Sign-ups quicker than a person types, or without our form: a password manager may be that quick.
HASTY_SIGN_UPS = Limit("hasty sign-ups", gettext_lazy("hasty sign-ups"), 5, 100, 0)
# Somebody who lost their link asks once or twice.
LINKS = Limit(
    "links",
    gettext_lazy("requests for a link"),
    20,
    2000,
    2,
    gettext_lazy("Every digest ends with the same link: an older one will do."),
)
# Of the one who holds the account's link, to addresses that may be anybody's.
MOVES = Limit(
    "moves",
    gettext_lazy("moves"),
    10,
    2000,
    10,
    gettext_lazy("The digests still come where they came."),
    gettext_lazy("from this account"),
)
# Somebody who types looks at a preview every few seconds.
PREVIEWS = Limit(
    "previews",
    gettext_lazy("previews"),
    600,
    60_000,
    30,
    gettext_lazy("You can subscribe without one: your topics work all the same."),
)
SEARCHES = Limit(
    "searches",
    gettext_lazy("searches"),
    1200,
    60_000,
    60,
    gettext_lazy("The pages of the days and of the topics stay open meanwhile."),
)
# Each takes a second or two.
PROPOSALS = Limit(
    "proposals",
    gettext_lazy("requests for topics"),
    120,
    6_000,
    6,
    gettext_lazy("Topics can be typed by hand meanwhile, one per line."),
)
# Of arXiv, on behalf of somebody who pasted an address: each takes three seconds of its time.
LOOKUPS = Limit("look-ups", gettext_lazy("addresses to look up at arXiv"), 30, 300, 3)
ANSWERS = Limit("answers", gettext_lazy("requests of feeds and API"), 3000, 200_000, 150)
# Of one operator's token: 100,000 subscribers, a hundred at a time, are a thousand.
MANAGEMENT = Limit(
    "management",
    gettext_lazy("requests of the management API"),
    20_000,
    200_000,
    20_000,
    "",
    gettext_lazy("with this token"),
)
WRONG_TOKENS = Limit("wrong tokens", gettext_lazy("requests with a wrong token"), 300, 10_000, 10)


def may_get_mail(email: str, now: datetime) -> bool:
    """Whether one more mail that asks to confirm may leave in this hour, and to this domain."""
    if _read_count(_MAILS, now) >= MAILS_IN_ALL:
        return False
    domain = email.rpartition("@")[2]
    return domain in _LARGE_PROVIDERS or _read_count(f"{_MAILS}:{domain}", now) < MAILS_PER_DOMAIN


def count_mail(email: str, now: datetime) -> None:
    """Count a mail that asks to confirm, for this hour and for its domain."""
    _count_use(f"{_MAILS}:{email.rpartition('@')[2]}", now)
    _count_use(_MAILS, now)


def find_network(request: HttpRequest) -> str:
    """The visitor's IPv4 address, or the /64 that a provider gives to one customer; "unknown"."""
    try:
        address = ipaddress.ip_address(_strip_port(_find_address(request)))
    except ValueError:
        return "unknown"  # a Unix socket, or a header that is not an address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _strip_port(address: str) -> str:
    """192.0.2.1 of 192.0.2.1:4711, and 2001:db8::1 of [2001:db8::1]:4711: some proxies add one."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _find_address(request: HttpRequest) -> str:
    """The connection's other end; behind `PROXY_HOPS` proxies, what the outermost of them saw."""
    passed_on = request.headers.get("X-Forwarded-For", "").split(",")
    hops = settings.PROXY_HOPS
    if 0 < hops <= len(passed_on):
        return passed_on[-hops].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


_noted_hour = -1


def note_proxies(request: HttpRequest, now: datetime) -> None:
    """Keep for `doctor` that a request passed fewer or more proxies than PROXY_HOPS says.

    Once an hour and process: it is a matter of the surroundings, and no request is worth a write.
    """
    global _noted_hour
    header = request.headers.get("X-Forwarded-For", "")
    addresses = len(header.split(",")) if header else 0
    hour = int(now.timestamp()) // WINDOW_SECONDS
    fits = addresses >= settings.PROXY_HOPS > 0 or addresses == settings.PROXY_HOPS == 0
    if not fits and hour != _noted_hour:
        _noted_hour = hour
        forgiving_cache.write_value(ODD_PROXIES, addresses, 86_400)


def read_odd_proxies() -> int | None:
    """How many addresses a request of the last day brought that does not fit; None: all do."""
    seen = forgiving_cache.read_value(ODD_PROXIES)
    return seen if isinstance(seen, int) else None


def _count_use(name: str, now: datetime) -> int:
    """How often this name was counted in the present window, this time included."""
    counted = forgiving_cache.increment_counter(_make_key(name, now), WINDOW_SECONDS)
    if counted is None:
        # Without its counters the site stays open: each address still gets one mail a day at most.
        log.warning("The counters cannot be reached, so nobody is slowed down.")
    return counted or 0


def _read_count(name: str, now: datetime) -> int:
    """How often this name was counted in the present window."""
    return int(forgiving_cache.read_value(_make_key(name, now)) or 0)


def _count_seconds_left(now: datetime) -> int:
    return WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS


def _make_key(name: str, now: datetime) -> str:
    return f"{name}:{int(now.timestamp()) // WINDOW_SECONDS}".replace(" ", "-")
