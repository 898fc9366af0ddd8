"""The sums of editions, as staff see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisIsGone

from digest.admin.deliveries import edition_counts
from digest.models import Edition
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_without_a_redis_the_editions_are_counted_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisIsGone

    settled = Edition.objects.create(date=NOW.date() - timedelta(days=400))
    monkeypatch.setattr(cache, "get_many", fail)
    monkeypatch.setattr(cache, "set_many", fail)
    assert edition_counts([settled]) == {settled.pk: {}}
