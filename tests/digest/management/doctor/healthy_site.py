"""What a site that wants for nothing is set to, and what the doctor says of it."""

from __future__ import annotations

from typing import Any

from digest.management.doctor import examine
from tests.factories import NOW

GOOD = {
    "DEBUG": False,
    "SITE_URL": "https://papers.example.org",
    "SITE_IS_LOCAL": False,
    "ALLOWED_HOSTS": ["papers.example.org"],
    "SECRET_KEY": "k" * 50,
    "REDIS_URL": "redis://somewhere",
    "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
    "ANYMAIL": {
        "POSTMARK_SERVER_TOKEN": "token",
        "WEBHOOK_SECRET": "name:password",
        "SEND_DEFAULTS": {"track_opens": False},
    },
    "DEFAULT_FROM_EMAIL": "Offprint <digest@mail.example.org>",
    "POSTAL_ADDRESS": "Example Lab",
    "OPERATORS_EMAIL": ["operators@example.org"],
}


def assert_named(well: Any, name: str, value: Any, breaks: bool, said: str) -> None:
    """With this setting amiss the doctor says this one thing."""
    setattr(well, name, value)
    [(breaks_mail, sentence)] = found()
    assert (breaks_mail, said in sentence) == (breaks, True)


def found() -> list[tuple[bool, str]]:
    return [(symptom.breaks_mail, symptom.found) for symptom in examine(NOW)]
