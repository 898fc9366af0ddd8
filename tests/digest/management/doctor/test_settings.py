"""Each setting that is amiss for production is named, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.digest.management.doctor.healthy_site import assert_named, found


@pytest.mark.parametrize(
    ("name", "value", "breaks", "said"),
    [
        ("DEBUG", True, False, "DEBUG is on"),
        ("SITE_IS_LOCAL", True, True, "leads to the reader's own machine"),
        ("SITE_URL", "http://papers.example.org", True, "without https"),
        ("ALLOWED_HOSTS", ["*"], False, "ALLOWED_HOSTS lets anybody"),
        ("SECRET_KEY", "django-insecure-" + "x" * 40, False, "SECRET_KEY is short, or an example"),
        ("SECRET_KEY", "short", False, "SECRET_KEY is short"),
        ("REDIS_URL", "", False, "REDIS_URL is not set"),
        ("DEFAULT_FROM_EMAIL", "Offprint <offprint@localhost>", True, "nobody can look up"),
        ("DEFAULT_FROM_EMAIL", "a@elsewhere.org", False, "Mail comes from elsewhere.org"),
        ("POSTAL_ADDRESS", "", False, "POSTAL_ADDRESS is empty"),
        ("EMBEDDING_MODEL_DIR", "/nowhere/at/all", False, "names /nowhere/at/all, which is no"),
        ("OPERATORS_EMAIL", [], False, "nobody is told when an edition is held"),
    ],
)  # fmt: skip
def test_each_setting_that_is_amiss_is_named(
    name: str, value: Any, breaks: bool, said: str, well: Any
) -> None:
    assert_named(well, name, value, breaks, said)


@pytest.mark.parametrize(
    ("hops", "seen", "said"),
    [
        (0, 1, "PROXY_HOPS is 0, and requests come with 1 addresses"),
        (2, 1, "PROXY_HOPS is 2, and requests come with 1 addresses"),
    ],
)
def test_requests_that_do_not_fit_the_number_of_proxies_are_noticed(
    hops: int, seen: int, said: str, well: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    well.PROXY_HOPS = hops
    monkeypatch.setattr("subscribers.limits.rate_limits.read_odd_proxies", lambda: seen)
    [(breaks, sentence)] = found()
    assert (breaks, sentence.startswith(said)) == (False, True)


def test_a_key_made_by_the_machine_itself_is_noticed(well: Any, tmp_path: Any) -> None:
    well.VAR_DIR = tmp_path
    (tmp_path / "secret_key").write_text(well.SECRET_KEY)
    [(breaks, sentence)] = found()
    assert (breaks, "one this machine made for itself" in sentence) == (False, True)


def test_sqlite_is_no_place_for_many_workers(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(well.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    [(breaks, sentence)] = found()
    assert (breaks, sentence.startswith("The database is SQLite")) == (False, True)


def test_a_redis_that_does_not_answer_breaks_mail(well: Any, monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionRefusedError("Connection refused")

    monkeypatch.setattr("django.core.cache.cache.get", refuse, raising=False)
    assert found() == [(True, "Redis does not answer: Connection refused.")]
