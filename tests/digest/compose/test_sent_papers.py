"""Which papers somebody has had is read by the ids alone, those of merged papers too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.compose.sent_papers import read_papers_perhaps_seen, read_papers_sent
from digest.models import Edition, Merger
from tests.factories import NOW, make_delivery, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_each_is_looked_at_from_their_own_day_on() -> None:
    first, second = make_subscriber(), make_subscriber()
    for reader in (first, second):
        for days in (1, 5):
            make_delivery(
                subscriber=reader,
                edition=Edition.objects.get_or_create(date=NOW.date() - days * DAY)[0],
                covers_until=NOW - days * DAY,
                contents={"papers": [{"id": 100 * reader.pk + days}]},
            )
    sent = read_papers_sent({first.pk: NOW - 2 * DAY, second.pk: NOW - 9 * DAY})
    assert sent[first.pk] == {100 * first.pk + 1}
    assert sent[second.pk] == {100 * second.pk + 1, 100 * second.pk + 5}
    assert read_papers_sent({}) == {}


def test_what_proved_to_be_another_paper_is_that_one_too() -> None:
    old, new = make_paper(), make_paper()
    Merger.objects.create(paper=old, into=new, merged_at=NOW)
    other = make_paper()
    papers = [{"id": old.pk}, {"id": other.pk}]
    delivery = make_delivery(contents={"papers": papers}, status="in_doubt")
    seen = read_papers_perhaps_seen([delivery.subscriber_id])
    assert seen == {delivery.subscriber_id: {old.pk, new.pk, other.pk}}
