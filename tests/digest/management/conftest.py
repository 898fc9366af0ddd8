"""What tests of the commands and of what they use share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from config.worker_settings import QUEUES
from digest.models import DailyFigure, Source
from digest.watch import heartbeat
from digest.watch.daily_figures import write_figures
from tests.digest.management.doctor.healthy_site import GOOD
from tests.factories import NOW, make_source


@pytest.fixture
def well(settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site that wants for nothing; the settings can be made worse from here."""
    # A test on SQLite must not hear that it is one, but for the test about that.
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    for name, value in GOOD.items():
        setattr(settings, name, value)
    for queue in QUEUES:
        heartbeat.note_answer(queue, NOW)
    write_figures(NOW.date(), DailyFigure.Name.BACKUP, {"": NOW.timestamp()})
    Source.objects.all().delete()
    make_source(title="cs.CL", last_fetched_at=NOW, next_fetch_at=NOW)
    get_user_model().objects.create(username="admin", is_staff=True)  # a hash would cost time
    return settings


@pytest.fixture
def outbox(settings: Any) -> Path:
    """Where the mails of a rehearsal end; no source is asked."""
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    Source.objects.all().delete()
    return Path(settings.OUTBOX_DIR)
