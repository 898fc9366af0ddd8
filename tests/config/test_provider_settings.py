"""What the environment says reaches anymail as it expects it, or is refused in a sentence."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import anymail
import pytest
from anymail.backends.base import BasePayload
from django.core.exceptions import ImproperlyConfigured

from config.provider_settings import (
    AMAZON_RETRIES,
    FORMER_NAMES,
    NAMES,
    OF_ALL,
    OF_NONE,
    PROVIDERS,
    TELLS_TRACKING,
    find_present_name,
    read_provider_settings,
)
from tests.provider_keys import list_payload_classes

BACKENDS = Path(anymail.__file__).parent / "backends"
WEBHOOKS = Path(anymail.__file__).parent / "webhooks"
NO_BACKENDS = {"__init__", "base", "base_requests"}


def read(provider: str = "", **named: str) -> dict[str, Any]:
    return read_provider_settings(provider, {f"ANYMAIL_{k}": v for k, v in named.items()})


def test_sendinblue_is_read_as_brevo() -> None:
    assert find_present_name("sendinblue") == "brevo"
    assert read("sendinblue", SENDINBLUE_API_KEY="former") == {"BREVO_API_KEY": "former"}
    both = {"SENDINBLUE_API_KEY": "former", "BREVO_API_KEY": "present"}
    assert read("sendinblue", **both) == {"BREVO_API_KEY": "present"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("REQUESTS_TIMEOUT", "20", 20.0),
        ("REQUESTS_TIMEOUT", " 3.5, 20", (3.5, 20.0)),
        ("IGNORE_RECIPIENT_STATUS", "false", False),
        ("POSTMARK_USE_BULK_API", "True", True),
        ("POSTMARK_GENERATE_MESSAGE_ID", "no", False),
        ("BREVO_WORKAROUND_DISPLAY_NAME_BUGS", "off", False),
        ("RESEND_VERIFY_ATTACHMENT_EXTENSIONS", "0", False),
        ("AMAZON_SES_AUTO_CONFIRM_SNS_SUBSCRIPTIONS", "false", False),
        ("SPARKPOST_TRACK_INITIAL_OPEN_AS_OPENED", "true", True),
        ("SPARKPOST_SUBACCOUNT", "12", "12"),
        ("MAILTRAP_SANDBOX_ID", "12", 12),
        ("RESEND_DOWNLOAD_CHUNK_SIZE", "65536", 65536),
        ("AMAZON_SES_SESSION_PARAMS", '{"region_name": "eu-west-1"}', {"region_name": "eu-west-1"}),
        ("SEND_DEFAULTS", '{"tags": ["digest"]}', {"tags": ["digest"]}),
        ("MAILGUN_SEND_DEFAULTS", '{"tags": ["digest"]}', {"tags": ["digest"]}),
        ("WEBHOOK_SECRET", "name:pass", "name:pass"),
        ("WEBHOOK_SECRET", '["name:new", "name:old"]', ["name:new", "name:old"]),
        ("MAILERSEND_BATCH_SEND_MODE", "expose-to-list", "expose-to-list"),
        ("POSTMARK_SERVER_TOKEN", "token\n", "token"),
        ("POSTAL_API_URL", "https://postal.example.org", "https://postal.example.org"),
        ("OF_SOMEBODY_ELSE", "anything", "anything"),
    ],
)
def test_each_setting_is_of_the_kind_that_anymail_expects(
    name: str, text: str, value: object
) -> None:
    [(found, got)] = read(**{name: text}).items()
    assert (found, got) == (name, value)
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("REQUESTS_TIMEOUT", "half a minute", "write a number of seconds such as 30"),
        ("REQUESTS_TIMEOUT", "0", "write a number of seconds"),
        ("REQUESTS_TIMEOUT", "nan", "write a number of seconds"),
        ("REQUESTS_TIMEOUT", "1,2,3", "write a number of seconds"),
        ("DEBUG_API_REQUESTS", "perhaps", "is neither true nor false"),
        ("RESEND_DOWNLOAD_CHUNK_SIZE", "-1", "write a whole number from 1 up"),
        ("AMAZON_SES_SESSION_PARAMS", "eu-west-1", "is no JSON object"),
        ("AMAZON_SES_CLIENT_PARAMS", '["eu-west-1"]', "is no JSON object"),
        ("SEND_DEFAULTS", "{", "is no JSON object"),
        ("WEBHOOK_SECRET", '["name:new"', "is no JSON list of texts"),
        ("WEBHOOK_SECRET", "[]", "is no JSON list of texts"),
        ("WEBHOOK_SECRET", "password", "write name:password"),
        ("WEBHOOK_SECRET", "name:", "write name:password"),
        ("WEBHOOK_SECRET", ":password", "write name:password"),
        ("WEBHOOK_SECRET", '["name:new", "old"]', "write name:password"),
        ("POSTAL_API_URL", "https://", "names no server"),
        ("POSTAL_API_URL", "https:///api", "names no server"),
        ("POSTAL_API_URL", "https://[::1", "names no server"),
        ("MAILGUN_API_URL", "api.eu.mailgun.net/v3", "write an address that begins https://"),
        ("MAILERSEND_BATCH_SEND_MODE", "bulk", "write use-bulk-email or expose-to-list"),
        ("POSTMARK_SERVER_TOKEN", "tokén", "holds a character that stands in no key"),
        ("POSTMARK_SERVER_TOKN", "x", "Did you mean ANYMAIL_POSTMARK_SERVER_TOKEN?"),
        ("REQUEST_TIMEOUT", "30", "Did you mean ANYMAIL_REQUESTS_TIMEOUT?"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence_with_its_name(name: str, text: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**{name: text})
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"ANYMAIL_{name} ")


def test_a_key_that_is_refused_is_not_repeated() -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(POSTMARK_SERVER_TOKEN="sécret")
    assert "cret" not in str(refused.value)


def test_the_settings_are_refused_at_the_start(read_settings: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="ANYMAIL_REQUESTS_TIMEOUT is “soon”"):
        read_settings(ANYMAIL_REQUESTS_TIMEOUT="soon")
    with pytest.raises(ImproperlyConfigured, match="ANYMAIL_PROVIDER is “postmrk”"):
        read_settings(ANYMAIL_PROVIDER="postmrk", ANYMAIL_WEBHOOK_SECRET="name:password")


def test_what_is_empty_is_not_set() -> None:
    assert read("postmark", POSTMARK_API_URL="", REQUESTS_TIMEOUT=" ").keys() == {"SEND_DEFAULTS"}


def test_boto3_never_makes_a_call_again_by_itself_whatever_else_it_is_told() -> None:
    assert AMAZON_RETRIES["total_max_attempts"] == 1
    bare = read("amazon_ses")["AMAZON_SES_CLIENT_PARAMS"]
    assert bare["config"]["retries"] == AMAZON_RETRIES
    text = '{"endpoint_url": "x", "config": {"read_timeout": 5, "retries": {"mode": "legacy"}}}'
    told = read("amazon_ses", AMAZON_SES_CLIENT_PARAMS=text)["AMAZON_SES_CLIENT_PARAMS"]
    assert told["config"]["retries"] == AMAZON_RETRIES
    assert (told["endpoint_url"], told["config"]["read_timeout"]) == ("x", 5)
    with pytest.raises(ImproperlyConfigured, match="no object in braces"):
        read("amazon_ses", AMAZON_SES_CLIENT_PARAMS='{"config": 5}')


@pytest.mark.parametrize("name", ["SEND_DEFAULTS", "POSTMARK_SEND_DEFAULTS"])
def test_no_setting_makes_a_mail_tracked(name: str) -> None:
    found = read("postmark", **{name: '{"track_opens": true, "tags": ["x"]}'})[name]
    assert found == {"track_opens": False, "track_clicks": False, "tags": ["x"]}


# -- anymail itself --------------------------------------------------------------------------------


def test_every_provider_that_anymail_has_is_known() -> None:
    assert {path.stem for path in BACKENDS.glob("*.py")} - NO_BACKENDS == {*NAMES, *FORMER_NAMES}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_providers_that_can_be_told_to_track_nobody_are_those_that_anymail_tells(
    provider: str,
) -> None:
    pytest.importorskip("boto3" if provider == "amazon_ses" else "anymail")
    payloads = list_payload_classes(provider)
    names = ("set_track_opens", "set_track_clicks")
    tells = [getattr(kind, n) is not getattr(BasePayload, n) for kind in payloads for n in names]
    assert any(tells) == (provider in TELLS_TRACKING)


def settings_read_by(path: Path) -> set[str]:
    """The names in `get_anymail_setting("name", …)`, and those that classes name their own."""
    tree = ast.parse(path.read_text())
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    read = [c.args[0] for c in calls if getattr(c.func, "id", "") == "get_anymail_setting"]
    secrets = [k.value for c in calls for k in c.keywords if k.arg == "_secret_name"]
    named = [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Assign)
        and getattr(n.targets[0], "id", "") in ("_secret_setting_name", "key_setting_name")
    ]
    found = [n.value for n in [*read, *secrets, *named] if isinstance(n, ast.Constant)]
    return {str(name).upper() for name in found}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_setting_that_anymail_reads_for_a_provider_is_known(provider: str) -> None:
    read = settings_read_by(BACKENDS / f"{provider}.py")
    webhook = WEBHOOKS / f"{provider}.py"
    read |= settings_read_by(webhook) if webhook.exists() else set()
    # SendGrid refuses a name and a password, and says so itself.
    assert read - {*OF_ALL, "USERNAME", "PASSWORD"} == set(PROVIDERS[provider]) - {"USERNAME"}


def test_every_setting_that_anymail_reads_for_all_is_known() -> None:
    read = set[str]().union(
        *(settings_read_by(BACKENDS / f"{name}.py") for name in ("base", "base_requests"))
    )
    assert read | settings_read_by(WEBHOOKS / "base.py") == set(OF_NONE)
