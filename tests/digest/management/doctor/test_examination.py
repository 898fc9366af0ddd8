"""Every look is taken, and what breaks mail is told first."""

from __future__ import annotations

from typing import Any

from digest.management.doctor import examine
from tests.factories import NOW


def test_what_breaks_mail_comes_first(well: Any) -> None:
    assert examine(NOW) == []
    well.DEBUG, well.EMAIL_BACKEND = True, well.OUTBOX_BACKEND
    assert [symptom.breaks_mail for symptom in examine(NOW)] == [True, False]
