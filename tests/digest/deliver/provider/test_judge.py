"""Every answer of a provider is judged for what it means: sent, to be tried again, or unknown."""

import smtplib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest
import requests
from anymail.exceptions import AnymailAPIError, AnymailConfigurationError, AnymailError
from anymail.message import AnymailMessage, AnymailRecipientStatus
from django.core.mail import EmailMultiAlternatives

from digest.deliver.provider.judge import (
    DEFAULT_PAUSE,
    judge_build_error,
    judge_call,
    judge_exception,
    judge_open_error,
    judge_sent_count,
    judge_status,
    judge_tries,
    read_pause,
)
from digest.deliver.provider.outcomes import Outcome, SendResult
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def answer(status_code, headers=None, body=b"{}"):
    response = requests.Response()
    response.status_code = status_code
    response.headers.update(headers or {})
    response._content = body
    return response


class AmazonError(Exception):
    """Shaped as boto3's own: what it met is a dictionary."""

    def __init__(self, code, http_status):
        super().__init__(code)
        self.response = {
            "Error": {"Code": code},
            "ResponseMetadata": {"HTTPStatusCode": http_status},
        }


class NoCredentialsError(Exception):
    """Named as boto3's own."""


class ReadTimeoutError(Exception):
    """Named as boto3's own."""


class EndpointConnectionError(Exception):
    """Named as boto3's own."""


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("30", 30),
        ("0", 1),
        ("1e99", 10),
        ("nan", 10),
        ("", 10),
        ("soon", 10),
        ("999999", 6 * 3600),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 1),
        ("Wed, 22 Apr 2026 12:01:30 -0000", 90),
    ],
)
def test_a_pause_is_read_in_seconds_or_as_a_date_of_the_providers_clock(said, seconds):
    date = format_datetime(NOW, usegmt=True)
    wait = read_pause(answer(429, {"Retry-After": said, "Date": date}).headers)
    assert wait.total_seconds() == seconds


def test_without_the_providers_clock_ours_is_asked():
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    wait = read_pause(answer(503, {"Retry-After": date}).headers)
    assert 3500 < wait.total_seconds() <= 3600


@pytest.mark.parametrize(
    ("code", "body", "outcome"),
    [
        (200, b"", Outcome.UNKNOWN),
        (302, b"", Outcome.UNKNOWN),
        (408, b"", Outcome.UNKNOWN),
        (402, b"", Outcome.ACCOUNT_REFUSED),
        (404, b"", Outcome.ACCOUNT_REFUSED),
        (413, b"too large", Outcome.REJECTED),
        (422, b'{"ErrorCode": 300}', Outcome.REJECTED),
        (422, b'{"ErrorCode": 405}', Outcome.ACCOUNT_REFUSED),
        (422, b'{"ErrorCode": 100}', Outcome.UNAVAILABLE),
        (422, b'{"ErrorCode": ["?"]}', Outcome.REJECTED),
        (422, b"[]", Outcome.REJECTED),
    ],
)
def test_a_status_means_what_it_says(code, body, outcome):
    result = judge_status(answer(code, body=body))
    assert result.outcome is outcome
    assert bool(result.pause) == (outcome is Outcome.UNAVAILABLE)
    assert result.error.startswith(f"The provider answered {code}")


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (AmazonError("TooManyRequestsException", 429), Outcome.UNAVAILABLE),
        (AmazonError("429", 429), Outcome.UNAVAILABLE),
        (AmazonError("503", 503), Outcome.UNAVAILABLE),
        (AmazonError("408", 408), Outcome.UNKNOWN),
        (AmazonError("RequestExpired", 400), Outcome.ACCOUNT_REFUSED),
        (AmazonError("MessageRejected", 400), Outcome.REJECTED),
        (AmazonError("InvalidParameterValue", 400), Outcome.REJECTED),
        (AmazonError("AccessDenied", 403), Outcome.ACCOUNT_REFUSED),
        (AmazonError("AccountSuspendedException", 400), Outcome.ACCOUNT_REFUSED),
        (AmazonError("InternalFailure", 500), Outcome.UNKNOWN),
        (NoCredentialsError(), Outcome.ACCOUNT_REFUSED),
        (EndpointConnectionError(), Outcome.UNAVAILABLE),
        (ReadTimeoutError(), Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
    ],
)
def test_amazons_errors_are_known_by_their_names(cause, outcome):
    error = AnymailAPIError("no", response=getattr(cause, "response", None))
    error.__cause__ = cause
    assert judge_exception(error).outcome is outcome


def test_amazon_is_left_alone_as_long_as_it_asks() -> None:
    error = AnymailAPIError("no")
    error.__cause__ = cause = AmazonError("TooManyRequestsException", 429)
    cause.response["ResponseMetadata"]["HTTPHeaders"] = {"retry-after": "7"}
    assert judge_exception(error).pause == timedelta(seconds=7)
    del cause.response["ResponseMetadata"]["HTTPHeaders"]
    assert judge_exception(error).pause == DEFAULT_PAUSE


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (UnicodeEncodeError("ascii", "é", 0, 1, "not ASCII"), Outcome.REJECTED),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), Outcome.REJECTED),
        (OSError("no space left"), Outcome.UNKNOWN),
        (KeyError("who knows"), Outcome.UNKNOWN),
        (ConnectionRefusedError(), Outcome.UNAVAILABLE),
    ],
)
def test_what_nobody_foresaw_is_unknown_unless_nothing_was_sent(error, outcome):
    result = judge_exception(error)
    assert result.outcome is outcome
    assert result.error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), Outcome.ACCOUNT_REFUSED),
        (smtplib.SMTPAuthenticationError(454, b"not now"), Outcome.UNAVAILABLE),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), Outcome.ACCOUNT_REFUSED),
        (smtplib.SMTPServerDisconnected("gone"), Outcome.UNAVAILABLE),
        (TimeoutError(), Outcome.UNAVAILABLE),
        (ValueError("no region"), Outcome.ACCOUNT_REFUSED),
    ],
)
def test_before_any_message_nothing_can_have_been_sent(error, outcome):
    assert judge_open_error(error).outcome is outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"<html>oops", Outcome.UNKNOWN),
        (b"{}", Outcome.UNKNOWN),
        (b"[{}]", Outcome.UNKNOWN),
        (b"[{}, {}, {}]", Outcome.UNKNOWN),
    ],
)
def test_a_batch_that_answers_for_another_count_of_messages_is_unknown(body, outcome):
    result = judge_call(answer(200, body=body), 2)
    assert isinstance(result, SendResult)
    assert result.outcome is outcome


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (b'{"ErrorCode": 0, "MessageID": "m"}', Outcome.SENT),
        (b'{"id": "m"}', Outcome.SENT),
        (b'{"ErrorCode": 406, "Message": "Inactive."}', Outcome.REJECTED),
        (b'{"ErrorCode": 429}', Outcome.UNAVAILABLE),
        (b'{"ErrorCode": 412}', Outcome.ACCOUNT_REFUSED),
        (b'{"ErrorCode": 0}', Outcome.UNKNOWN),
        (b'"what is this"', Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize("shape", [b"[%s]", b'{"data": [%s]}'])
def test_each_row_of_a_good_answer_is_judged_alone(row, outcome, shape):
    results = judge_call(answer(200, body=shape % row), 1)
    assert isinstance(results, list)
    [result] = results
    assert result.outcome is outcome
    assert result.message_id == ("m" if outcome is Outcome.SENT else "")
    assert bool(result.error) == (outcome is not Outcome.SENT)
    assert bool(result.pause) == (outcome is Outcome.UNAVAILABLE)


def test_a_batch_that_fails_as_a_whole_is_judged_by_its_status():
    result = judge_call(answer(429, {"Retry-After": "30"}), 2)
    assert (result.outcome, result.pause) == (Outcome.UNAVAILABLE, MINUTE / 2)


def test_a_refusal_after_a_try_without_an_answer_is_still_unknown():
    first = SendResult(Outcome.UNKNOWN, error="The line broke.")
    last = SendResult(Outcome.UNAVAILABLE, error="Slow down.", pause=MINUTE)
    assert judge_tries(first, last) == SendResult(
        Outcome.UNKNOWN, error="The line broke.", pause=MINUTE
    )


def test_a_backend_that_sent_nothing_had_nobody_to_send_to():
    message = EmailMultiAlternatives("Papers", "Text", to=["reader@example.org"])
    assert judge_sent_count(0, message).outcome is Outcome.REJECTED
    assert judge_sent_count(None, message).outcome is Outcome.REJECTED
    assert judge_sent_count(1, message) == SendResult(Outcome.SENT)


def test_a_message_id_that_is_a_number_is_kept_as_text() -> None:
    """Postal's are: https://docs.postalserver.io/developer/api."""
    message = EmailMultiAlternatives(to=["reader@example.org"])
    message.anymail_status = SimpleNamespace(message_id=1503)
    assert judge_sent_count(1, message).message_id == "1503"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("rejected", Outcome.REJECTED),
        ("invalid", Outcome.REJECTED),
        ("failed", Outcome.REJECTED),
        ("queued", Outcome.SENT),
        ("unknown", Outcome.SENT),
        (None, Outcome.SENT),
    ],
)
def test_a_refused_address_is_not_sent_though_the_settings_have_anymail_say_so(
    said: str | None, outcome: Outcome
) -> None:
    """With ANYMAIL_IGNORE_RECIPIENT_STATUS it raises nothing and counts the mail."""
    message = AnymailMessage(to=["reader@example.org"])
    recipient = AnymailRecipientStatus(message_id="m-1", status=said)
    message.anymail_status.set_recipient_status({"reader@example.org": recipient})
    assert judge_sent_count(1, message).outcome is outcome


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (requests.exceptions.MissingSchema("no scheme"), Outcome.ACCOUNT_REFUSED),
        (requests.exceptions.InvalidHeader("a line break in the key"), Outcome.ACCOUNT_REFUSED),
        (requests.exceptions.SSLError("not trusted"), Outcome.UNAVAILABLE),
        (requests.exceptions.ProxyError("a proxy's no"), Outcome.UNAVAILABLE),
        (TimeoutError("while connecting"), Outcome.UNAVAILABLE),
        (AnymailAPIError("no answer"), Outcome.UNAVAILABLE),
        (ValueError("a time-out that is text"), Outcome.DEFERRED),
        (RecursionError("too deep"), Outcome.DEFERRED),
    ],
)
def test_where_no_byte_left_nobody_is_in_doubt(error: Exception, outcome: Outcome) -> None:
    assert judge_exception(error, has_sent=False).outcome is outcome
    if outcome is not Outcome.ACCOUNT_REFUSED:
        assert judge_exception(error).outcome is Outcome.UNKNOWN


def test_a_line_break_in_a_header_is_its_messages_own_fault() -> None:
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed") as refused:
        EmailMultiAlternatives("News\nBcc: all@example.org", to=["a@example.org"]).message()
    assert judge_exception(refused.value).outcome is Outcome.REJECTED


def test_a_key_that_stands_in_no_header_is_no_fault_of_a_message() -> None:
    connection = HTTPConnection("127.0.0.1")
    connection.putrequest("POST", "/")
    with pytest.raises(UnicodeEncodeError) as refused:
        connection.putheader("Authorization", "k\u20acy")
    assert judge_exception(refused.value).outcome is Outcome.ACCOUNT_REFUSED


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AnymailError("no such field"), Outcome.REJECTED),
        (UnicodeEncodeError("ascii", "é", 0, 1, "not ASCII"), Outcome.REJECTED),
        (AnymailConfigurationError("no key"), Outcome.ACCOUNT_REFUSED),
        (TypeError("defaults that are text"), Outcome.DEFERRED),
        (ValueError("whatever"), Outcome.DEFERRED),
    ],
)
def test_what_fails_while_a_call_is_built_is_never_in_doubt(
    error: Exception, outcome: Outcome
) -> None:
    result = judge_build_error(error)
    assert result.outcome is outcome
    # Nobody waits for the provider because of it, but where the next mail would meet the same.
    assert result.is_ours == (outcome is not Outcome.ACCOUNT_REFUSED)
