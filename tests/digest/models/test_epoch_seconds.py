"""Moments as seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from digest.models import Paper
from digest.models.epoch_seconds import EpochSeconds
from tests.factories import make_paper

pytestmark = pytest.mark.django_db


def test_seconds_are_those_of_the_moment_to_the_last_digit() -> None:
    """Compose compares them with others, and tells the moment by them."""
    moments = [
        datetime(2026, 4, 12, 7, 31, 5, 123457, UTC) + timedelta(days=days, microseconds=days)
        for days in range(-500, 5_000, 137)
    ]
    for at in moments:
        make_paper(available_at=at)
    make_paper(available_at=None)
    rows = Paper.objects.order_by("pk").values_list(EpochSeconds("available_at"), flat=True)
    assert list(rows) == [*(at.timestamp() for at in moments), None]
    assert [datetime.fromtimestamp(at.timestamp(), UTC) for at in moments] == moments


def test_the_database_counts_them() -> None:
    """To make a number of each text that SQLite gives would take longer than to read it."""
    at = datetime(2026, 4, 12, 7, 31, 5, 123457, UTC)
    make_paper(available_at=at)
    rows = Paper.objects.values_list(EpochSeconds("available_at"), flat=True)
    with connection.cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        assert cursor.fetchall() == [(at.timestamp(),)]
