"""The health check of workers: what it takes for an answer, and what it says without one."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from digest.watch import heartbeat
from subscribers import forgiving_cache

pytestmark = pytest.mark.cached


@pytest.fixture(autouse=True)
def redis(settings: Any) -> None:
    settings.REDIS_URL = settings.REDIS_URL or "redis://localhost:1/0"
    cache.clear()


def check(*queues: str) -> str:
    out = StringIO()
    call_command("workers_answer", *queues, stdout=out)
    return out.getvalue()


def test_all_is_well_while_every_queue_is_answered() -> None:
    for queue in ("letters", "deliver"):
        heartbeat.note_answer(queue, timezone.now())
    assert check("letters", "deliver") == "Workers answer for letters and deliver.\n"
    with pytest.raises(CommandError, match="compose, match and ingest"):
        check()


def test_a_queue_whose_workers_hang_is_named_after_three_minutes() -> None:
    heartbeat.note_answer("letters", timezone.now())
    heartbeat.note_answer("deliver", timezone.now() - timedelta(minutes=4))
    with pytest.raises(
        CommandError, match="beat's calls to deliver in the last three minutes: see whether"
    ):
        check("letters", "deliver")


def test_nothing_is_claimed_where_it_cannot_be_known(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgiving_cache, "describe_outage", lambda: "connection refused")
    with pytest.raises(CommandError, match="Redis does not answer: connection refused"):
        check("letters")
    settings.REDIS_URL = ""
    with pytest.raises(CommandError, match="Without a REDIS_URL"):
        check("letters")
