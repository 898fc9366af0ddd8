"""What we count on at each provider, and what makes one account another than the next."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from anymail.backends.base import BasePayload
from django.core.mail import get_connection

from config.provider_settings import read_provider_settings
from digest.deliver.provider.payload import clean_message
from digest.deliver.provider.traits import (
    FOR_EVER,
    KEYS_OF_ACCOUNT,
    TRAITS,
    hash_account,
    read_traits,
)
from digest.management.doctor.provider import EXTRAS
from digest.render import Typesetter
from tests.factories import make_delivery
from tests.provider_keys import KEYS, list_payload_classes

# Amazon SES is an extra: its module asks for boto3 when it is imported.
INSTALLED = [name for name in TRAITS if name != "Amazon SES" or find_spec("boto3")]
# Set or changed at any time: what is in doubt must be found by its account afterwards as well.
FOR_REPORTS = (
    *("MAILERSEND_SIGNING_SECRET", "MAILGUN_WEBHOOK_SIGNING_KEY", "MAILTRAP_TRACKING_SECRET"),
    *("MANDRILL_WEBHOOK_KEY", "MANDRILL_WEBHOOK_URL", "POSTAL_WEBHOOK_KEY"),
    *("RESEND_SIGNING_SECRET", "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"),
)
MODULES = {name: name.lower().replace(" ", "_") for name in TRAITS}


class Backend:
    """As far as traits are concerned, a backend of anymail's."""

    def __init__(self, esp_name: str) -> None:
        self.esp_name = esp_name


@pytest.mark.parametrize("name", INSTALLED)
def test_every_row_has_the_name_that_anymail_gives_the_provider(name: str) -> None:
    backends = import_module(f"anymail.backends.{MODULES[name]}")
    assert backends.EmailBackend.esp_name == name


@pytest.mark.parametrize("name", INSTALLED)
def test_metadata_goes_where_anymail_takes_it_and_nowhere_else(name: str) -> None:
    payloads = list_payload_classes(MODULES[name])
    takes = [payload.set_metadata is not BasePayload.set_metadata for payload in payloads]
    assert TRAITS[name].takes_metadata == any(takes)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(KEYS))
def test_every_provider_takes_a_digest_whole(name: str, settings: Any) -> None:
    """anymail refuses a message that holds what a provider has no place for."""
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name][0])
    settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
    said = {f"ANYMAIL_{k}": v for k, v in KEYS[name].items() if isinstance(v, str)}
    settings.ANYMAIL = read_provider_settings(name, said)
    backend = get_connection()
    [message] = Typesetter().render_all([make_delivery()])
    clean_message(message)
    if not read_traits(backend).takes_metadata:
        message.tags = [message.metadata["delivery"]]
        del message.metadata
    backend.build_message_payload(message, backend.send_defaults)


def test_no_key_is_trusted_longer_than_any_document_says() -> None:
    assert TRAITS["Brevo"].key_lifetime <= timedelta(minutes=15)
    assert TRAITS["Resend"].call_lifetime < timedelta(hours=24)
    assert TRAITS["Resend"].key_lifetime == timedelta(0)
    assert TRAITS["Postmark"].key_lifetime == TRAITS["Postmark"].call_lifetime == timedelta(0)


def test_what_may_be_repeated_at_an_unknown_provider_is_nothing(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    traits = read_traits(None)
    assert traits.name.startswith("smtp ")
    assert (traits.batch_size, traits.key_lifetime) == (1, timedelta(0))
    assert (traits.call_lifetime, traits.call_key, traits.message_key) == (timedelta(0), "", "")


def test_the_local_outbox_knows_its_keys_for_ever(settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    traits = read_traits(object())
    assert traits.name == f"outbox {hash_account()}"
    assert traits.key_lifetime == FOR_EVER


def test_another_account_has_another_name_and_a_new_secret_has_not(
    settings: Any,
) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.brevo.EmailBackend"
    settings.ANYMAIL = {"BREVO_API_KEY": "secret", "WEBHOOK_SECRET": "old:secret"}
    first = read_traits(Backend("Brevo")).name
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": "new:secret"}
    assert read_traits(Backend("Brevo")).name == first
    settings.ANYMAIL = settings.ANYMAIL | {"REQUESTS_TIMEOUT": 20.0, "DEBUG_API_REQUESTS": True}
    assert read_traits(Backend("Brevo")).name == first
    settings.ANYMAIL = settings.ANYMAIL | dict.fromkeys(FOR_REPORTS, "signs what is reported")
    assert read_traits(Backend("Brevo")).name == first
    settings.ANYMAIL = settings.ANYMAIL | {"BREVO_API_KEY": "of another account"}
    second = read_traits(Backend("Brevo")).name
    assert first != second
    assert first.startswith("Brevo ")
    assert "secret" not in first


@pytest.mark.parametrize("name", sorted(KEYS))
def test_an_account_keeps_its_name_when_its_key_is_changed(name: str, settings: Any) -> None:
    """What that key signed for is told apart all the same: it may be that of another account."""
    settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
    secrets = {k: v for k, v in KEYS[name].items() if k.endswith(KEYS_OF_ACCOUNT)}
    if name == "amazon_ses":
        secrets = {"AMAZON_SES_SESSION_PARAMS": {"aws_secret_access_key": "key"}}
    settings.ANYMAIL = KEYS[name] | secrets
    first = read_traits(Backend(name))
    assert secrets
    assert first.name.startswith(f"{first.account} ")
    new = {"aws_secret_access_key": "new"} if name == "amazon_ses" else "new"
    settings.ANYMAIL = settings.ANYMAIL | dict.fromkeys(secrets, new)
    second = read_traits(Backend(name))
    assert second.account == first.account
    assert second.name != first.name


@pytest.mark.parametrize("name", ["SEND_DEFAULTS", "POSTMARK_SEND_DEFAULTS"])
def test_another_stream_is_another_account(name: str, settings: Any) -> None:
    """A mail of the old one is not found in the new one, and would be sent a second time."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {name: {"track_opens": False}}
    first = read_traits(Backend("Postmark")).name
    settings.ANYMAIL = {name: {"track_opens": False, "esp_extra": {"MessageStream": "digests"}}}
    assert read_traits(Backend("Postmark")).name != first
