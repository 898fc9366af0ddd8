"""Every look, one after the other."""

from __future__ import annotations

from datetime import datetime

from digest.doctor import rows, surroundings
from digest.doctor.symptom import Symptom


def examine(now: datetime) -> list[Symptom]:
    """All that is wrong, what breaks mail first; reads only."""
    found = [*surroundings.look(), *rows.look(now)]
    return sorted(found, key=lambda symptom: not symptom.breaks_mail)
