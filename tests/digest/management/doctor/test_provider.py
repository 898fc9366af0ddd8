"""Whether mail can leave through each provider, and its reports come back, is said in words."""

from __future__ import annotations

import builtins
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.provider_settings import OF_ALL, PROVIDERS, TELLS_TRACKING
from digest.deliver.provider.message_listings import LISTINGS
from digest.deliver.provider.message_search import SEARCHES
from digest.deliver.provider.traits import TRAITS, ProviderTraits
from digest.management.doctor import examine
from digest.management.doctor.provider import EXTRAS, NO_REPORTS, UNSUPPORTED
from digest.management.doctor.symptom import Symptom
from tests.digest.management.doctor.healthy_site import GOOD, assert_named, found
from tests.factories import NOW
from tests.provider_keys import KEYS

COMMON = {"WEBHOOK_SECRET": "name:password", "SEND_DEFAULTS": {"track_opens": False}}


def use(well: Any, provider: str, without: str = "") -> None:
    well.EMAIL_BACKEND = f"anymail.backends.{provider}.EmailBackend"
    well.ANYMAIL = COMMON | {k: v for k, v in KEYS[provider].items() if k != without}


def look() -> list[Symptom]:
    return examine(NOW)


def hide_package(monkeypatch: pytest.MonkeyPatch, package: str, provider: str) -> None:
    """As on a machine where it was never installed."""
    imported = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(f"No module named {name}")
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    monkeypatch.delitem(sys.modules, f"anymail.backends.{provider}", raising=False)


@pytest.mark.parametrize(
    ("name", "value", "breaks", "said"),
    [
        ("EMAIL_BACKEND", settings.OUTBOX_BACKEND, True, "goes into the local outbox"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", True, "No mail leaves"),
        ("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend", False, "by SMTP"),
        ("ANYMAIL", {k: v for k, v in GOOD["ANYMAIL"].items() if "TOKEN" not in k}, True, "TOKEN"),
        ("ANYMAIL", GOOD["ANYMAIL"] | {"WEBHOOK_SECRET": "word"}, True, "WEBHOOK_SECRET"),
        ("ANYMAIL", GOOD["ANYMAIL"] | {"WEBHOOK_SECRET": ["a:b", "word"]}, True, "WEBHOOK_SECRET"),
        ("ANYMAIL", GOOD["ANYMAIL"] | {"WEBHOOK_SECRET": []}, True, "WEBHOOK_SECRET"),
        ("ANYMAIL", GOOD["ANYMAIL"] | {"SEND_DEFAULTS": {}}, False, "told with each mail"),
    ],
)  # fmt: skip
def test_each_setting_that_is_amiss_is_named(
    name: str, value: Any, breaks: bool, said: str, well: Any
) -> None:
    assert_named(well, name, value, breaks, said)


def test_several_webhook_secrets_are_as_good_as_one(well: Any) -> None:
    well.ANYMAIL = GOOD["ANYMAIL"] | {"WEBHOOK_SECRET": ["name:old", "name:new"]}
    assert found() == []


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - set(NO_REPORTS) - set(UNSUPPORTED)))
def test_with_its_keys_every_provider_is_ready_to_send_and_to_report(
    provider: str, well: Any
) -> None:
    if provider in EXTRAS:
        pytest.importorskip(EXTRAS[provider][0])
    use(well, provider)
    assert found() == []


# Amazon may find its keys elsewhere; for Resend's reports the webhook's name:password is enough.
NEEDED = [
    (provider, name)
    for provider in KEYS
    for name in KEYS[provider]
    if provider != "amazon_ses" and name != "RESEND_SIGNING_SECRET"
]


@pytest.mark.parametrize(("provider", "name"), NEEDED)
def test_each_key_that_is_missing_is_named_with_what_to_do(
    provider: str, name: str, well: Any
) -> None:
    use(well, provider, without=name)
    symptoms = [s for s in look() if s.breaks_mail]
    assert symptoms
    assert any(s.remedy.startswith(f"Set ANYMAIL_{name} in the environment") for s in symptoms)


@pytest.mark.parametrize(
    ("provider", "package", "extra"),
    [("amazon_ses", "boto3", "ses"), ("resend", "svix", "resend")],
)
def test_a_missing_package_is_to_be_installed_and_not_to_be_set(
    provider: str, package: str, extra: str, well: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(well, provider)
    if provider == "resend":  # its module was imported long ago
        from anymail.webhooks import resend  # noqa: PLC0415

        lazy = resend._LazyError(resend.AnymailImproperlyInstalled("svix", "resend"))
        monkeypatch.setattr(resend, "SvixWebhook", lazy)
    else:
        hide_package(monkeypatch, package, provider)
    [symptom] = look()
    assert symptom.breaks_mail
    assert symptom.remedy == (
        f'Install {package}: pip install ".[{extra}]" in a checkout, or use the image of the '
        "Dockerfile, which has it."
    )


def test_postals_package_is_missed_before_the_first_report(
    well: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(well, "postal")
    monkeypatch.setattr("digest.management.doctor.provider.find_spec", lambda _name: None)
    [symptom] = look()
    assert symptom.breaks_mail
    assert symptom.remedy.startswith('Install cryptography: pip install ".[postal]"')


def test_a_signing_secret_that_is_none_is_noticed_before_the_first_report(well: Any) -> None:
    pytest.importorskip("svix")
    use(well, "resend")
    well.ANYMAIL["RESEND_SIGNING_SECRET"] = "not base64!"
    [(breaks, sentence)] = found()
    assert (breaks, sentence.startswith("Reports of the provider cannot be read")) == (True, True)


def test_a_provider_without_reports_is_said_to_have_none(well: Any) -> None:
    use(well, "scaleway")
    [(breaks, sentence)] = found()
    assert (breaks, sentence.startswith("Scaleway sends no reports")) == (False, True)


def test_a_provider_that_anymail_gave_up_is_named(well: Any) -> None:
    use(well, "sendgrid")
    [(breaks, sentence)] = found()
    assert (breaks, "no longer supports SendGrid" in sentence) == (False, True)


def test_a_provider_that_is_none_is_to_be_named_anew(well: Any) -> None:
    well.EMAIL_BACKEND = "anymail.backends.postmrk.EmailBackend"
    [symptom] = look()
    assert symptom.breaks_mail
    assert "docs/providers.md" in symptom.remedy


def read_table() -> dict[str, list[str]]:
    """The rows of docs/providers.md by provider."""
    page = (Path(settings.BASE_DIR) / "docs" / "providers.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    return {row[0].strip("`"): row for row in rows if len(row) == 9 and row[0].startswith("`")}


def test_the_table_of_providers_has_all_of_them_and_no_other() -> None:
    assert set(read_table()) == set(PROVIDERS) == set(KEYS)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_table_of_providers_says_what_the_code_does(provider: str) -> None:
    _, keys, batch, repeated, looked_up, webhook, extra, tracking, _ = read_table()[provider]
    by_name = {name.lower().replace(" ", "_"): name for name in TRAITS}
    traits = TRAITS.get(by_name.get(provider, ""), ProviderTraits())
    assert int(batch) == traits.batch_size
    lifetime = max(traits.key_lifetime, traits.call_lifetime)
    minutes = int(lifetime.total_seconds() // 60)
    said = f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} hours"
    assert repeated.startswith(said if minutes else "no")
    if by_name.get(provider) in {*SEARCHES, *LISTINGS}:
        assert looked_up.startswith("by ")
    else:
        silence = "by its reports' silence" if traits.believed_silence else "you decide"
        assert looked_up == f"no: {silence}"
    assert (webhook == "**none**") == (provider in NO_REPORTS)
    assert extra.startswith(f"`{EXTRAS[provider][1]}`" if provider in EXTRAS else "–")
    assert (tracking == "with every mail") == (provider in TELLS_TRACKING)
    known = {f"{provider}_{name}".upper() for name in (*PROVIDERS[provider], *OF_ALL)}
    named = set(re.findall(r"`([A-Z_]+)`", keys))
    assert named <= known
    assert set(KEYS[provider]) <= named
