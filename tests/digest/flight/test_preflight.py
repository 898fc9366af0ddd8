"""The sample that is looked at before any mail leaves."""

from __future__ import annotations

import pytest

from digest.flight import preflight
from digest.models import Paper
from tests.digest.flight.editions import make_edition
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_an_edition_of_which_much_cannot_be_rendered_has_a_fault() -> None:
    edition = make_edition(5)
    Paper.objects.all().delete()
    assert preflight.find_faults(edition, NOW) == [
        "5 of 5 mails could not be rendered: the log says why."
    ]


def test_one_broken_mail_speaks_against_nobody() -> None:
    edition = make_edition(1)
    Paper.objects.all().delete()
    make_edition(3)
    assert preflight.find_faults(edition, NOW) == []


def test_checks_that_fail_themselves_speak_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "find_dead_links", lambda _: 1 // 0)
    [fault] = preflight.find_faults(make_edition(1), NOW)
    assert fault.startswith("Its mails could not be checked (ZeroDivisionError)")
