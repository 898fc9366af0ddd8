"""What an answer of a provider can mean for a message, and what providers mean by their codes.

Each table holds the codes that do not mean what they seem to; judge.py reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_PAUSE = timedelta(hours=6)  # whatever a provider asks for


class Outcome(Enum):
    """What the provider's answer means for one message."""

    SENT = "sent"  # accepted by the provider
    NOT_ATTEMPTED = "not attempted"  # no call was made for it: its claim is given back
    DEFERRED = "deferred"  # surely not accepted: this message can be tried again soon
    UNAVAILABLE = "unavailable"  # surely not accepted, and no other would be before the pause ends
    ACCOUNT_REFUSED = "account refused"  # our credentials, our account or our settings are wrong
    REJECTED = "rejected"  # this message will never be accepted
    UNKNOWN = "unknown"  # it may have been accepted

    @property
    def concerns_all(self) -> bool:
        """Whether the next message would meet the same."""
        return self in (Outcome.UNAVAILABLE, Outcome.ACCOUNT_REFUSED)


@dataclass(frozen=True)
class SendResult:
    """The outcome for one message, with the provider's own words where it was not sent."""

    outcome: Outcome
    message_id: str = ""
    error: StrOrPromise = ""
    pause: timedelta = timedelta(0)  # how long nobody should call; zero where nobody need wait
    is_known: bool = False  # the provider has accepted another call under its key
    is_ours: bool = False  # we judged it without a call: of the provider it tells nothing


NOT_ATTEMPTED = SendResult(Outcome.NOT_ATTEMPTED)
# What becomes of rows whose call cannot be made again as it was: it may have gone out already.
CALL_CHANGED = SendResult(
    Outcome.REJECTED,
    error=_("It would be another call now; the provider may have it."),
    is_ours=True,
)

# -- what providers mean by their codes ------------------------------------------------------------

# HTTP statuses that do not mean what others of their hundred do; of the others 4xx is a rejection,
# and all but 2xx leave it unknown.
HTTP_OUTCOMES = {
    401: Outcome.ACCOUNT_REFUSED,
    402: Outcome.ACCOUNT_REFUSED,
    403: Outcome.ACCOUNT_REFUSED,
    404: Outcome.ACCOUNT_REFUSED,  # a sender domain, a stream or an address that is not ours
    408: Outcome.UNKNOWN,
    # Resend knows the key: the first call is under way; judge.py knows the other case.
    # https://resend.com/docs/dashboard/emails/idempotency-keys
    409: Outcome.UNKNOWN,
    429: Outcome.UNAVAILABLE,
    503: Outcome.UNAVAILABLE,
}
# Postmark's ErrorCode where it does not mean "this message is rejected". It comes with a 422, and
# in the rows of a batch, whose own status is 200 whatever they hold:
# https://postmarkapp.com/developer/user-guide/send-email-with-api/batch-emails
# https://postmarkapp.com/developer/api/overview#error-codes
POSTMARK_OUTCOMES = {
    10: Outcome.ACCOUNT_REFUSED,  # bad or missing token
    100: Outcome.UNAVAILABLE,  # maintenance
    400: Outcome.ACCOUNT_REFUSED,  # no such sender signature
    401: Outcome.ACCOUNT_REFUSED,  # the sender signature is not confirmed
    405: Outcome.ACCOUNT_REFUSED,  # not allowed to send: credits used up
    412: Outcome.ACCOUNT_REFUSED,  # the account waits for approval
    413: Outcome.ACCOUNT_REFUSED,  # the account may not send
    429: Outcome.UNAVAILABLE,  # too many requests
}
# Amazon SES: boto3's errors by the name of their class or of the code within, since boto3 need not
# be installed. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html and
# https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
AMAZON_OUTCOMES = {
    "EndpointConnectionError": Outcome.UNAVAILABLE,
    "ConnectTimeoutError": Outcome.UNAVAILABLE,
    "NoCredentialsError": Outcome.ACCOUNT_REFUSED,
    "PartialCredentialsError": Outcome.ACCOUNT_REFUSED,
    "NoRegionError": Outcome.ACCOUNT_REFUSED,
    # SES does not queue what is above the account's rate, but drops it:
    # https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
    "Throttling": Outcome.UNAVAILABLE,
    "ThrottlingException": Outcome.UNAVAILABLE,
    "TooManyRequestsException": Outcome.UNAVAILABLE,
    "LimitExceededException": Outcome.UNAVAILABLE,
    "AccountSuspendedException": Outcome.ACCOUNT_REFUSED,
    "SendingPausedException": Outcome.ACCOUNT_REFUSED,
    "MailFromDomainNotVerifiedException": Outcome.ACCOUNT_REFUSED,
    "NotFoundException": Outcome.ACCOUNT_REFUSED,  # the configuration set
    # Of all services, some with a status of 400; RequestExpired tells of our clock:
    # https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html
    "ExpiredTokenException": Outcome.ACCOUNT_REFUSED,
    "IncompleteSignature": Outcome.ACCOUNT_REFUSED,
    "InvalidClientTokenId": Outcome.ACCOUNT_REFUSED,
    "RequestExpired": Outcome.ACCOUNT_REFUSED,
    "BadRequestException": Outcome.REJECTED,
    "MessageRejected": Outcome.REJECTED,
}
# SMTP: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3, and for authentication
# https://www.rfc-editor.org/rfc/rfc4954#section-6
SMTP_OUTCOMES = {
    421: Outcome.UNAVAILABLE,
    530: Outcome.ACCOUNT_REFUSED,
    534: Outcome.ACCOUNT_REFUSED,
    535: Outcome.ACCOUNT_REFUSED,
    538: Outcome.ACCOUNT_REFUSED,
}
SMTP_TOO_LARGE = 552  # the only answer to our sender's address that is about the message
