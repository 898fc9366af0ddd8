"""Celery with a beat that looks for alarms twice a second: `celery -A tests.quick_beat`."""

from __future__ import annotations

from config.celery import app

__all__ = ["app"]

app.conf.beat_schedule = {"look": {"task": "digest.tasks.check_standing", "schedule": 0.5}}
