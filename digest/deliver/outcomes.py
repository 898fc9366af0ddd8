"""What a provider's answer means for a message: above all, whether it may have been accepted.

A refused connection is a safe retry, a broken one is not; a refusal of our account says nothing
against the message, and a bad message nothing against the provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from smtplib import (
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from traceback import walk_tb
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailConfigurationError, AnymailError
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import BadHeaderError
from django.utils import timezone

from digest.ingest.sources.retry_after import read_retry_after

DEFAULT_WAIT = timedelta(seconds=60)  # where a provider says "later" without saying when
SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=6)


class Verdict(Enum):
    """What the provider's answer means for one message."""

    SENT = "sent"
    NOT_BEGUN = "not begun"  # nothing was tried: the claim is given back
    NOT_SENT = "not sent"  # surely not accepted: try again soon
    LATER = "later"  # surely not accepted: nothing for anybody until the pause is over
    ACCOUNT = "account"  # our credentials, our account or our settings are refused
    REFUSED = "refused"  # this message will never be accepted
    UNKNOWN = "unknown"  # it may have been accepted


@dataclass(frozen=True)
class Outcome:
    """The verdict on one message; `wait` is how long a pause was asked for."""

    verdict: Verdict
    message_id: str = ""
    error: str = ""
    wait: timedelta = timedelta(0)


NOT_BEGUN = Outcome(Verdict.NOT_BEGUN)

# Postmark's ErrorCode where it does not mean "this message is refused" (its documentation).
POSTMARK_CODES = {
    10: Verdict.ACCOUNT,  # bad or missing token
    100: Verdict.LATER,  # maintenance
    400: Verdict.ACCOUNT,  # no such sender signature
    401: Verdict.ACCOUNT,  # the sender signature is not confirmed
    405: Verdict.ACCOUNT,  # not allowed to send: credits used up
    412: Verdict.ACCOUNT,  # the account waits for approval
    413: Verdict.ACCOUNT,  # the account may not send
    429: Verdict.LATER,  # too many requests
}
# boto3's errors by the name of their class or of the code within: it need not be installed.
AMAZON_NAMES = {
    "EndpointConnectionError": Verdict.LATER,
    "ConnectTimeoutError": Verdict.LATER,
    "NoCredentialsError": Verdict.ACCOUNT,
    "PartialCredentialsError": Verdict.ACCOUNT,
    "NoRegionError": Verdict.ACCOUNT,
    "Throttling": Verdict.LATER,
    "ThrottlingException": Verdict.LATER,
    "TooManyRequestsException": Verdict.LATER,
    "LimitExceededException": Verdict.LATER,
    "AccountSuspendedException": Verdict.ACCOUNT,
    "SendingPausedException": Verdict.ACCOUNT,
    "MailFromDomainNotVerifiedException": Verdict.ACCOUNT,
    "NotFoundException": Verdict.ACCOUNT,  # the configuration set
    "BadRequestException": Verdict.REFUSED,
    "MessageRejected": Verdict.REFUSED,
}


def judge(error: Exception) -> Outcome:
    """What an exception during the call means."""
    said = _words(error)
    if isinstance(error, AnymailAPIError):
        return _judge_api(error, said)
    if isinstance(error, ImproperlyConfigured | AnymailConfigurationError):
        return Outcome(Verdict.ACCOUNT, error=said)
    # These arise while a message is built, before the first byte of it is sent.
    if isinstance(error, AnymailError | BadHeaderError | UnicodeError | SMTPNotSupportedError):
        return Outcome(Verdict.REFUSED, error=said)
    if isinstance(error, SMTPRecipientsRefused):
        return _judge_smtp(min(code for code, _ in error.recipients.values()), said)
    if isinstance(error, SMTPSenderRefused) and error.smtp_code >= 500 and error.smtp_code != 552:
        return Outcome(Verdict.ACCOUNT, error=said)  # our one sender; 552 is about the size
    if isinstance(error, SMTPResponseException):
        return _judge_smtp(error.smtp_code, said)
    if never_connected(error):
        return Outcome(Verdict.LATER, error=said, wait=DEFAULT_WAIT)
    if isinstance(error, SMTPException) and not _reached_data(error):
        return Outcome(Verdict.NOT_SENT, error=said)
    return Outcome(Verdict.UNKNOWN, error=said)


def judge_opening(error: Exception) -> Outcome:
    """What an exception before any message means: nothing was sent, and nothing can be."""
    said = _words(error)
    if isinstance(error, OSError) and not isinstance(error, SMTPException):
        return Outcome(Verdict.LATER, error=said, wait=DEFAULT_WAIT)
    code = getattr(error, "smtp_code", 0)
    is_smtp = isinstance(error, SMTPException) and not isinstance(error, SMTPNotSupportedError)
    if is_smtp and code < 500:
        return Outcome(Verdict.LATER, error=said, wait=DEFAULT_WAIT)
    return Outcome(Verdict.ACCOUNT, error=said)


def judge_status(response: requests.Response, said: str = "") -> Outcome:
    """What an HTTP status other than success means."""
    status = response.status_code
    said = said or f"The provider answered {status}: {' '.join(response.text.split())[:200]}"
    if status in (401, 402, 403, 404):
        return Outcome(Verdict.ACCOUNT, error=said)
    if status in (429, 503):
        return Outcome(Verdict.LATER, error=said, wait=read_wait(response))
    # Of 409 the provider says that it knows the key: the first call is under way or went out.
    if status >= 500 or status < 400 or status in (408, 409):
        return Outcome(Verdict.UNKNOWN, error=said)
    verdict = _postmark_verdict(response)
    return Outcome(verdict, error=said, wait=_default_wait(verdict))


def read_batch(response: requests.Response, count: int) -> list[Outcome] | Outcome:
    """One outcome for each row of a batch's answer, refused ones too; one in all if unreadable."""
    try:
        body = response.json()
    except ValueError:
        return Outcome(Verdict.UNKNOWN, error="The provider's answer could not be read.")
    rows = body.get("data") if isinstance(body, dict) else body
    if not isinstance(rows, list) or len(rows) != count:
        return Outcome(Verdict.UNKNOWN, error="The provider's answer has a wrong count of rows.")
    return [_read_row(row) for row in rows]


def read_wait(response: requests.Response) -> timedelta:
    """How long the provider asks us to wait, within reason; DEFAULT_WAIT where it does not say."""
    wait = read_retry_after(response.headers, timezone.now(), LONGEST_WAIT)
    return DEFAULT_WAIT if wait is None else max(wait, SHORTEST_WAIT)


def never_connected(error: BaseException) -> bool:
    """Whether the connection was refused, or the name unknown, before a byte was sent."""
    names = {"NewConnectionError", "NameResolutionError"}
    return any(
        isinstance(link, requests.ConnectTimeout | ConnectionRefusedError)
        or type(link).__name__ in names
        for link in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and what requests wraps without saying so."""
    while error is not None:
        yield error
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, BaseException):
            yield reason
        error = error.__cause__


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _judge_api(error: AnymailAPIError, said: str) -> Outcome:
    if isinstance(error.response, requests.Response):
        return judge_status(error.response, said)
    if never_connected(error):
        return Outcome(Verdict.LATER, error=said, wait=DEFAULT_WAIT)
    verdict = _amazon_verdict(error.__cause__)
    return Outcome(verdict, error=said, wait=_default_wait(verdict))


def _amazon_verdict(cause: BaseException | None) -> Verdict:
    answer = getattr(cause, "response", None)
    answer = answer if isinstance(answer, Mapping) else {}
    names = [kind.__name__ for kind in type(cause).__mro__]
    names.append(str(answer.get("Error", {}).get("Code")))
    for name in names:
        if name in AMAZON_NAMES:
            return AMAZON_NAMES[name]
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if status in (401, 403):
        return Verdict.ACCOUNT
    return Verdict.REFUSED if 400 <= status < 500 else Verdict.UNKNOWN


def _judge_smtp(code: int, said: str) -> Outcome:
    if code in (530, 534, 535, 538):
        return Outcome(Verdict.ACCOUNT, error=said)
    if code >= 500:
        return Outcome(Verdict.REFUSED, error=said)
    if code == 421:
        return Outcome(Verdict.LATER, error=said, wait=DEFAULT_WAIT)
    return Outcome(Verdict.NOT_SENT, error=said)


def _reached_data(error: Exception) -> bool:
    """Whether the mail itself was being sent. smtplib does not say so; its frames do."""
    return any(frame.f_code.co_name == "data" for frame, _ in walk_tb(error.__traceback__))


def _read_row(row: Any) -> Outcome:
    if not isinstance(row, dict):
        return Outcome(Verdict.UNKNOWN, error="The provider's answer could not be read.")
    if code := row.get("ErrorCode"):
        verdict = _by_postmark_code(code)
        said = str(row.get("Message") or f"The provider refused it with code {code}.")
        return Outcome(verdict, error=said, wait=_default_wait(verdict))
    message_id = str(row.get("MessageID") or row.get("id") or "")
    if not message_id:
        return Outcome(Verdict.UNKNOWN, error="The provider named no message id.")
    return Outcome(Verdict.SENT, message_id=message_id)


def _postmark_verdict(response: requests.Response) -> Verdict:
    try:
        body = response.json()
    except ValueError:
        return Verdict.REFUSED
    return _by_postmark_code(body.get("ErrorCode") if isinstance(body, dict) else None)


def _by_postmark_code(code: Any) -> Verdict:
    return POSTMARK_CODES.get(code, Verdict.REFUSED) if isinstance(code, int) else Verdict.REFUSED


def _default_wait(verdict: Verdict) -> timedelta:
    return DEFAULT_WAIT if verdict is Verdict.LATER else timedelta(0)
