"""Over 0.1 % of an edition in doubt for an hour is an alarm, which ends with the doubt."""

from datetime import timedelta

import pytest

from digest.deliver import sweep
from digest.deliver.doubt.doubt_alarm import watch_doubts
from digest.models import Delivery, OperatorAlarm
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def lasting():
    return list(OperatorAlarm.objects.filter(resolved_at=None).values_list("kind", flat=True))


def make_doubt(**fields):
    return make_delivery(status="in_doubt", **{"maybe_sent_at": NOW} | fields)


def test_what_was_called_a_moment_ago_alarms_nobody_and_after_an_hour_it_does():
    doubt = make_doubt()
    sweep(NOW + 59 * MINUTE)
    assert lasting() == []
    sweep(NOW + HOUR)
    assert lasting() == [f"in-doubt-{doubt.edition.date}"]
    sentence = OperatorAlarm.objects.get().sentence
    assert f"{doubt.edition.date} 1 of 1 mail is in doubt." in sentence


def test_it_is_over_once_the_mails_are_known_to_be_sent():
    make_doubt()
    watch_doubts(NOW + HOUR)
    Delivery.objects.update(status="sent", sent_at=NOW)
    watch_doubts(NOW + HOUR + MINUTE)
    assert lasting() == []


@pytest.mark.parametrize(("others", "is_raised"), [(999, False), (998, True)])
def test_one_in_a_thousand_is_let_pass_and_more_is_not(others, is_raised):
    doubt = make_doubt()
    readers = Subscriber.objects.bulk_create(
        Subscriber(email=f"other{n}@example.org", status="active", confirmed_at=NOW)
        for n in range(others)
    )
    Delivery.objects.bulk_create(
        Delivery(
            subscriber=reader,
            edition=doubt.edition,
            covers_until=NOW,
            status="sent",
            sent_at=NOW,
        )
        for reader in readers
    )
    watch_doubts(NOW + HOUR)
    assert bool(lasting()) is is_raised


def test_an_edition_of_last_month_alarms_nobody():
    make_doubt()
    watch_doubts(NOW + timedelta(days=30))
    assert lasting() == []
