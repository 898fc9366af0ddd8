"""What is said of an edition's deliveries is said with the moment at which they were counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.models import Delivery
from digest.watch import edition_counts
from digest.watch.edition_counts import choose_counts
from tests.factories import NOW, make_delivery

pytestmark = [pytest.mark.django_db, pytest.mark.cached]


def test_whoever_asks_again_within_seconds_hears_when_it_was_counted() -> None:
    delivery = make_delivery()
    first = choose_counts(delivery.edition, NOW, None, None)
    assert (first[0]["planned"], first[1]) == (1, NOW)
    Delivery.objects.update(status="failed")
    assert choose_counts(delivery.edition, NOW + timedelta(seconds=2), None, None) == first


def test_what_a_clock_before_its_time_has_counted_is_counted_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edition_counts, "MOST_COUNTED", 0)
    edition, known = make_delivery().edition, {"sent": 7.0}
    before, after = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
    assert choose_counts(edition, NOW, known, before) == (known, before)
    counts, at = choose_counts(edition, NOW, known, after)
    assert (counts["planned"], at) == (1, NOW)
