"""Handing messages to the email provider: one call for many where its interface takes many.

Every answer comes down to a Verdict. What matters is whether the message may have been accepted:
a refused connection is a safe retry, a broken one is not.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import requests
from anymail.exceptions import AnymailAPIError, AnymailError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

logger = logging.getLogger(__name__)

FOR_EVER = timedelta(days=3650)
DEFAULT_WAIT = timedelta(seconds=60)  # where a provider says "later" without saying when
LONGEST_WAIT = timedelta(hours=6)
# A chunk is not begun any further after this: its rows are claimed for longer than that, so no
# one else can have taken them.
HAND_OVER_SECONDS = 240.0


class Verdict(Enum):
    """What the provider's answer means for one message."""

    SENT = "sent"
    NOT_SENT = "not sent"  # surely not accepted: try again soon
    LATER = "later"  # surely not accepted: the provider asks for a pause
    ACCOUNT = "account"  # our credentials or our account are refused
    REFUSED = "refused"  # this message will never be accepted
    UNKNOWN = "unknown"  # it may have been accepted


@dataclass(frozen=True)
class Outcome:
    """The verdict on one message; `wait` is how long a pause was asked for."""

    verdict: Verdict
    message_id: str = ""
    error: str = ""
    wait: timedelta = timedelta(0)


@dataclass(frozen=True)
class Traits:
    """What one provider's interface offers, as its documentation says."""

    batch_path: str = ""  # many different messages in one call
    batch_size: int = 1
    key_lifetime: timedelta = timedelta(0)  # within it, the same key is never sent twice


# The names are anymail's esp_name; the outbox and SMTP have none.
TRAITS = {
    "Postmark": Traits(batch_path="email/batch", batch_size=500),
    # Its key covers a whole call, so a row alone cannot be sent again under it.
    "Resend": Traits(batch_path="emails/batch", batch_size=100),
}
OUTBOX = Traits(key_lifetime=FOR_EVER)  # files are named after the key


class Provider:
    """A connection to the email provider, kept open; use it in a `with` block."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        name = getattr(self._backend, "esp_name", "")
        is_outbox = settings.EMAIL_BACKEND == settings.OUTBOX_BACKEND
        self.traits = OUTBOX if is_outbox else TRAITS.get(name, Traits())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._backend.close()
        except (SMTPException, OSError):
            logger.info("The connection to the provider was already gone.")

    def hand_over(self, messages: Sequence[EmailMultiAlternatives]) -> list[Outcome]:
        """One outcome for each message, in their order; never raises for what a provider does."""
        if problem := self._open():
            return [problem] * len(messages)
        if self.traits.batch_path:
            return self._in_batches(messages)
        return self._one_by_one(messages)

    def _open(self) -> Outcome | None:
        try:
            self._backend.open()
        except (SMTPException, OSError) as error:
            return judge(error, is_connecting=True)
        if session := getattr(self._backend, "session", None):
            session.trust_env = False  # no look at proxies and .netrc for every call
        return None

    def _one_by_one(self, messages: Sequence[EmailMultiAlternatives]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        started = time.monotonic()
        for message in messages:
            is_late = time.monotonic() - started > HAND_OVER_SECONDS
            outcome = NOT_BEGUN if is_late else self._send(message)
            outcomes.append(outcome)
            if outcome.verdict in (Verdict.LATER, Verdict.ACCOUNT):
                break  # the next ones would hear the same
        return outcomes + [NOT_BEGUN] * (len(messages) - len(outcomes))

    def _send(self, message: EmailMultiAlternatives) -> Outcome:
        try:
            self._backend.send_messages([message])
        except (AnymailError, SMTPException, OSError) as error:
            return judge(error)
        status = getattr(message, "anymail_status", None)
        return Outcome(Verdict.SENT, message_id=(status and status.message_id) or "")

    def _in_batches(self, messages: Sequence[EmailMultiAlternatives]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        size = self.traits.batch_size
        for start in range(0, len(messages), size):
            outcomes += self._batch(messages[start : start + size])
            if outcomes[-1].verdict in (Verdict.LATER, Verdict.ACCOUNT):
                break
        return outcomes + [NOT_BEGUN] * (len(messages) - len(outcomes))

    def _batch(self, messages: Sequence[EmailMultiAlternatives]) -> list[Outcome]:
        """Join anymail's own payloads into one call."""
        backend = self._backend
        payloads = [backend.build_message_payload(m, backend.send_defaults) for m in messages]
        request = payloads[0].get_request_params(backend.api_url)
        request["url"] = urljoin(backend.api_url, self.traits.batch_path)
        request["data"] = json.dumps([payload.data for payload in payloads])
        request.setdefault("timeout", backend.timeout)
        try:
            response = backend.session.request(**request)
        except requests.RequestException as error:
            return [judge(error)] * len(messages)
        if not response.ok:
            return [judge_status(response, "")] * len(messages)
        return read_batch(response, len(messages))


NOT_BEGUN = Outcome(Verdict.NOT_SENT, error="Not handed over yet.")


def read_batch(response: requests.Response, count: int) -> list[Outcome]:
    """The outcomes in a batch's answer: 200 even when single messages were refused."""
    unreadable = Outcome(Verdict.UNKNOWN, error="The provider's answer could not be read.")
    try:
        body = response.json()
    except ValueError:
        return [unreadable] * count
    rows = body.get("data") if isinstance(body, dict) else body
    if not isinstance(rows, list) or len(rows) != count:
        return [unreadable] * count
    return [_read_row(row) if isinstance(row, dict) else unreadable for row in rows]


def _read_row(row: dict[str, Any]) -> Outcome:
    if row.get("ErrorCode"):
        return Outcome(Verdict.REFUSED, error=str(row.get("Message", "The provider refused it.")))
    message_id = str(row.get("MessageID") or row.get("id") or "")
    if not message_id:
        return Outcome(Verdict.UNKNOWN, error="The provider named no message id.")
    return Outcome(Verdict.SENT, message_id=message_id)


def judge(error: Exception, is_connecting: bool = False) -> Outcome:
    """What an exception means: above all, whether the message may have been accepted."""
    said = " ".join(str(error).split())[:300] or type(error).__name__
    response = getattr(error, "response", None)
    if isinstance(error, AnymailAPIError) and response is not None:
        return judge_status(response, said)
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return _judge_smtp(min(codes), said)
    if isinstance(error, SMTPResponseException):
        return _judge_smtp(error.smtp_code, said)
    if is_connecting or _never_connected(error):
        return Outcome(Verdict.NOT_SENT, error=said)
    if isinstance(error, requests.RequestException | SMTPException | OSError):
        return Outcome(Verdict.UNKNOWN, error=said)
    return Outcome(Verdict.REFUSED, error=said)


def judge_status(response: requests.Response, said: str) -> Outcome:
    """What an HTTP status other than success means."""
    status = response.status_code
    said = said or f"The provider answered {status}: {' '.join(response.text.split())[:200]}"
    if status in (401, 403):
        return Outcome(Verdict.ACCOUNT, error=said)
    if status in (429, 503):
        return Outcome(Verdict.LATER, error=said, wait=_wait(response))
    # Of 409 the provider says that it knows the key, with other bytes: the first ones went out.
    if status >= 500 or status in (408, 409):
        return Outcome(Verdict.UNKNOWN, error=said)
    return Outcome(Verdict.REFUSED, error=said)


def _judge_smtp(code: int, said: str) -> Outcome:
    if code in (530, 534, 535):
        return Outcome(Verdict.ACCOUNT, error=said)
    if code >= 500:
        return Outcome(Verdict.REFUSED, error=said)
    return Outcome(
        Verdict.LATER if code == 421 else Verdict.NOT_SENT, error=said, wait=DEFAULT_WAIT
    )


def _never_connected(error: Exception) -> bool:
    """Whether the connection was refused, or the name unknown, before a byte was sent."""
    if isinstance(error, requests.ConnectTimeout | ConnectionRefusedError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    chained = error.__cause__
    if type(reason).__name__ in ("NewConnectionError", "NameResolutionError"):
        return True
    return isinstance(chained, Exception) and _never_connected(chained)


def _wait(response: requests.Response) -> timedelta:
    """Retry-After as seconds or as a date, within reason."""
    said = response.headers.get("Retry-After", "").strip()
    try:
        wait = timedelta(seconds=float(said))
    except (ValueError, OverflowError):
        try:
            wait = parsedate_to_datetime(said) - timezone.now()
        except (ValueError, TypeError):
            wait = DEFAULT_WAIT
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)
