"""Which sources are due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.models import Source
from tests.factories import NOW, make_source

HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_an_active_source_is_due_when_its_time_has_come() -> None:
    Source.objects.all().delete()
    waiting = make_source(next_fetch_at=NOW + HOUR)
    make_source(next_fetch_at=NOW - HOUR, is_active=False)
    assert not Source.objects.due(NOW).exists()
    assert Source.objects.due(NOW + HOUR).get() == waiting
