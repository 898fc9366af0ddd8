"""The short form of `make clocks`: a seeded day whose clock is set again and again, in one process.

The outbox is the truth: everybody due has one mail, on their day, whatever the clock did.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from digest import tasks
from digest.deliver.outbox import read_outbox
from digest.models import Delivery
from digest.watch import clock
from tests.factories import NOW, make_match, make_paper, make_reader
from tests.fake_clocks import FakeClocks

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (60, 3600, 86400))
TICK = 4 * MINUTE
READERS = 8
STEPS = [DAY, -2 * HOUR]


def work(clocks: FakeClocks, ticks: int) -> None:
    for _ in range(ticks):
        clocks.pass_time(TICK)
        for call in (tasks.sweep, tasks.compose_due, tasks.deliver_planned):
            call()


@pytest.mark.parametrize("is_put_right", [True, pytest.param(False, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("step", STEPS)
def test_0_twice_0_stuck_0_expired_early(
    clocks: FakeClocks, settings: Any, step: timedelta, is_put_right: bool
) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    dice = random.Random(f"{step} {is_put_right}")
    make_match(make_paper(), "diffusion policy")
    for _ in range(READERS):
        due_at = NOW + dice.uniform(0, 2) * HOUR
        make_reader("diffusion policy", next_digest_at=due_at)
    for _ in range(2):
        work(clocks, dice.randrange(3, 9))
        clocks.wall += step
        work(clocks, dice.randrange(1, 24))
        if is_put_right:
            clocks.wall -= step
    clocks.pass_time(9 * HOUR)  # a clock that was set back twice needs four to be there again
    work(clocks, 2)
    mails = Counter(mail.to for mail in read_outbox(settings.OUTBOX_DIR))
    assert set(mails.values()) == {1}, "twice"
    assert len(mails) == READERS, "stuck"
    assert not Delivery.objects.filter(status__in=["expired", "planned", "claimed"]).exists()
    assert clock.read_now() >= NOW
