"""The mail backend that the settings name, each of whose calls ends in a limited time.

Django and anymail make their connections deep within: what is overridden here are the places where
they make them, for the three families of backends that go over the network.
"""

from __future__ import annotations

import smtplib
import socket
from typing import Any

import requests
from anymail.backends.base_requests import AnymailRequestsBackend
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from subscribers.limits.call_limit import ONE_MAIL_SECONDS, CallLimit


def open_backend(limit: CallLimit) -> Any:
    """A backend of Django's as get_connection() makes it, whose connections `limit` watches.

    Of any other family than these three nothing is watched. Raises what the backend raises.
    """
    kind = import_string(settings.EMAIL_BACKEND)
    mixin = _find_mixin(kind)
    if mixin is None:
        return kind(fail_silently=False)
    limit.sees_all = True
    return type(kind.__name__, (mixin, kind), {"limit": limit})(fail_silently=False)


def keeps_mail_here() -> bool:
    """Whether all mail ends in the local outbox, because neither provider nor server is set."""
    return bool(settings.EMAIL_BACKEND == settings.OUTBOX_BACKEND)


def send_message(message: EmailMessage, seconds: float = ONE_MAIL_SECONDS) -> None:
    """Send one mail through a connection of its own, in a limited time."""
    limit = CallLimit(seconds)
    with limit.limit_call():
        message.connection = open_backend(limit)
        message.send()


def _find_mixin(kind: type[Any]) -> type[Any] | None:
    if issubclass(kind, AnymailRequestsBackend):
        return _LimitedRequests
    if issubclass(kind, smtp.EmailBackend):
        return _LimitedSmtp
    # By its name: where boto3 is missing its module cannot be imported.
    return _LimitedAmazon if getattr(kind, "esp_name", "") == "Amazon SES" else None


# -- the three families ----------------------------------------------------------------------------


class _LimitedRequests:
    """anymail's backends for an HTTP interface, which go through requests."""

    limit: CallLimit

    def create_session(self) -> requests.Session:
        session: requests.Session = super().create_session()  # type: ignore[misc]
        for scheme in ("http://", "https://"):
            session.mount(scheme, _LimitedAdapter(self.limit))
        return session


class _LimitedAmazon:
    """anymail's backend for Amazon SES, which goes through boto3 and its own urllib3."""

    limit: CallLimit

    def open(self) -> Any:
        is_new = super().open()  # type: ignore[misc]
        if is_new:
            http = self.client._endpoint.http_session  # type: ignore[attr-defined]
            _watch_pools(http._manager, self.limit)
            # Those of a proxy are made when it is first asked, with these.
            http._pool_classes_by_scheme = http._manager.pool_classes_by_scheme
        return is_new


class _LimitedSmtp:
    """Django's backend for a mail server."""

    limit: CallLimit

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        kind = super().connection_class  # type: ignore[misc]
        bases = (_WatchedSmtp,) if kind is smtplib.SMTP else (kind, _WatchedSmtp)
        watched: type[smtplib.SMTP] = type(kind.__name__, bases, {"limit": self.limit})
        return watched


# -- their connections -----------------------------------------------------------------------------


class _Watched:
    """A connection of http.client or smtplib: each keeps its socket, plain or TLS, in `sock`."""

    limit: CallLimit

    @property
    def sock(self) -> Any:
        return self.__dict__.get("sock")

    @sock.setter
    def sock(self, connected: socket.socket | None) -> None:
        self.__dict__["sock"] = connected
        if connected is not None:
            self.limit.watch_socket(connected)

    def send(self, said: Any) -> Any:
        self.limit.note_bytes()
        return super().send(said)  # type: ignore[misc]


class _WatchedSmtp(_Watched, smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.limit.connect_socket(host, port, timeout)


class _WatchedHttp(_Watched):
    """A connection of urllib3, or of boto3's that is made of it."""

    def connect(self: Any) -> None:
        has_sent = self.limit.has_sent
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self.limit.has_sent = has_sent  # what a proxy is asked holds nothing of a mail

    def send(self: Any, said: Any) -> Any:
        if self.sock is None:
            self.connect()  # as http.client would, but before we take note
        return super().send(said)

    def _new_conn(self: Any) -> socket.socket:
        try:
            connected: socket.socket = self.limit.connect_socket(
                self._dns_host, self.port, self.timeout, self.socket_options or ()
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(
                self, _("%(host)s did not answer in time.") % {"host": self.host}
            ) from error
        except OSError as error:
            raise NewConnectionError(
                self,
                _("No connection to %(host)s: %(error)s") % {"host": self.host, "error": error},
            ) from error
        return connected


class _LimitedAdapter(HTTPAdapter):
    def __init__(self, limit: CallLimit) -> None:
        self._limit = limit
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _watch_pools(self.poolmanager, self._limit)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            _watch_pools(manager, self._limit)
        return manager


def _watch_pools(manager: PoolManager, limit: CallLimit) -> None:
    """Let every connection that this manager makes from now on be a watched one."""
    watched = {}
    pools: dict[str, Any] = manager.pool_classes_by_scheme
    for scheme, pool in pools.items():
        kind = pool.ConnectionCls
        # A SOCKS proxy is reached in a way of its own.
        is_plain = kind._new_conn is HTTPConnection._new_conn
        mixin = _WatchedHttp if is_plain else _Watched
        connection = type(kind.__name__, (mixin, kind), {"limit": limit})
        watched[scheme] = type(pool.__name__, (pool,), {"ConnectionCls": connection})
    manager.pool_classes_by_scheme = watched
