"""The one judge of providers' answers: what each means for a message, and whether all must wait.

An answer is an exception, an HTTP status, or a row within a good answer to a batch. Above all it is
judged whether the message may have been accepted: a refused connection is a safe retry, a broken
one is not. A refusal of our account says nothing against the message, and a bad message nothing
against the provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from smtplib import (
    SMTPDataError,
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
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.translation import gettext as _

from digest.deliver.provider.outcomes import (
    AMAZON_OUTCOMES,
    HTTP_OUTCOMES,
    LONGEST_PAUSE,
    POSTMARK_OUTCOMES,
    SMTP_OUTCOMES,
    SMTP_TOO_LARGE,
    Outcome,
    SendResult,
)
from digest.retry_after import read_retry_after

# Where a provider says "later" without saying when; doubled while it says so again
# (digest/deliver/provider/pause_watch.py).
DEFAULT_PAUSE = timedelta(seconds=10)
# Resend's name for a key that an earlier call with other bytes was accepted under; another 409 says
# that the earlier one is still under way:
# https://resend.com/docs/dashboard/emails/idempotency-keys
OTHER_BYTES = "invalid_idempotent_request"
SHORTEST_PAUSE = timedelta(seconds=1)
ERROR_CHARS = 300
# https://anymail.dev/en/stable/sending/anymail_additions/#anymail.message.AnymailStatus.status
REFUSED_STATUSES = {"invalid", "rejected", "failed"}
# What is said of an address, a key or a proxy in the settings, before a connection is made.
# https://requests.readthedocs.io/en/latest/api/#exceptions
SETTINGS_ERRORS = (
    *(ImproperlyConfigured, AnymailConfigurationError, requests.exceptions.InvalidURL),
    *(requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema),
    requests.exceptions.InvalidHeader,
)


def judge_sent_count(count: int | None, message: EmailMultiAlternatives) -> SendResult:
    """What a backend's count of sent messages means, where it was given this one alone."""
    if not count:
        return SendResult(Outcome.REJECTED, error=_("The message has no recipient."), is_ours=True)
    status = getattr(message, "anymail_status", None)
    # Where ANYMAIL_IGNORE_RECIPIENT_STATUS is set, anymail counts what was refused as well.
    if (said := getattr(status, "status", None)) and set(said) <= REFUSED_STATUSES:
        words = _("The provider refused the address: %(said)s.") % {"said": ", ".join(sorted(said))}
        return SendResult(Outcome.REJECTED, error=words)
    # Of Postal's it is a number.
    return SendResult(Outcome.SENT, message_id=str((status and status.message_id) or ""))


def judge_exception(error: Exception, *, has_sent: bool = True) -> SendResult:
    """What an exception during the call means; `has_sent` where a byte of it may have left."""
    return _note_origin(_judge_exception(error, has_sent=has_sent), has_sent=has_sent)


def _note_origin(result: SendResult, *, has_sent: bool) -> SendResult:
    """Say that no provider had a part in it, where the next message would not meet the same."""
    return result if has_sent or result.outcome.concerns_all else replace(result, is_ours=True)


def _judge_exception(error: Exception, *, has_sent: bool) -> SendResult:
    words = _describe_error(error)
    # A header of a call is made of our key: what cannot stand in one is in the settings.
    if isinstance(error, SETTINGS_ERRORS) or _passes_through(error, "putheader"):
        return SendResult(Outcome.ACCOUNT_REFUSED, error=words)
    if isinstance(error, AnymailAPIError):
        result = _judge_api_error(error, words)
    # These arise while a message is built, before the first byte of it is sent.
    elif _is_bad_header(error) or isinstance(
        error, AnymailError | UnicodeEncodeError | SMTPNotSupportedError
    ):
        return SendResult(Outcome.REJECTED, error=words)
    elif isinstance(error, SMTPException):
        return _make_result(_judge_smtp_error(error), words)
    elif never_connected(error):
        return _make_result(Outcome.UNAVAILABLE, words)
    else:
        result = SendResult(Outcome.UNKNOWN, error=words)
    if has_sent or result.outcome is not Outcome.UNKNOWN:
        return result
    # The line failed at the handshake or in a proxy, or it is of a kind that nobody foresaw.
    is_line = isinstance(error, OSError | AnymailAPIError)
    return _make_result(Outcome.UNAVAILABLE if is_line else Outcome.DEFERRED, words)


def judge_build_error(error: Exception) -> SendResult:
    """What an exception means while a message's call was built, long before the call.

    The message is at fault where anymail says so. Anything else is the program's fault or that of
    a setting, and no reason to give up on a whole edition.
    """
    if isinstance(error, (AnymailError, UnicodeError, *SETTINGS_ERRORS)):
        return _note_origin(judge_exception(error), has_sent=False)
    return SendResult(Outcome.DEFERRED, error=_describe_error(error), is_ours=True)


def judge_open_error(error: Exception) -> SendResult:
    """What an exception before any message means: nothing was sent, and nothing can be."""
    words = _describe_error(error)
    if isinstance(error, SMTPException):
        code = getattr(error, "smtp_code", 0)
        is_passing = code < 500 and not isinstance(error, SMTPNotSupportedError)
    else:
        is_passing = isinstance(error, OSError)
    return _make_result(Outcome.UNAVAILABLE if is_passing else Outcome.ACCOUNT_REFUSED, words)


def judge_call(response: requests.Response, count: int) -> list[SendResult] | SendResult:
    """What the answer to a call with `count` messages means: for each of them, or for all alike."""
    if not response.ok:
        return judge_status(response)
    try:
        body = response.json()
    except ValueError:
        return SendResult(Outcome.UNKNOWN, error=_("The provider's answer could not be read."))
    rows = body.get("data") if isinstance(body, dict) else body
    if not isinstance(rows, list) or len(rows) != count:
        error = _("The provider's answer has a wrong count of rows.")
        return SendResult(Outcome.UNKNOWN, error=error)
    return [_judge_row(row) for row in rows]


def judge_status(response: requests.Response, words: str = "") -> SendResult:
    """What an HTTP status other than success means; `words` instead of the answer's own."""
    status = response.status_code
    words = words or _("The provider answered %(status)s: %(said)s") % {
        "status": status,
        "said": " ".join(response.text.split())[:200],
    }
    if (outcome := HTTP_OUTCOMES.get(status)) is Outcome.UNAVAILABLE:
        return SendResult(outcome, error=words, pause=read_pause(response.headers))
    if status == 409 and OTHER_BYTES in response.text:
        return SendResult(Outcome.REJECTED, error=words[:ERROR_CHARS], is_known=True)
    if outcome is None:
        is_unclear = status < 400 or status >= 500
        outcome = Outcome.UNKNOWN if is_unclear else _judge_postmark_body(response)
    return _make_result(outcome, words)


def judge_tries(first: SendResult, last: SendResult) -> SendResult:
    """What a call means that was made again after it had got no answer, and was refused then.

    The refusal says nothing of the first try, which may have been accepted.
    """
    return replace(first, pause=last.pause)


def read_pause(headers: Mapping[str, str] | None) -> timedelta:
    """How long the provider asks us to wait; DEFAULT_PAUSE where it does not say."""
    pause = read_retry_after(headers or {}, timezone.now(), LONGEST_PAUSE)
    return DEFAULT_PAUSE if pause is None else max(pause, SHORTEST_PAUSE)


def never_connected(error: BaseException) -> bool:
    """Whether the connection was refused, or the name unknown, before a byte was sent."""
    names = {"NewConnectionError", "NameResolutionError"}
    return any(
        isinstance(cause, requests.ConnectTimeout | ConnectionRefusedError)
        or type(cause).__name__ in names
        for cause in _list_causes(error)
    )


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and what requests wraps without saying so."""
    while error is not None:
        yield error
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, BaseException):
            yield reason
        error = error.__cause__


def _describe_error(error: Exception) -> str:
    return " ".join(str(error).split())[:ERROR_CHARS] or type(error).__name__


def _make_result(outcome: Outcome, words: str) -> SendResult:
    pause = DEFAULT_PAUSE if outcome is Outcome.UNAVAILABLE else timedelta(0)
    return SendResult(outcome, error=words, pause=pause)


def _judge_api_error(error: AnymailAPIError, words: str) -> SendResult:
    if isinstance(error.response, requests.Response):
        return judge_status(error.response, words)
    if never_connected(error):
        return _make_result(Outcome.UNAVAILABLE, words)
    answer = getattr(error.__cause__, "response", None)
    answer = answer if isinstance(answer, Mapping) else {}
    result = _make_result(_judge_amazon_error(error.__cause__, answer), words)
    if result.outcome is not Outcome.UNAVAILABLE:
        return result
    return replace(result, pause=read_pause(answer.get("ResponseMetadata", {}).get("HTTPHeaders")))


def _judge_amazon_error(cause: BaseException | None, answer: Mapping[str, Any]) -> Outcome:
    """By its name, or else by its status: what stands between us and Amazon names nothing."""
    names = [kind.__name__ for kind in type(cause).__mro__]
    names.append(str(answer.get("Error", {}).get("Code")))
    for name in names:
        if name in AMAZON_OUTCOMES:
            return AMAZON_OUTCOMES[name]
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    is_refusal = 400 <= status < 500
    return HTTP_OUTCOMES.get(status, Outcome.REJECTED if is_refusal else Outcome.UNKNOWN)


def _judge_smtp_error(error: SMTPException) -> Outcome:
    if isinstance(error, SMTPRecipientsRefused):
        return _judge_smtp_code(min(code for code, _unused in error.recipients.values()))
    if isinstance(error, SMTPSenderRefused) and error.smtp_code >= 500:
        # Our one sender is refused, whoever the message is for.
        is_large = error.smtp_code == SMTP_TOO_LARGE
        return Outcome.REJECTED if is_large else Outcome.ACCOUNT_REFUSED
    if isinstance(error, SMTPDataError) and not 400 <= error.smtp_code < 600:
        # A reply that broke off: smtplib takes the digits that came for the whole code.
        return Outcome.UNKNOWN
    if isinstance(error, SMTPResponseException):
        return _judge_smtp_code(error.smtp_code)
    if never_connected(error):
        return Outcome.UNAVAILABLE
    # Whether the mail itself was being sent, smtplib does not say; its frames do.
    return Outcome.UNKNOWN if _passes_through(error, "data") else Outcome.DEFERRED


def _judge_smtp_code(code: int) -> Outcome:
    return SMTP_OUTCOMES.get(code, Outcome.REJECTED if code >= 500 else Outcome.DEFERRED)


def _is_bad_header(error: Exception) -> bool:
    """Whether a header of the message has a line break.

    Django 5.2 says BadHeaderError, which from 6.1 on is any ValueError: where it comes from tells.
    """
    return isinstance(error, ValueError) and _passes_through(error, "message")


def _passes_through(error: Exception, function: str) -> bool:
    """Whether it was raised below a function of this name."""
    return any(frame.f_code.co_name == function for frame, _unused in walk_tb(error.__traceback__))


def _judge_row(row: Any) -> SendResult:
    """One row of a batch's answer, as Postmark or Resend writes it."""
    if not isinstance(row, dict):
        return SendResult(Outcome.UNKNOWN, error=_("The provider's answer could not be read."))
    if code := row.get("ErrorCode"):
        words = str(
            row.get("Message") or _("The provider refused it with code %(code)s.") % {"code": code}
        )
        return _make_result(_judge_postmark_code(code), words)
    message_id = str(row.get("MessageID") or row.get("id") or "")
    if not message_id:
        return SendResult(Outcome.UNKNOWN, error=_("The provider named no message id."))
    return SendResult(Outcome.SENT, message_id=message_id)


def _judge_postmark_body(response: requests.Response) -> Outcome:
    """A refusal's ErrorCode, where it has one."""
    try:
        body = response.json()
    except ValueError:
        return Outcome.REJECTED
    return _judge_postmark_code(body.get("ErrorCode") if isinstance(body, dict) else None)


def _judge_postmark_code(code: Any) -> Outcome:
    is_known = isinstance(code, int) and code in POSTMARK_OUTCOMES
    return POSTMARK_OUTCOMES[code] if is_known else Outcome.REJECTED
