"""What is written down of the email provider says of itself what an admin needs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from digest.models import DeliveryRun, DomainVolume, ProviderCall, ProviderPace, ProviderPause
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NAME = "Postmark 12345678"


def test_each_row_says_in_words_what_it_is() -> None:
    rows = [
        DeliveryRun(provider=NAME, connections=4, started_at=NOW),
        ProviderCall(delivery_ids=[1, 2], made_at=NOW),
        ProviderPause(provider=NAME, until=NOW),
        ProviderPace(provider=NAME, free_at=1.5),
        DomainVolume(domain="example.org", day=date(2026, 4, 22), mails=3),
    ]
    assert list(map(str, rows)) == [
        "4 calls at once since 2026-04-22 12:00:00",
        "2 mails at 2026-04-22 12:00",
        f"{NAME} until 2026-04-22 12:00",
        f"{NAME} from 1.500",
        "3 to example.org on 2026-04-22",
    ]


def test_a_pause_cannot_end_before_it_began() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProviderPause.objects.create(provider=NAME, paused_at=NOW, until=NOW - timedelta(seconds=1))


@pytest.mark.parametrize(
    "make",
    [
        lambda: ProviderPause.objects.create(provider=NAME, paused_at=NOW, until=NOW),
        lambda: ProviderPace.objects.create(provider=NAME, free_at=0),
        lambda: DomainVolume.objects.create(domain="example.org", day=NOW.date()),
    ],
)
def test_there_is_one_row_for_all_workers(make) -> None:
    make()
    with pytest.raises(IntegrityError), transaction.atomic():
        make()
