"""Every look, one after the other."""

from __future__ import annotations

from datetime import datetime

from digest.management.doctor import database, settings
from digest.management.doctor.symptom import Symptom


def examine(now: datetime) -> list[Symptom]:
    """All that is wrong, what breaks mail first; reads only."""
    found = [*settings.check_settings(), *database.check_database(now)]
    return sorted(found, key=lambda symptom: not symptom.breaks_mail)
