"""Where a fetch may go and how long it may take.

A host's address is looked up once, refused unless it is public, and that very address is connected
to, so that no second look-up can answer differently (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import requests
import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from subscribers.limits.call_limit import look_up_host

# -- how long ----------------------------------------------------------------------------------


class Deadline:
    """Shuts every connection of one fetch down when its time is over, whatever it waits for.

    The timeout of requests does not do: it begins anew with every read, so that a server which
    sends one byte at a time is never left
    (https://requests.readthedocs.io/en/latest/user/quickstart/#timeouts).
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._ends_at = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut_sockets)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for watched in self._sockets:
            watched.close()

    @property
    def remaining(self) -> float:
        """Seconds left, never quite zero: to sockets, zero means something else."""
        return max(0.01, self._ends_at - time.monotonic())

    def watch_socket(self, connected: socket.socket) -> None:
        # A second handle on the connection: TLS wraps, and hides, the first one.
        self._sockets.append(connected.dup())
        if self.is_over:
            self._shut_sockets()

    def _shut_sockets(self) -> None:
        self.is_over = True
        for watched in self._sockets:
            with suppress(OSError):
                watched.shutdown(socket.SHUT_RDWR)


# -- where to ----------------------------------------------------------------------------------

# IPv4 within IPv6, well known and local: https://www.rfc-editor.org/rfc/rfc6052#section-2.1 and
# https://www.rfc-editor.org/rfc/rfc8215.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
# What Python holds for public: the old addresses of one site, those of documentation, those of the
# protocols themselves, the relays of 6to4, and where machines at Azure find their keeper.
# https://www.rfc-editor.org/rfc/rfc3879, https://www.rfc-editor.org/rfc/rfc9637,
# https://www.rfc-editor.org/rfc/rfc6890#section-2.2.2, https://www.rfc-editor.org/rfc/rfc7526 and
# https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("fec0::/10", "3fff::/20"),
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
    )
)
# The middle of an address that wraps an IPv4 one (ISATAP):
# https://www.rfc-editor.org/rfc/rfc5214#section-6.1.
_ISATAP = (0x00005EFE, 0x02005EFE)


class RefusedAddress(OSError):
    """The host leads to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also one that wraps an IPv4 address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if ip in _NAT64_LOCAL or any(ip in network for network in _NOT_PUBLIC):
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if int(ip) >> 32 & 0xFFFFFFFF in _ISATAP and not is_public(_read_last(ip)):
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64 or inner is not None:
            return is_public(str(inner) if inner else _read_last(ip))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _read_last(ip: ipaddress.IPv6Address) -> str:
    """The IPv4 address in the last bits."""
    return str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))


def _resolve_allowed(host: str, port: int, seconds: float) -> list[str]:
    """The host's addresses; raises RefusedAddress unless all are public or expressly allowed."""
    allowed = {name.strip("[]").lower() for name in settings.FETCH_ALLOW_PRIVATE}
    addresses = look_up_host(host, port, seconds)
    for address in addresses:
        if host.lower() not in allowed and address not in allowed and not is_public(address):
            where = host if host == address else f"{host} ({address})"
            raise RefusedAddress(
                _("%(where)s is not a public address, so it was not asked.") % {"where": where}
            )
    return addresses


def _connect_guarded(connection: HTTPConnection, deadline: Deadline) -> socket.socket:
    """Connect to an address that was checked; the Host header and SNI keep the name."""
    port = connection.port or connection.default_port
    last: OSError | None = None
    for address in _resolve_allowed(connection.host, port, deadline.remaining):
        try:
            connected = socket.create_connection((address, port), timeout=deadline.remaining)
        except OSError as error:
            last = error
            continue
        deadline.watch_socket(connected)
        return connected
    raise last or OSError("no address")


def open_guarded_session(deadline: Deadline) -> requests.Session:
    """A session that reads no proxies or passwords from the environment and connects guarded."""

    class GuardedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect_guarded(self, deadline)

    class GuardedHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect_guarded(self, deadline)

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = GuardedHTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": HTTPPool, "https": HTTPSPool}

    class GuardedSession(requests.Session):
        def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[requests.Response]:
            # Even where no redirect is to be followed requests asks here for the next one, and
            # reads the whole body of this one for it, however large it unpacks.
            return iter(())

    session = GuardedSession()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter(max_retries=urllib3.Retry(0, read=False)))
    return session
