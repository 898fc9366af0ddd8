"""How each provider names what became of a mail: a table for each that anymail knows.

Words are written small, with hyphens. Of a table's columns the first with a known word counts.
What a provider itself holds back since something happened *before* counts as hard where it names a
bounce or a complaint, and else as soft: its list may be older than the subscriber's latest wish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Word(Enum):
    """What a word means: a verdict (digest/models/events.py), or that the reply has to tell."""

    HARD = "hard"
    COMPLAINT = "complaint"
    LEFT = "left"
    SOFT = "soft"
    BLOCKED = "blocked"
    OURS = "ours"
    ARRIVED = "arrived"
    NONE = "none"
    REFUSED = "refused"  # for good; by its reply the address, the moment or we


@dataclass(frozen=True)
class Column:
    """One place of a report where a telling word can stand."""

    path: str  # in the provider's own report; `*` is any key
    words: Mapping[str, Word]
    # It tells the end even where anymail says "deferred"; with the others a later report does.
    is_final: bool = False
    any_other: Word | None = None


# https://postmarkapp.com/developer/api/bounce-api#bounce-types
_POSTMARK = (
    # https://postmarkapp.com/developer/webhooks/subscription-change-webhook
    Column(
        "SuppressionReason",
        {"hardbounce": Word.HARD, "spamcomplaint": Word.COMPLAINT, "manualsuppression": Word.LEFT},
    ),
    Column(
        "Type",
        {
            "hardbounce": Word.REFUSED,
            "bademailaddress": Word.HARD,
            "manuallydeactivated": Word.HARD,  # by hand, at the provider: nothing is sent any more
            "spamcomplaint": Word.COMPLAINT,
            "spamnotification": Word.BLOCKED,  # a filter's notice; anymail calls it a complaint
            "softbounce": Word.SOFT,
            "transient": Word.SOFT,
            "dnserror": Word.SOFT,
            "blocked": Word.BLOCKED,
            "dmarcpolicy": Word.OURS,
            "virusnotification": Word.OURS,
            "unconfirmed": Word.OURS,
            "smtpapierror": Word.OURS,
            "templaterenderingfailed": Word.OURS,
        },
        is_final=True,
    ),
)
# https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
_AMAZON_SUBTYPES = {
    "noemail": Word.HARD,
    "suppressed": Word.HARD,
    "onaccountsuppressionlist": Word.HARD,
    "mailboxfull": Word.SOFT,
    "messagetoolarge": Word.OURS,
    "contentrejected": Word.OURS,
    "attachmentrejected": Word.OURS,
}
_AMAZON_TYPES = {
    "permanent": Word.REFUSED,
    "transient": Word.SOFT,
    "undetermined": Word.SOFT,
}
# A mailbox's feedback need be no complaint: https://www.rfc-editor.org/rfc/rfc5965#section-7.3
_FEEDBACK = {"not-spam": Word.NONE, "auth-failure": Word.OURS, "virus": Word.OURS}
_AMAZON = (
    Column("bounce.bounceSubType", _AMAZON_SUBTYPES),
    Column("bounce.bounceType", _AMAZON_TYPES),
    Column("complaint.complaintFeedbackType", _FEEDBACK),
)
# Amazon's words: https://resend.com/docs/webhooks/emails/bounced
_RESEND = (
    Column("data.bounce.subType", _AMAZON_SUBTYPES),
    Column("data.bounce.type", _AMAZON_TYPES),
)
# https://developers.brevo.com/docs/transactional-webhooks
_BREVO = (
    Column(
        "event",
        {
            "hard-bounce": Word.REFUSED,
            "soft-bounce": Word.SOFT,
            "invalid-email": Word.HARD,
            "blocked": Word.SOFT,  # held back: blocked, unsubscribed or bounced there before
        },
    ),
)
# https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/tracking-failures
_MAILGUN = (
    Column(
        "event-data.reason",
        {
            "suppress-bounce": Word.HARD,
            "suppress-complaint": Word.HARD,
            "suppress-unsubscribe": Word.SOFT,
            "espblock": Word.BLOCKED,
            "greylisted": Word.SOFT,
            "generic": Word.SOFT,
            "old": Word.SOFT,  # tried for as long as it tries
        },
    ),
    Column("event-data.delivery-status.bounce-type", {"soft": Word.SOFT, "hard": Word.REFUSED}),
    Column("event-data.severity", {"temporary": Word.SOFT}),
    Column("event-data.reason", {"bounce": Word.REFUSED}),
    # The reports before 2018, which accounts may still have:
    # https://help.mailgun.com/hc/en-us/articles/14048832145051-Legacy-Webhooks
    Column("code", {"605": Word.HARD, "607": Word.HARD, "499": Word.SOFT}),
)
# https://dev.mailjet.com/email/guides/webhooks/#possible-values-for-errors
_MAILJET = (
    Column(
        "error",
        {
            "user-unknown": Word.HARD,
            "mailbox-inactive": Word.HARD,
            "typofix": Word.HARD,
            "spam-reporter": Word.HARD,
            "quota-exceeded": Word.SOFT,
            "blacklisted": Word.SOFT,  # held back: bounced, blocked or unsubscribed there before
            "preblocked": Word.SOFT,
            "invalid-domain": Word.SOFT,
            "no-mail-host": Word.SOFT,
            "greylisted": Word.SOFT,
            "connection-issue": Word.SOFT,
            "system-issue": Word.SOFT,
            "protocol-issue": Word.SOFT,
            "relay/access-denied": Word.BLOCKED,
            "sender-blocked": Word.BLOCKED,
            "content-blocked": Word.BLOCKED,
            "policy-issue": Word.BLOCKED,
            "duplicate-in-campaign": Word.OURS,
            "bad-or-empty-template": Word.OURS,
            "error-in-template-language": Word.OURS,
        },
    ),
    Column("hard_bounce", {"true": Word.REFUSED, "false": Word.SOFT}),
)
# https://developers.mailersend.com/api/v1/webhooks.html
_MAILERSEND = (Column("data.type", {"hard-bounced": Word.REFUSED, "soft-bounced": Word.SOFT}),)
# https://docs.mailtrap.io/email-api-smtp/advanced/webhooks
_MAILTRAP = (
    Column(
        "event",
        {
            "bounce": Word.REFUSED,
            "soft-bounce": Word.SOFT,
            "reject": Word.SOFT,  # held back: on its list of suppressions
        },
        is_final=True,
    ),
)
# https://mailchimp.com/developer/transactional/docs/webhooks/
_MANDRILL = (
    Column(
        "msg.bounce_description",
        {
            "bad-mailbox": Word.HARD,
            "mailbox-full": Word.SOFT,
            "invalid-domain": Word.SOFT,
            "spam-block": Word.BLOCKED,
            "spam": Word.BLOCKED,
        },
    ),
    # https://mailchimp.com/developer/transactional/docs/reputation-rejections/
    Column(
        "msg.reject.reason",
        {
            "hard-bounce": Word.HARD,
            "spam": Word.HARD,
            "invalid": Word.HARD,
            "soft-bounce": Word.SOFT,
            "unsub": Word.SOFT,
            "custom": Word.SOFT,
        },
    ),
    Column("event", {"hard-bounce": Word.REFUSED, "soft-bounce": Word.SOFT}),
)
# https://docs.postalserver.io/developer/webhooks
_POSTAL = (
    Column("payload.status", {"hardfail": Word.REFUSED}),
    # A mail that came back later; what stands in it we are not told.
    Column("payload.original_message.id", {}, any_other=Word.SOFT),
)
# https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
_SPARKPOST = (
    Column(
        "msys.*.bounce_class",
        {
            "1": Word.SOFT,  # the reply was not understood
            "10": Word.HARD,
            "20": Word.SOFT,
            "21": Word.SOFT,  # DNS
            "22": Word.SOFT,  # mailbox full
            "23": Word.OURS,  # too large
            "24": Word.SOFT,
            "25": Word.SOFT,  # held back by its rules, its list of suppressions among them
            "26": Word.SOFT,
            "30": Word.HARD,
            "40": Word.SOFT,
            "50": Word.BLOCKED,
            "51": Word.BLOCKED,
            "52": Word.BLOCKED,
            "53": Word.OURS,
            "54": Word.BLOCKED,
            "70": Word.SOFT,
            "90": Word.LEFT,
        },
    ),
    Column("msys.*.type", {"policy-rejection": Word.SOFT, "generation-rejection": Word.SOFT}),
    Column("msys.*.fbtype", _FEEDBACK),
)
# https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
_SENDGRID = (
    Column(
        "bounce_classification",
        {
            "invalid-address": Word.HARD,
            "mailbox-unavailable": Word.SOFT,  # full ones among them
            "technical-failure": Word.SOFT,
            "frequency/volume": Word.SOFT,
            "content": Word.BLOCKED,
            "reputation": Word.BLOCKED,
        },
    ),
    Column("type", {"bounce": Word.REFUSED, "blocked": Word.BLOCKED, "expired": Word.SOFT}),
    Column(
        "reason",
        {
            "bounced-address": Word.HARD,
            "invalid": Word.HARD,
            "spam-reporting-address": Word.HARD,
            "unsubscribed-address": Word.SOFT,
        },
    ),
)
# https://godocs.unisender.ru/web-api-ref#callback-format
_UNISENDER = (
    Column(
        "delivery_info.delivery_status",
        {
            "err-user-unknown": Word.HARD,
            "err-user-inactive": Word.HARD,
            "err-mailbox-discarded": Word.HARD,
            "err-will-retry": Word.NONE,
            "err-mailbox-full": Word.SOFT,
            "err-unsubscribed": Word.SOFT,
            "err-unreachable": Word.SOFT,
            "err-skip-letter": Word.SOFT,
            "err-domain-inactive": Word.SOFT,
            "err-destination-misconfigured": Word.SOFT,
            "err-delivery-failed": Word.SOFT,
            "err-lost": Word.SOFT,
            "err-spam-rejected": Word.BLOCKED,
            "err-blacklisted": Word.BLOCKED,
            "err-spam-skipped": Word.OURS,
            "err-too-large": Word.OURS,
        },
        is_final=True,
    ),
    Column("status", {"hard-bounced": Word.REFUSED, "soft-bounced": Word.SOFT}, is_final=True),
)
# By anymail's names.
TABLES: Mapping[str, tuple[Column, ...]] = {
    "Amazon SES": _AMAZON,
    "Brevo": _BREVO,
    "MailerSend": _MAILERSEND,
    "Mailgun": _MAILGUN,
    "Mailjet": _MAILJET,
    "Mailtrap": _MAILTRAP,
    "Mandrill": _MANDRILL,
    "Postal": _POSTAL,
    "Postmark": _POSTMARK,
    "Resend": _RESEND,
    "SendGrid": _SENDGRID,
    "SendinBlue": _BREVO,  # Brevo's name before
    "SparkPost": _SPARKPOST,
    "Unisender Go": _UNISENDER,
}
