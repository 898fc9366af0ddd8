from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from digest.watch import clock
from tests.factories import NOW, make_delivery
from tests.fake_clocks import FakeClocks

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def accept() -> str:
    out = StringIO()
    call_command("accept_clock", stdout=out)
    return " ".join(out.getvalue().split())


def test_a_clock_that_was_set_is_accepted_and_taken_over(clocks: FakeClocks) -> None:
    clocks.wall += DAY
    said = accept()
    assert said == "The clock was set forward by 1 day. Offprint goes by it now."
    assert clock.read_now() == NOW + DAY


def test_during_a_call_it_says_that_it_waits(clocks: FakeClocks) -> None:
    make_delivery(status="claimed", claimed_at=NOW)
    clocks.wall += DAY
    assert "taken over when the calls" in accept()
    assert clock.read_now() == NOW


def test_where_nothing_was_set_there_is_nothing_to_accept(clocks: FakeClocks) -> None:
    assert "nothing to accept" in accept()
    assert clock.read_now() == NOW
