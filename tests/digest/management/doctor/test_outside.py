"""The certificate of the site, as doctor tells of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.management.doctor import outside
from digest.management.doctor.outside import check_certificate, check_outside
from tests.digest.watch.test_certificate import make_certificate, serve_tls


def test_one_that_ends_soon_breaks_mail_and_says_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    key, certificate = make_certificate(tmp_path, 40)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    now = datetime.now(UTC)
    with serve_tls(key, certificate) as settings.SITE_URL:
        assert list(check_certificate(now)) == []
        [symptom] = check_certificate(now + timedelta(days=30))
    assert symptom.breaks_mail
    assert symptom.remedy == "First look at the log of the proxy that renews it."


def test_a_site_that_cannot_be_reached_is_worth_a_look(settings: Any) -> None:
    settings.SITE_URL = "https://127.0.0.1:1"
    [symptom] = check_certificate(datetime.now(UTC))
    assert symptom.found.startswith("https://127.0.0.1:1 cannot be reached from here")
    assert not symptom.breaks_mail


def test_a_site_on_this_machine_is_not_asked(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "check_certificate", None)  # would fail if it were called
    settings.SITE_IS_LOCAL = True
    assert list(check_outside(datetime.now(UTC))) == []
