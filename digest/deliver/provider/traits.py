"""What each email provider's interface offers, and the name of the account we send through.

The name has two parts beside the provider's: which account is meant by all settings that are no
secret, and which key it is called with. A key is rotated, and the account stays what it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings

from subscribers.mail.mail_connection import keeps_mail_here

REPORTS = timedelta(hours=12)  # a receiving server may put a mail off for hours
FOR_EVER = timedelta(days=3650)


@dataclass(frozen=True)
class ProviderTraits:
    """One account at one provider, and how far a call to it can be repeated without harm.

    Without a name and without keys, as the defaults have it, nothing can: what may have been sent
    is then never sent again.
    """

    # Of the account and of the key that it is called with: whether what was sent under another one
    # is known to it, only asking tells (digest/deliver/doubt/account_proof.py).
    name: str = ""
    account: str = ""  # the same without that key, which may be changed at any time
    provider: str = ""  # the first word of both: anymail's name, or that of Django's backend
    batch_size: int = 1  # messages handed over together: what a crash may leave unknown
    batch_most: int = 0  # the same while all goes well (call_size.py); 0 where it never is more
    batch_path: str = ""  # takes many different messages in one call
    call_key: str = ""  # HTTP header: a call repeated with the same bytes and key is done once
    message_key: str = ""  # message header: a message with the same key is sent once
    key_lifetime: timedelta = timedelta(0)  # how long a row may be sent again under its own key
    call_lifetime: timedelta = timedelta(0)  # how long a call may be made again under its key
    # A mail of which no report came for so long was never accepted, where reports are seen to come
    # with our key (digest/deliver/doubt/doubts.py); None: none can.
    believed_silence: timedelta | None = None
    is_local: bool = False  # a folder: calls do not wait for anything, so one at a time will do
    takes_metadata: bool = True  # else our key goes as the mail's one tag


# The names are anymail's esp_name; SMTP has none.
TRAITS = {
    # https://postmarkapp.com/developer/user-guide/send-email-with-api/batch-emails
    # It takes 500, and knows no keys: what a worker that dies leaves unknown is a few batches, of
    # which each mail can be asked for. More than 50 save little, and take memory: a run has several
    # calls under way (docs/operate/growth.md).
    "Postmark": ProviderTraits(
        batch_size=20, batch_most=50, batch_path="email/batch", believed_silence=REPORTS
    ),
    # Its key covers a whole call, so a row alone cannot be sent again under it. It lives 24 hours:
    # https://resend.com/docs/dashboard/emails/idempotency-keys
    "Resend": ProviderTraits(
        batch_size=100,
        batch_path="emails/batch",
        call_key="Idempotency-Key",
        call_lifetime=timedelta(hours=20),
        believed_silence=REPORTS,
    ),
    # Its keys live 30 minutes by one of its documents, 15 by another; ours counts from our mark,
    # after which the call begins:
    # https://developers.brevo.com/docs/heterogenous-versions-batch-emails
    # https://developers.brevo.com/changelog/email-api-now-supports-idempotency
    "Brevo": ProviderTraits(
        message_key="idempotencyKey",
        key_lifetime=timedelta(minutes=15),
        believed_silence=REPORTS,
    ),
    # These report by webhook, with our key in each report. Amazon's notifications have it only
    # where they are set to hold headers; events of a configuration set always have:
    # https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
    "Amazon SES": ProviderTraits(believed_silence=REPORTS),
    "Mandrill": ProviderTraits(believed_silence=REPORTS),
    # anymail refuses a message with metadata for these two, which take and report tags:
    # https://developers.mailersend.com/api/v1/email.html#send-an-email and
    # https://docs.postalserver.io/developer/webhooks
    "MailerSend": ProviderTraits(takes_metadata=False, believed_silence=REPORTS),
    "Postal": ProviderTraits(takes_metadata=False, believed_silence=REPORTS),
    # https://anymail.dev/en/stable/esps/
    "Mailgun": ProviderTraits(believed_silence=REPORTS),
    "Mailjet": ProviderTraits(believed_silence=REPORTS),
    "Mailtrap": ProviderTraits(believed_silence=REPORTS),
    "SendGrid": ProviderTraits(believed_silence=REPORTS),
    "SparkPost": ProviderTraits(believed_silence=REPORTS),
    "Unisender Go": ProviderTraits(believed_silence=REPORTS),
}
# The local outbox's files are named after the key.
OUTBOX_TRAITS = ProviderTraits(batch_size=500, key_lifetime=FOR_EVER, is_local=True)

# The ends of settings that say nothing of where mail goes: how calls are made, and what the
# provider's reports are signed with, which is often set only after the first mails have left. What
# is sent by default does: it may name Postmark's stream, and a mail is looked for in one of them.
NOT_OF_ACCOUNT = (
    *("REQUESTS_TIMEOUT", "DEBUG_API_REQUESTS", "IGNORE_RECIPIENT_STATUS"),
    *("WEBHOOK_SECRET", "WEBHOOK_KEY", "WEBHOOK_URL", "WEBHOOK_SIGNING_KEY", "SIGNING_SECRET"),
    *("TRACKING_SECRET", "INBOUND_SECRET", "WEBHOOK_VERIFICATION_KEY"),
)
# The ends of settings that are changed without another account being meant.
KEYS_OF_ACCOUNT = ("API_KEY", "API_TOKEN", "SERVER_TOKEN", "SECRET_KEY")
# And those within Amazon's parameters.
AMAZON_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def read_traits(backend: Any) -> ProviderTraits:
    """The traits of the account that this backend of Django's sends through.

    `backend` is None where the settings are wrong: then nothing is known but what they name.
    """
    esp_name = getattr(backend, "esp_name", "")
    traits = OUTBOX_TRAITS if keeps_mail_here() else TRAITS.get(esp_name, ProviderTraits())
    provider = esp_name or settings.EMAIL_BACKEND.split(".")[-2]
    account = f"{provider} {hash_account()}"
    name = " ".join(filter(None, [account, hash_keys()]))
    return replace(traits, name=name, account=account, provider=provider)


def hash_account() -> str:
    """Eight hex digits that change with the account we send through, and with no key of it."""
    server = (settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_HOST_USER)
    account = repr((_list_settings(are_keys=False), server, str(settings.OUTBOX_DIR)))
    return hashlib.blake2b(account.encode(), digest_size=4).hexdigest()


def hash_keys() -> str:
    """Eight hex digits that change with the account's keys and tell nothing of them; or none."""
    keys = _list_settings(are_keys=True)
    secret = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    made = hashlib.blake2b(repr(keys).encode(), key=secret, digest_size=4)
    return made.hexdigest() if keys else ""


def _list_settings(*, are_keys: bool) -> list[tuple[str, str]]:
    """What tells one account from the next: its keys, or all else."""
    found = []
    for name, value in sorted(settings.ANYMAIL.items()):
        if isinstance(value, dict):
            part = {k: v for k, v in value.items() if (k in AMAZON_KEYS) == are_keys}
            found += [(name, str(part))] if part else []
        elif not name.endswith(NOT_OF_ACCOUNT) and name.endswith(KEYS_OF_ACCOUNT) == are_keys:
            found.append((name, str(value)))
    return found
