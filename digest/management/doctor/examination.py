"""Every look, one after the other."""

from __future__ import annotations

from datetime import datetime

from digest.management.doctor import database, outside, settings
from digest.management.doctor.symptom import Symptom


def examine(now: datetime, *, asks_outside: bool = False) -> list[Symptom]:
    """All that is wrong, what breaks mail first; reads only.

    With `asks_outside` name servers and the site itself are asked too, which takes seconds.
    """
    found = [*settings.check_settings(), *database.check_database(now)]
    if asks_outside:
        found += outside.check_outside(now)
    return sorted(found, key=lambda symptom: not symptom.breaks_mail)
