"""What the environment makes of the settings: a laptop without, production with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

KEY = "a key that is long enough, and that nobody 4 miles around would guess"


def test_a_laptop_needs_no_environment_at_all(read_settings: Any, tmp_path: Path) -> None:
    settings = read_settings()
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "var" / "offprint.sqlite3")
    assert settings["CELERY_BROKER_URL"].startswith("memory://")
    assert settings["EMAIL_BACKEND"] == settings["OUTBOX_BACKEND"]
    assert settings["OUTBOX_DIR"] == tmp_path / "var" / "outbox"
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_a_laptops_secret_key_is_made_once_and_kept_for_its_owner(
    read_settings: Any, tmp_path: Path
) -> None:
    first, second = read_settings()["SECRET_KEY"], read_settings()["SECRET_KEY"]
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_public_site_does_not_start_without_a_secret_key(read_settings: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        read_settings(SITE_URL="https://papers.example.org")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("a short one", id="short"),
        pytest.param("x" * 60, id="one sign again and again"),
        pytest.param("django-insecure-u8Zq1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h", id="example"),
        pytest.param("please-change-me-before-you-go-to-production-now", id="to be changed"),
    ],
)
def test_a_public_site_does_not_start_with_a_key_that_can_be_guessed(
    read_settings: Any, key: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is short, or an example"):
        read_settings(SITE_URL="https://papers.example.org", SECRET_KEY=key)
    assert read_settings(SITE_URL="http://localhost:8000", SECRET_KEY=key)["SECRET_KEY"] == key


def test_keys_of_before_come_from_the_environment_or_stand_below_the_kept_one(
    read_settings: Any, tmp_path: Path
) -> None:
    settings = read_settings(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS="one, two")
    assert settings["SECRET_KEY_FALLBACKS"] == ["one", "two"]
    assert read_settings(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS="")["SECRET_KEY_FALLBACKS"] == []
    (tmp_path / "var" / "secret_key").write_text("new\nold\n")
    settings = read_settings(SECRET_KEY="")
    assert (settings["SECRET_KEY"], settings["SECRET_KEY_FALLBACKS"]) == ("new", ["old"])


def test_a_public_site_answers_to_its_own_name_over_https_only(read_settings: Any) -> None:
    settings = read_settings(SITE_URL="https://papers.example.org/", SECRET_KEY=KEY)
    assert settings["SITE_URL"] == "https://papers.example.org"
    assert settings["ALLOWED_HOSTS"] == ["papers.example.org"]
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0


def test_a_provider_without_a_webhook_secret_is_refused(read_settings: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="ANYMAIL_WEBHOOK_SECRET is not set"):
        read_settings(ANYMAIL_PROVIDER="postmark")


def test_a_provider_comes_before_an_smtp_server(read_settings: Any) -> None:
    settings = read_settings(
        ANYMAIL_PROVIDER="postmark",
        ANYMAIL_WEBHOOK_SECRET="name:password",
        ANYMAIL_POSTMARK_SERVER_TOKEN="token",
        EMAIL_URL="smtp://mail.example.org",
    )
    assert "mark" in settings["EMAIL_BACKEND"]
    assert settings["ANYMAIL"]["POSTMARK_SERVER_TOKEN"] == "token"


def test_an_smtp_server_comes_before_the_outbox(read_settings: Any) -> None:
    settings = read_settings(EMAIL_URL="submission://me:se%40cret@mail.example.org")
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert settings["EMAIL_HOST"] == "mail.example.org"
    assert settings["EMAIL_PORT"] == 587
    assert settings["EMAIL_HOST_PASSWORD"] == "se@cret"
    assert settings["EMAIL_USE_TLS"] is True


def test_an_address_of_a_mail_server_that_makes_no_sense_is_said_in_words(
    read_settings: Any,
) -> None:
    with pytest.raises(ImproperlyConfigured, match="Write submission://"):
        read_settings(EMAIL_URL="smtp+tls://mail.example.org")


def test_redis_carries_wake_up_calls_and_counters_where_there_is_one(read_settings: Any) -> None:
    url = "redis+socket:///run/redis.sock?virtual_host=3"
    settings = read_settings(REDIS_URL=url)
    assert settings["CELERY_BROKER_URL"] == url
    assert settings["CACHES"]["default"]["LOCATION"] == "unix:///run/redis.sock?db=3"


def test_sqlite_writers_queue_up_and_postgresql_connections_are_kept(read_settings: Any) -> None:
    sqlite = read_settings()["DATABASES"]["default"]
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    url = "postgres://reader@%2Frun%2Fpostgresql/papers"
    postgres = read_settings(DATABASE_URL=url)["DATABASES"]["default"]
    assert postgres["ENGINE"] == "django.db.backends.postgresql"
    assert postgres["HOST"] == "/run/postgresql"
    assert postgres["CONN_MAX_AGE"] > 0


@pytest.mark.django_db  # Django 6.1 asks it what it can do, when the worker has found its tasks
def test_beat_calls_at_the_least_every_hour_and_each_task_exists(read_settings: Any) -> None:
    from config.celery import app  # noqa: PLC0415 (the worker's own way to find tasks)

    app.loader.import_default_modules()
    schedule = read_settings()["CELERY_BEAT_SCHEDULE"]
    assert schedule
    for entry in schedule.values():
        assert entry["task"] in app.tasks
        assert entry["schedule"] in {15.0, 30.0, 60.0, 3600.0}
        assert entry["options"]["expires"] < entry["schedule"]


def test_an_address_to_leave_by_is_plain_or_refused(read_settings: Any) -> None:
    assert read_settings()["UNSUBSCRIBE_MAILTO"] == ""
    plain = "leave@in.example.org"
    assert read_settings(UNSUBSCRIBE_MAILTO=plain)["UNSUBSCRIBE_MAILTO"] == plain
    with pytest.raises(ImproperlyConfigured, match="plain address"):
        read_settings(UNSUBSCRIBE_MAILTO="Leave <leave@in.example.org>")
