"""Where a fetch may go and how long it may take: the address guard and the wall.

A host's address is looked up once, refused unless it is public, and that very address is connected
to, so that no second look-up can answer differently.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import requests
import urllib3
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# -- the wall ----------------------------------------------------------------------------------


class Wall:
    """Shuts every connection of one fetch down when its time is over, whatever it waits for."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._ends_at = time.monotonic() + seconds
        self._lines: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for line in self._lines:
            line.close()

    @property
    def remaining(self) -> float:
        """Seconds left, never quite zero: to sockets, zero means something else."""
        return max(0.01, self._ends_at - time.monotonic())

    def watch(self, line: socket.socket) -> None:
        # A second handle on the connection: TLS wraps, and hides, the first one.
        self._lines.append(line.dup())
        if self.is_over:
            self._shut()

    def _shut(self) -> None:
        self.is_over = True
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


# -- the address guard -------------------------------------------------------------------------

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


class RefusedAddress(OSError):
    """The host leads to an address that is not public."""


def is_public(address: str) -> bool:
    """True when the address is on the public internet, through whatever it is wrapped in."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64_LOCAL:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _checked_addresses(host: str, port: int, seconds: float) -> list[str]:
    """The host's addresses, all of them public or expressly allowed."""
    allowed = {name.strip("[]").lower() for name in settings.FETCH_ALLOW_PRIVATE}
    addresses = _resolve(host, port, seconds)
    for address in addresses:
        if host.lower() not in allowed and address not in allowed and not is_public(address):
            where = host if host == address else f"{host} ({address})"
            raise RefusedAddress(f"{where} is not a public address, so it was not asked.")
    return addresses


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Look a host up in a thread of its own: the system's look-up knows no time limit."""
    found: list[str] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            failed.append(socket.gaierror(str(error)))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed or not found:
        raise failed[0] if failed else socket.gaierror("the look-up took too long")
    return found


def _connect(connection: HTTPConnection, wall: Wall) -> socket.socket:
    """A connection to the address that was checked; Host and SNI keep the name."""
    port = connection.port or connection.default_port
    last: OSError | None = None
    for address in _checked_addresses(connection.host, port, wall.remaining):
        try:
            line = socket.create_connection((address, port), timeout=wall.remaining)
        except OSError as error:
            last = error
            continue
        wall.watch(line)
        return line
    raise last or OSError("no address")


def guarded_session(wall: Wall) -> requests.Session:
    """A session that reads no proxies or passwords from the environment and connects guarded."""

    class GuardedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, wall)

    class GuardedHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, wall)

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = GuardedHTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": HTTPPool, "https": HTTPSPool}

    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter(max_retries=urllib3.Retry(0, read=False)))
    return session
