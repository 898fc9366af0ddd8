"""All that each provider of anymail's must be told, besides what all are: made up, of course."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from anymail.backends.base import BasePayload

from tests.provider_server import Server

KEYS: dict[str, dict[str, Any]] = {
    "amazon_ses": {"AMAZON_SES_SESSION_PARAMS": {"region_name": "eu-west-1"}},
    "brevo": {"BREVO_API_KEY": "key"},
    "mailersend": {"MAILERSEND_API_TOKEN": "token", "MAILERSEND_SIGNING_SECRET": "secret"},
    "mailgun": {"MAILGUN_API_KEY": "key"},
    "mailjet": {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "key"},
    "mailtrap": {"MAILTRAP_API_TOKEN": "token"},
    "mandrill": {"MANDRILL_API_KEY": "key", "MANDRILL_WEBHOOK_KEY": "key"},
    "postal": {
        "POSTAL_API_KEY": "key",
        "POSTAL_API_URL": "https://postal.example.org",
        "POSTAL_WEBHOOK_KEY": "key",
    },
    "postmark": {"POSTMARK_SERVER_TOKEN": "token"},
    "resend": {"RESEND_API_KEY": "key", "RESEND_SIGNING_SECRET": "whsec_c2VjcmV0"},
    "scaleway": {"SCALEWAY_SECRET_KEY": "key", "SCALEWAY_PROJECT_ID": "id"},
    "sendgrid": {"SENDGRID_API_KEY": "key"},
    "sparkpost": {"SPARKPOST_API_KEY": "key"},
    "unisender_go": {
        "UNISENDER_GO_API_KEY": "key",
        "UNISENDER_GO_API_URL": "https://go1.unisender.ru/ru/transactional/api/v1",
    },
}


def use_provider(name: str, server: Server, settings: Any) -> None:
    """Let mails leave through this provider of anymail's, whose interface is at the server."""
    settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
    settings.ANYMAIL = KEYS[name] | {f"{name.upper()}_API_URL": server.url}


def list_payload_classes(provider: str) -> list[type[BasePayload]]:
    """The classes by which anymail's backend of this name makes its calls."""
    module = import_module(f"anymail.backends.{provider}")
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, BasePayload)
        and kind.__module__ == module.__name__
    ]
