"""What the environment says to anymail, each setting as the kind of value that anymail expects.

From the environment everything comes as text, and anymail takes what it is given: a time-out of
"30" fails every call, and a switch set to "false" is on. Names and kinds are those of
https://anymail.dev/en/stable/installation/#anymail-settings-reference and of the pages about each
provider.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PREFIX = "ANYMAIL_"
# What each provider reads besides what all read, by anymail's name for it.
PROVIDERS: dict[str, tuple[str, ...]] = {
    "amazon_ses": (
        *("SESSION_PARAMS", "CLIENT_PARAMS", "CONFIGURATION_SET_NAME", "MESSAGE_TAG_NAME"),
        *("AUTO_CONFIRM_SNS_SUBSCRIPTIONS", "INBOUND_KMS_KEY_ID", "DOWNLOAD_CHUNK_SIZE"),
    ),
    "brevo": ("API_KEY", "WORKAROUND_DISPLAY_NAME_BUGS", "PREVENT_HEADER_ENCODING_BUGS"),
    "mailersend": ("API_TOKEN", "BATCH_SEND_MODE", "SIGNING_SECRET", "INBOUND_SECRET"),
    "mailgun": ("API_KEY", "SENDER_DOMAIN", "WEBHOOK_SIGNING_KEY"),
    "mailjet": ("API_KEY", "SECRET_KEY"),
    "mailtrap": (
        *("API_TOKEN", "SANDBOX_ID", "TRACKING_SECRET", "INBOUND_SECRET", "DOWNLOAD_CHUNK_SIZE"),
    ),
    "mandrill": ("API_KEY", "WEBHOOK_KEY", "WEBHOOK_URL"),
    "postal": ("API_KEY", "WEBHOOK_KEY"),
    "postmark": ("SERVER_TOKEN", "MESSAGE_STREAM", "USE_BULK_API", "GENERATE_MESSAGE_ID"),
    "resend": (
        *("API_KEY", "SIGNING_SECRET", "INBOUND_SECRET", "VERIFY_ATTACHMENT_EXTENSIONS"),
        "DOWNLOAD_CHUNK_SIZE",
    ),
    "scaleway": ("SECRET_KEY", "PROJECT_ID", "REGION"),
    "sendgrid": (
        *("API_KEY", "GENERATE_MESSAGE_ID", "MERGE_FIELD_FORMAT"),
        "TRACKING_WEBHOOK_VERIFICATION_KEY",
    ),
    "sparkpost": ("API_KEY", "SUBACCOUNT", "TRACK_INITIAL_OPEN_AS_OPENED"),
    "unisender_go": ("API_KEY", "GENERATE_MESSAGE_ID", "WORKAROUND_DISPLAY_NAME_BUGS"),
}
OF_ALL = ("API_URL", "SEND_DEFAULTS", "IDNA_ENCODER")
OF_NONE = (
    *("WEBHOOK_SECRET", "REQUESTS_TIMEOUT", "SEND_DEFAULTS", "DEBUG_API_REQUESTS"),
    *("IGNORE_RECIPIENT_STATUS", "IGNORE_UNSUPPORTED_FEATURES", "IDNA_ENCODER"),
)
# What a provider was called before: its settings are read by that name as well.
FORMER_NAMES = {"sendinblue": "brevo"}
NAMES = {*PROVIDERS, "console", "test"}  # two that send nothing
# These can be told with every mail to add no pixel and redirect no link; with the others it is a
# setting of the account.
TELLS_TRACKING = {
    *("mailersend", "mailgun", "mailjet", "mandrill", "postmark", "sendgrid", "sparkpost"),
    "unisender_go",
}
NOT_TRACKED = {"track_opens": False, "track_clicks": False}
# boto3 makes a call without an answer up to five times by itself, and SES knows no keys: it would
# send as many mails. https://docs.aws.amazon.com/boto3/latest/guide/retries.html
AMAZON_CONFIG = {"connect_timeout": 10, "read_timeout": 30}
# With its mode, which boto3 would write into our dictionary where it misses one.
AMAZON_RETRIES = {"mode": "standard", "total_max_attempts": 1}


def find_present_name(provider: str) -> str:
    """Of the provider that is named; "brevo" for "sendinblue"."""
    return FORMER_NAMES.get(provider, provider)


def _rename_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """With the present names of what is set by a former one, and not by the present as well."""
    renamed, rest = {}, {name: value for name, value in environ.items() if value.strip()}
    for former, present in FORMER_NAMES.items():
        start = f"{PREFIX}{former.upper()}_"
        for name in [name for name in rest if name.startswith(start)]:
            renamed[f"{PREFIX}{present.upper()}_{name.removeprefix(start)}"] = rest.pop(name)
    return renamed | rest


def read_provider_settings(provider: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """anymail's settings from the ANYMAIL_ names of an environment; what is empty is not set.

    Raises ImproperlyConfigured with a sentence about the first one that makes no sense.
    """
    provider, environ = find_present_name(provider), _rename_settings(environ)
    if provider and provider not in NAMES:
        raise ImproperlyConfigured(
            f"ANYMAIL_PROVIDER is “{provider}”, which anymail does not know: write one of "
            f"{', '.join(sorted(PROVIDERS))}."
        )
    said = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in environ.items()
        if name.startswith(PREFIX) and name != "ANYMAIL_PROVIDER" and value.strip()
    }
    known = _list_known_names()
    for name in said.keys() - known:
        _refuse_misspelling(name, known - said.keys())
    found = {name: _find_reader(name)(PREFIX + name, text) for name, text in said.items()}
    if provider in TELLS_TRACKING:
        own = f"{provider.upper()}_SEND_DEFAULTS"  # these win over the common ones
        for name in {"SEND_DEFAULTS", own} & {"SEND_DEFAULTS", *found}:
            found[name] = found.get(name, {}) | NOT_TRACKED
    if provider == "amazon_ses":
        found["AMAZON_SES_CLIENT_PARAMS"] = _limit_amazon(found.get("AMAZON_SES_CLIENT_PARAMS", {}))
    return found


def _limit_amazon(params: dict[str, Any]) -> dict[str, Any]:
    config = params.get("config", {})
    if not isinstance(config, dict):
        raise ImproperlyConfigured(
            'ANYMAIL_AMAZON_SES_CLIENT_PARAMS has a "config" that is no object in braces.'
        )
    return params | {"config": AMAZON_CONFIG | config | {"retries": {**AMAZON_RETRIES}}}


def _list_known_names() -> set[str]:
    own = {f"{provider}_{name}".upper() for provider in PROVIDERS for name in PROVIDERS[provider]}
    every = {f"{provider}_{name}".upper() for provider in PROVIDERS for name in OF_ALL}
    return own | every | set(OF_NONE)


def _refuse_misspelling(name: str, known: set[str]) -> None:
    """Whatever else begins like ANYMAIL_ is none of our business, and left as it is."""
    if close := get_close_matches(name, sorted(known), n=1, cutoff=0.9):
        raise ImproperlyConfigured(
            f"{PREFIX}{name} is no setting of anymail's. Did you mean {PREFIX}{close[0]}?"
        )


# -- kinds -----------------------------------------------------------------------------------------


def _read_flag(name: str, text: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "on": True}
    words |= {"false": False, "0": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ImproperlyConfigured(f"{name} is neither true nor false: write one of them.")
    return words[text.lower()]


def _read_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ImproperlyConfigured(f"{name} is “{text}”: write a whole number from 1 up.")
    return int(text)


MOST_SECONDS = 60  # no call lasts longer (subscribers/limits/call_limit.py)


def _read_seconds(name: str, text: str) -> float | tuple[float, float]:
    """One number, or two with a comma between: to connect, and to wait for each answer."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(0 < number <= MOST_SECONDS for number in numbers):
        raise ImproperlyConfigured(
            f"{name} is “{text}”: write a number of seconds such as 30, or two with a comma "
            f"between, to connect and to wait for the answer; {MOST_SECONDS} at most."
        )
    return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


def _read_object(name: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ImproperlyConfigured(
            f'{name} is no JSON object: write names and values in braces, such as {{"name": "x"}}.'
        )
    return found


def _read_secrets(name: str, text: str) -> str | list[str]:
    """One name:password, or several as a JSON list: while the provider is told a new one."""
    try:
        found = json.loads(text) if text.startswith("[") else text
    except ValueError:
        found = None
    secrets = [found] if isinstance(found, str) else found
    if not (isinstance(secrets, list) and secrets and all(isinstance(s, str) for s in secrets)):
        raise ImproperlyConfigured(
            f'{name} is no JSON list of texts: write name:password, or ["name:one", "name:two"].'
        )
    # A provider sends it as https://name:password@, and without both no report would be let in.
    if not all(all(secret.partition(":")[::2]) for secret in secrets):
        raise ImproperlyConfigured(
            f"{name} is no name and password with a colon between: write name:password."
        )
    return secrets[0] if isinstance(found, str) else secrets


def _read_address(name: str, text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name} is “{text}”: write an address that begins https://.")
    try:
        host = urlsplit(text).hostname
    except ValueError:  # brackets around what is no IPv6 address
        host = None
    if not host:
        raise ImproperlyConfigured(f"{name} is “{text}”: it names no server after the slashes.")
    return text


def _read_key(name: str, text: str) -> str:
    """A key goes into a header, where only these characters can stand; it is never repeated."""
    if not (text.isascii() and text.isprintable()):
        raise ImproperlyConfigured(
            f"{name} holds a character that stands in no key: copy it once more."
        )
    return text


def _read_choice(*choices: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in choices:
            raise ImproperlyConfigured(f"{name} is “{text}”: write {' or '.join(choices)}.")
        return text

    return read


def _read_text(_name: str, text: str) -> str:
    return text


# By the end of the name; the first that fits.
_READERS: dict[str, Callable[[str, str], Any]] = {
    "WEBHOOK_SECRET": _read_secrets,
    "REQUESTS_TIMEOUT": _read_seconds,
    "BATCH_SEND_MODE": _read_choice("use-bulk-email", "expose-to-list"),
    **dict.fromkeys(("SEND_DEFAULTS", "SESSION_PARAMS", "CLIENT_PARAMS"), _read_object),
    **dict.fromkeys(("API_URL", "WEBHOOK_URL"), _read_address),
    **dict.fromkeys(("DOWNLOAD_CHUNK_SIZE", "SANDBOX_ID"), _read_number),
    **dict.fromkeys(("IGNORE_RECIPIENT_STATUS", "IGNORE_UNSUPPORTED_FEATURES"), _read_flag),
    **dict.fromkeys(("DEBUG_API_REQUESTS", "USE_BULK_API", "GENERATE_MESSAGE_ID"), _read_flag),
    **dict.fromkeys(("_BUGS", "_EXTENSIONS", "_SUBSCRIPTIONS", "_AS_OPENED"), _read_flag),
    **dict.fromkeys(("_KEY", "_TOKEN", "_SECRET", "PROJECT_ID", "SUBACCOUNT"), _read_key),
}


def _find_reader(name: str) -> Callable[[str, str], Any]:
    return next((read for end, read in _READERS.items() if name.endswith(end)), _read_text)
