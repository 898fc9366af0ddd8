"""A file says as much as the environment, and what makes no sense gets a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured


def test_a_file_says_as_much_as_the_environment_which_wins(
    read_settings: Any, tmp_path: Path
) -> None:
    file = tmp_path / "settings.env"
    file.write_text(
        "SITE_URL=http://localhost:8000\n"
        "ANYMAIL_PROVIDER=postmark\n"
        "ANYMAIL_WEBHOOK_SECRET='name:password'\n"
        "ANYMAIL_POSTMARK_SERVER_TOKEN=token\n"
    )
    settings = read_settings(ENV_FILE=str(file), SITE_URL="http://localhost:8123")
    assert settings["SITE_URL"] == "http://localhost:8123"
    assert "postmark" in settings["EMAIL_BACKEND"]
    assert settings["ANYMAIL"]["POSTMARK_SERVER_TOKEN"] == "token"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEBUG", "perhaps", "DEBUG is neither true nor false"),
        ("PROXY_HOPS", "many", "PROXY_HOPS is “many”, which is not a whole number"),
        ("LOG_LEVEL", "loud", "write DEBUG, INFO, WARNING or ERROR"),
        ("SITE_URL", "papers.example.org", "SITE_URL is “papers.example.org”, which is no web"),
        ("SITE_URL", "http://[::1", "is no web address"),
        ("OFFPRINT_ARXIV_URL", "ftp://arxiv.example.org", "OFFPRINT_ARXIV_URL is"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is no address of a database"),
        ("DATABASE_URL", "cobol://here", "DATABASE_URL is no address of a database"),
        ("EMAIL_URL", "submission://mail.example.org?timeout=soon", "EMAIL_URL is no address of a"),
        ("EMAIL_URL", "submission://mail.example.org?timeout=-1", "EMAIL_URL is no address of a"),
        ("EMAIL_URL", "submission://mail.example.org:port", "EMAIL_URL is no address of a mail"),
        ("OPERATORS_WEBHOOK", "alerts.example.org/x", "OPERATORS_WEBHOOK is no web address"),
        ("VAR_DIR", "/dev/null/var", "VAR_DIR is /dev/null/var, and that folder cannot be made"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    read_settings: Any, name: str, value: str, said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        read_settings(**{name: value})


def test_a_value_left_empty_is_a_value_not_set(read_settings: Any) -> None:
    settings = read_settings(SITE_URL="", DATABASE_URL="", LOG_LEVEL="", PROXY_HOPS="")
    assert settings["SITE_URL"] == "http://localhost:8000"
    assert settings["DATABASES"]["default"]["ENGINE"].endswith("sqlite3")
