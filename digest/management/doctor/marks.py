"""Whether the database is the one that was mailed from, and no backup of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from digest.high_water.hold import find_hold, find_installation, has_lost_marks, read_counts
from digest.high_water.marks import describe_places, find_strangers
from digest.management.doctor.symptom import Symptom


def check_marks(_now: datetime) -> Iterator[Symptom]:
    if hold := find_hold():
        yield Symptom(
            str(hold),
            "Run: manage.py reconcile --dry-run, then without it; or, where the provider cannot be "
            "asked: manage.py reconcile --sent-until 2026-11-27T14:00",
            breaks_mail=True,
        )
    elif has_lost_marks():
        yield Symptom(
            f"No high-water mark is left in {describe_places()}: were this database a backup that "
            "came back, nobody would notice.",
            "The next digests write it anew. Keep VAR_DIR, and share it among all containers.",
        )
    installation = find_installation()
    if installation and not read_counts().numbers and (others := find_strangers(installation)):
        yield Symptom(
            f"Nothing was ever mailed from this database ({installation}), but from another one "
            f"({', '.join(others)}) whose marks are in {describe_places()}.",
            "If it is a new one, all is well. If it should be that one, mend DATABASE_URL.",
        )
