"""Who left is known outside the database, and is not mailed again when a backup comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from digest.high_water.hold import find_installation, name_installation
from digest.high_water.leavings import find_journal, unsubscribe_again
from subscribers.models import Subscriber, Suppression
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def journal(settings: Any, tmp_path: Path) -> Path:
    settings.HIGH_WATER_DIR = tmp_path / "high_water"
    return find_journal(name_installation())


def bring_back(*emails: str) -> None:
    """The rows as they were in a backup."""
    Subscriber.objects.all().delete()
    for email in emails:
        make_subscriber(email=email)


def test_whoever_left_in_any_way_is_unsubscribed_again(journal: Path) -> None:
    for name in ("leaves", "bounces", "deletes", "stays"):
        make_subscriber(email=f"{name}@example.org")
    Subscriber.objects.get(email="leaves@example.org").unsubscribe(NOW)
    Suppression.objects.suppress("bounces@example.org", "manual")
    Subscriber.objects.get(email="deletes@example.org").delete()
    lines = journal.read_text()
    Suppression.objects.all().delete()
    bring_back(*(f"{name}@example.org" for name in ("leaves", "bounces", "deletes", "stays")))
    journal.write_text(lines)
    assert unsubscribe_again(NOW, lambda _: None) == 3
    assert [one.email for one in Subscriber.objects.active()] == ["stays@example.org"]


def test_whoever_confirmed_anew_later_stays(journal: Path) -> None:
    make_subscriber(email="back@example.org").unsubscribe(NOW)
    lines = journal.read_text()
    bring_back("back@example.org")
    journal.write_text(lines)
    Subscriber.objects.update(confirmed_at=timezone.now() + timedelta(minutes=1))
    assert unsubscribe_again(NOW, lambda _: None) == 0


def test_it_holds_no_address_and_lines_that_are_cut_off_are_passed_over(
    journal: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_subscriber(email="leaves@example.org").unsubscribe(NOW)
    assert "leaves" not in journal.read_text()
    whole = journal.read_text()
    bring_back("leaves@example.org")
    journal.write_text(f"2026-04-2\n{whole}")
    assert unsubscribe_again(NOW, lambda _: None) == 1
    assert "cannot be read" in caplog.text


def test_what_is_taken_back_is_not_noted_and_a_place_that_is_closed_is_said(
    journal: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert unsubscribe_again(NOW, lambda _: None) == 0
    make_subscriber(status="pending", confirmed_at=None).delete()
    assert not journal.exists()
    (tmp_path / "high_water").write_text("a file where the folder should be")
    make_subscriber(email="leaves@example.org").unsubscribe(NOW)
    assert "could not be noted" in caplog.text
    assert not journal.exists()
    assert find_installation()
