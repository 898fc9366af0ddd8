"""What the alarm clock's calls do where something they lean on is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisIsGone

from digest import tasks
from digest.models import Paper, ProviderEvent
from tests.factories import make_paper

pytestmark = pytest.mark.django_db


def test_without_a_redis_papers_are_scored_and_matched_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisIsGone

    make_paper()
    monkeypatch.setattr(cache, "get", fail)
    monkeypatch.setattr(cache, "set", fail)
    tasks.score_and_match()
    assert Paper.objects.get().matched_at is not None


def test_the_sweep_forgets_old_reports() -> None:
    old = timezone.now() - timedelta(days=31)
    ProviderEvent.objects.create(
        provider="Postmark",
        event_id="1",
        kind="x",
        verdict="none",
        happened_at=old,
        received_at=old,
    )
    tasks.sweep()
    assert not ProviderEvent.objects.exists()
