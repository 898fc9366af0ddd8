"""What the settings say of the email provider: whether mail can leave, and its reports come back.

docs/providers.md is the same as a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from anymail.exceptions import AnymailImproperlyInstalled
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.urls import Resolver404, resolve

from digest.management.doctor.symptom import Symptom
from subscribers.mail.mail_connection import keeps_mail_here

# Backends that keep or drop mail, by the end of their names.
_KEEPING: tuple[str, ...] = ("locmem.EmailBackend", "console.EmailBackend", "dummy.EmailBackend")
_KEEPING += ("filebased.EmailBackend", "anymail.backends.test.EmailBackend")
# What anymail needs on top, by provider: the package, and our extra that brings it.
EXTRAS = {
    "amazon_ses": ("boto3", "ses"),
    "postal": ("cryptography", "postal"),
    "resend": ("svix", "resend"),
}
# https://anymail.dev/en/stable/esps/scaleway/
NO_REPORTS = {"scaleway": "Scaleway"}
# https://github.com/anymail/django-anymail/issues/432
UNSUPPORTED = {"sendgrid": "SendGrid"}


def check_provider() -> Iterator[Symptom]:
    backend = settings.EMAIL_BACKEND
    if keeps_mail_here() or backend.endswith(_KEEPING):
        yield Symptom(
            "No mail leaves: all of it goes into the local outbox."
            if keeps_mail_here()
            else f"No mail leaves: {backend} keeps it to itself.",
            "Set ANYMAIL_PROVIDER and its keys, or EMAIL_URL for an SMTP server; see .env.example.",
            breaks_mail=True,
        )
    elif not is_provider():
        yield Symptom(
            "Mail goes out by SMTP: bounces come back to the sender's mailbox, and nobody is "
            "suppressed by them.",
            "Read that mailbox and suppress those addresses in the admin, or use a provider.",
        )
    else:
        yield from _check_backend()
        yield from _check_support()
        yield from _check_reports()


def is_provider() -> bool:
    return bool(settings.EMAIL_BACKEND.startswith("anymail."))


def name_provider() -> str:
    """As ANYMAIL_PROVIDER names it."""
    return str(settings.EMAIL_BACKEND.split(".")[-2])


def _check_backend() -> Iterator[Symptom]:
    try:
        get_connection()
    except Exception as error:  # of whatever kind: a backend reads its settings as it likes
        yield Symptom(
            f"The email provider cannot be used: {_describe_error(error)}",
            _advise(error),
            breaks_mail=True,
        )


def _check_support() -> Iterator[Symptom]:
    if name := UNSUPPORTED.get(name_provider()):
        yield Symptom(
            f"django-anymail no longer supports {name}: nobody tests it, and it may stop working "
            "with any release.",
            "Choose another provider from docs/providers.md while there is time.",
        )


def _check_reports() -> Iterator[Symptom]:
    """Whether the webhook of this provider can read what it is sent."""
    provider = name_provider()
    if provider in NO_REPORTS:
        yield Symptom(
            f"{NO_REPORTS[provider]} sends no reports: nobody is suppressed by bounces and "
            "complaints, and what is in doubt waits for you.",
            "Look at its own list of bounces and suppress those addresses in the admin, or choose "
            "another provider from docs/providers.md.",
        )
        return
    try:
        if provider == "postal" and find_spec("cryptography") is None:
            # The others miss theirs at once, this one only when a report is there.
            raise AnymailImproperlyInstalled("cryptography", "postal")
        webhook: Any = resolve(f"/anymail/{provider}/tracking/").func
        view = webhook.load()
        reader = view.view_class(**view.view_initkwargs)  # reads its settings, as with each report
        if getattr(reader, "webhook_key", "") is None:  # Mandrill's does so only with a report
            raise ImproperlyConfigured(f"ANYMAIL_{provider.upper()}_WEBHOOK_KEY is not set.")
    except Resolver404:
        return
    except Exception as error:  # of whatever kind: each report would meet the same
        if provider == "amazon_ses" and isinstance(error, ImportError):
            return  # without it nothing can be sent either, which was said
        yield Symptom(
            f"Reports of the provider cannot be read: {_describe_error(error)}",
            _advise(error),
            breaks_mail=True,
        )


def _describe_error(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _advise(error: Exception) -> str:
    """What to do: install, or set."""
    provider = name_provider()
    if isinstance(error, ImportError):
        if provider not in EXTRAS:
            return "Name one of the providers in docs/providers.md as ANYMAIL_PROVIDER."
        package, extra = EXTRAS[provider]
        return (
            f'Install {package}: pip install ".[{extra}]" in a checkout, or use the image of the '
            "Dockerfile, which has it."
        )
    if names := re.findall(r"ANYMAIL_[A-Z_]+", str(error)):
        return f"Set {names[-1]} in the environment; docs/providers.md says what it is."
    return (
        "Set what it names in the environment, as ANYMAIL_<NAME>; docs/providers.md has the names."
    )


def check_webhook_secret() -> Iterator[Symptom]:
    said = settings.ANYMAIL.get("WEBHOOK_SECRET") or ""
    secrets = [said] if isinstance(said, str) else said
    if is_provider() and not all(":" in secret for secret in secrets):
        yield Symptom(
            "ANYMAIL_WEBHOOK_SECRET is missing, or no name:password: bounces and complaints "
            "cannot be told from forged ones.",
            "Set it, and put the same into the webhook address at your provider: "
            f"{settings.SITE_URL.replace('://', '://name:password@')}/anymail/…/tracking/",
            breaks_mail=True,
        )


def check_tracking() -> Iterator[Symptom]:
    defaults = settings.ANYMAIL.get("SEND_DEFAULTS") or {}
    if is_provider() and defaults.get("track_opens") is not False:
        yield Symptom(
            f"{name_provider()} cannot be told with each mail to track nobody.",
            "Switch open and click tracking off in the account: a promise to readers hangs on it.",
        )
