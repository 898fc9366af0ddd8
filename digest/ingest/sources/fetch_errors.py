"""Why nothing could be read of a source, in a sentence for an admin."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import requests
import urllib3
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.ingest.sources.address_guard import Deadline, RefusedAddress
from digest.retry_after import read_rate_limit_reset, read_retry_after

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_RETRY_AFTER = timedelta(days=7)


class FetchError(Exception):
    """Nothing could be read; the message is a sentence for an admin."""

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        is_refused_address: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after  # None where the server did not say
        self.is_gone = status == 410
        self.is_refused_address = is_refused_address


_STATUS_SENTENCES = {
    400: gettext_lazy("It does not understand what it is asked for (400); check the address."),
    401: gettext_lazy("It wants a password (401)."),
    403: gettext_lazy("It refuses to answer us (403)."),
    404: gettext_lazy("There is nothing at this address (404)."),
    410: gettext_lazy("The feed is gone for good (410), so it is not asked any more."),
    429: gettext_lazy("It asks us to slow down (429)."),
    503: gettext_lazy("It is not available at the moment (503)."),
}


def explain_status(response: requests.Response) -> FetchError:
    status = response.status_code
    failed = _("The server failed (error %(status)s).")
    other = failed if status >= 500 else _("It answered with status %(status)s.")
    sentence = str(_STATUS_SENTENCES.get(status) or other % {"status": status})
    retry_after = read_retry_after(response.headers, timezone.now(), LONGEST_RETRY_AFTER)
    if retry_after is None:
        retry_after = read_rate_limit_reset(response.headers, LONGEST_RETRY_AFTER)
    return FetchError(sentence, status=status, retry_after=retry_after)


def explain_error(error: Exception, deadline: Deadline, host: str) -> FetchError:
    """What went wrong on the way, in words."""
    causes = list(_list_causes(error))
    for cause in causes:
        if isinstance(cause, RefusedAddress):
            return FetchError(str(cause), is_refused_address=True)
    if deadline.is_over or any(isinstance(cause, TimeoutError) for cause in causes):
        return FetchError(
            _("%(host)s did not finish its answer within %(seconds)s seconds.")
            % {"host": host, "seconds": f"{deadline.seconds:.3g}"}
        )
    for kind, words in _ERROR_SENTENCES:
        if any(isinstance(cause, kind) for cause in causes):
            return FetchError(str(words) % {"host": host})
    return FetchError(
        _("The answer of %(host)s could not be read (%(kind)s).")
        % {"host": host, "kind": type(error).__name__}
    )


_ERROR_SENTENCES: list[tuple[type[BaseException], StrOrPromise]] = [
    (socket.gaierror, gettext_lazy("The name %(host)s could not be found.")),
    (requests.exceptions.SSLError, gettext_lazy("%(host)s has no certificate that we can trust.")),
    (
        urllib3.exceptions.DecodeError,
        gettext_lazy("%(host)s sent a body that could not be unpacked."),
    ),
    (requests.exceptions.InvalidURL, gettext_lazy("The address is not one that can be asked.")),
    (
        requests.exceptions.InvalidHeader,
        gettext_lazy("The validators kept from last time cannot be sent."),
    ),
    (ConnectionRefusedError, gettext_lazy("%(host)s does not accept connections.")),
    (requests.exceptions.ConnectionError, gettext_lazy("The connection to %(host)s broke.")),
    (OSError, gettext_lazy("The connection to %(host)s broke.")),
    (ValueError, gettext_lazy("It leads to something that is no address.")),
]


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it came from: urllib3 and requests wrap one another several times."""
    pending, seen = [error], set()
    while pending:
        cause = pending.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        pending += [one for one in inner if isinstance(one, BaseException)]
