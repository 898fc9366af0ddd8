"""A slow start: each mailbox domain gets its share a day, and nobody's papers are lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment
from digest.deliver import RunOptions, deliver_planned, sweep
from digest.deliver.claims import claim
from digest.deliver.provider.warm_up import DAYS, HELD_BACK, count_allowed
from digest.models import Delivery, DomainVolume
from tests.factories import NOW, make_delivery, make_subscriber
from tests.provider_server import Server
from tests.row_locks import must_wait_for

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def warming_up(settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    settings.WARM_UP = (TODAY, 2)


def make_deliveries(count: int, domain: str) -> None:
    for number in range(count):
        make_delivery(subscriber=make_subscriber(email=f"reader{number}@{domain}"))


def count_sent(domain: str) -> int:
    return Delivery.objects.sent().filter(subscriber__email__endswith=f"@{domain}").count()


def test_a_domain_gets_twice_as_many_each_day_for_a_month(settings: Any) -> None:
    days = [TODAY + timedelta(days=n) for n in (-1, 0, 1, 2, DAYS)]
    assert [count_allowed(day) for day in days] == [None, 2, 4, 8, None]
    settings.WARM_UP = None
    assert count_allowed(TODAY) is None


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3, 100])
def test_each_domain_has_its_own_share_however_the_rows_are_claimed(size: int) -> None:
    make_deliveries(5, "one.example")
    make_deliveries(1, "two.example")
    deliver_planned(NOW, options=RunOptions(size=size))
    assert (count_sent("one.example"), count_sent("two.example")) == (2, 1)
    waiting = Delivery.objects.planned()
    assert set(waiting.values_list("error", "attempts")) == {(str(HELD_BACK), 0)}
    deliver_planned(NOW + timedelta(hours=1))
    assert count_sent("one.example") == 2


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_who_claim_at_once_have_one_share_together() -> None:
    """What is left of it is read once the other has claimed: the second waits before it reads."""
    DomainVolume.objects.create(domain="one.example", day=TODAY)
    make_deliveries(1, "one.example")
    # Stands in the way of whoever reads the row to change it, and of no UPDATE by itself.
    with must_wait_for("SELECT * FROM digest_domainvolume FOR KEY SHARE"):
        claim(NOW)


@pytest.mark.django_db
def test_what_was_given_back_or_surely_not_accepted_is_no_part_of_the_share(
    use: Callable[[str], None], server: Server
) -> None:
    use("mailgun")
    make_deliveries(5, "one.example")
    answers = iter([True])
    ends_soon = RunOptions(size=2, keep_going=lambda: next(answers, False))
    deliver_planned(NOW, options=ends_soon)  # claims its share, and is told to end
    assert count_sent("one.example") < 2
    server.book.faults.append("429")
    for minute in range(5):
        Delivery.objects.planned().exclude(error=HELD_BACK).update(retry_at=None)
        deliver_planned(NOW + timedelta(minutes=1 + minute))
    assert count_sent("one.example") == 2
    assert len(server.book.accepted) == 2


@pytest.mark.django_db
def test_the_next_day_takes_up_what_is_still_news_and_the_rest_is_named() -> None:
    make_deliveries(7, "one.example")
    deliver_planned(NOW)
    deliver_planned(NOW + timedelta(hours=13))
    assert count_sent("one.example") == 2 + 4
    sweep(NOW + timedelta(hours=25))
    assert Delivery.objects.filter(status="expired", error=HELD_BACK).count() == 1
    sweep(NOW + timedelta(days=3))
    assert not DomainVolume.objects.exists()


@pytest.mark.django_db
def test_whoever_waits_for_the_first_digest_does_not_wait_for_this() -> None:
    make_deliveries(3, "one.example")
    deliver_planned(NOW)
    [left] = Delivery.objects.planned()
    Delivery.objects.update(retry_at=None)
    deliver_planned(NOW, only=left.subscriber.email)
    assert count_sent("one.example") == 3


@pytest.mark.django_db
def test_where_no_warm_up_is_set_nothing_is_counted(settings: Any) -> None:
    settings.WARM_UP = None
    make_deliveries(3, "one.example")
    deliver_planned(NOW)
    assert (count_sent("one.example"), DomainVolume.objects.count()) == (3, 0)


def test_the_setting_is_a_day_and_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARM_UP", "2026-12-01:50")
    assert environment.warm_up("WARM_UP") == (date(2026, 12, 1), 50)
    monkeypatch.setenv("WARM_UP", "")
    assert environment.warm_up("WARM_UP") is None
    for nonsense in ("50", "2026-12-01", "2026-12-01:0", "tomorrow:5"):
        monkeypatch.setenv("WARM_UP", nonsense)
        with pytest.raises(ImproperlyConfigured, match="like 2026-12-01:50"):
            environment.warm_up("WARM_UP")
