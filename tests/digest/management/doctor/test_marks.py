"""What the doctor says of the high-water mark."""

from __future__ import annotations

import pytest

from digest.high_water.hold import name_installation, read_counts, start_hold
from digest.high_water.marks import Marks, raise_marks
from digest.management.doctor.marks import check_marks
from digest.models import CallCount, Installation
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def read_symptoms() -> list[tuple[bool, str]]:
    return [(one.breaks_mail, one.found) for one in check_marks(NOW)]


def test_a_new_site_has_nothing_to_say() -> None:
    assert read_symptoms() == []


def test_a_held_database_breaks_mail_and_is_told_what_to_run() -> None:
    start_hold(name_installation(), read_counts(), NOW)
    [symptom] = check_marks(NOW)
    assert symptom.breaks_mail
    assert "reconcile --dry-run" in symptom.remedy


def test_a_lost_mark_is_worth_a_look() -> None:
    CallCount.objects.create(slot=1, number=3, counted_at=NOW)
    [(breaks, found)] = read_symptoms()
    assert not breaks
    assert "No high-water mark is left" in found


def test_a_new_database_beside_the_marks_of_an_old_one_is_named() -> None:
    old = name_installation()
    raise_marks(old, Marks({1: 3}, NOW))
    Installation.objects.all().delete()
    new = name_installation()
    [(breaks, found)] = read_symptoms()
    assert not breaks
    assert str(old) in found
    assert str(new) in found
