"""The figures of each day say what the rows say, are counted when those change, and stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.models import DailyFigure, Delivery, Edition, Entry, ProviderEvent
from digest.watch import daily_figures
from digest.watch.daily_figures import update_figures, write_figures
from digest.watch.figures import read_figures
from subscribers.models import Subscriber, Suppression
from tests.factories import (
    NOW,
    make_delivery,
    make_paper,
    make_reader,
    make_source,
    make_subscriber,
)

pytestmark = [pytest.mark.cached, pytest.mark.django_db]
DAY = timedelta(days=1)
TODAY = NOW.date()
Name = DailyFigure.Name


def make_edition(days_ago: int = 0) -> Edition:
    return Edition.objects.get_or_create(date=TODAY - days_ago * DAY)[0]


def read(name: str, part: str = "") -> float | None:
    return read_figures(TODAY, 30).list_values(name, part)[-1]


def test_an_edition_is_counted_by_status_and_again_when_a_delivery_changes_its_state() -> None:
    edition = make_edition()
    delivery = make_delivery(edition=edition, status="planned")
    make_delivery(edition=edition, status="quiet", quiet_reason="no_match")
    update_figures(NOW)
    assert (read(Name.DELIVERIES, "planned"), read(Name.DELIVERIES, "quiet")) == (1, 1)
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=NOW, claimed_at=NOW)
    update_figures(NOW)
    assert (read(Name.DELIVERIES, "planned"), read(Name.DELIVERIES, "sent")) == (0, 1)


@pytest.mark.parametrize("after", ["failed", "expired", "in_doubt", "suppressed"])
def test_every_change_of_state_is_noticed(after: str) -> None:
    delivery = make_delivery(status="planned", edition=make_edition())
    make_delivery(status="planned", edition=delivery.edition)
    update_figures(NOW)
    Delivery.objects.filter(pk=delivery.pk).update(status=after, claimed_at=NOW)
    update_figures(NOW)
    found = read_figures(TODAY, 1).read_day(Name.DELIVERIES, TODAY)
    counted = daily_figures.count_statuses(delivery.edition_id)
    assert found == counted
    assert sum(counted.values()) == 2


def test_a_mail_in_doubt_that_is_settled_days_later_is_counted_so() -> None:
    old = make_delivery(edition=make_edition(5), status="in_doubt", maybe_sent_at=NOW)
    for days_ago in range(4):
        make_edition(days_ago)
    daily_figures._fill_in_past(TODAY)
    update_figures(NOW)
    Delivery.objects.filter(pk=old.pk).update(status="sent", sent_at=NOW, claimed_at=NOW)
    update_figures(NOW)
    found = read_figures(TODAY, 30).read_day(Name.DELIVERIES, old.edition.date)
    assert found
    assert (found["in_doubt"], found["sent"]) == (0, 1)


def test_an_idle_minute_counts_no_edition_again() -> None:
    make_delivery(edition=make_edition())
    update_figures(NOW)
    with CaptureQueriesContext(connection) as caught:
        update_figures(NOW + timedelta(minutes=1))
    counts = [q["sql"] for q in caught if "GROUP BY" in q["sql"]]
    assert counts == []
    writes = [q["sql"] for q in caught if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(writes) == 1, "only when it was looked at"


def test_bounces_and_complaints_count_for_the_edition_they_are_of() -> None:
    before = make_edition(3)
    make_delivery(edition=before, status="sent", sent_at=NOW, bounced_at=NOW)
    make_delivery(edition=before, status="sent", sent_at=NOW, complained_at=NOW)
    make_delivery(edition=before, status="sent", sent_at=NOW)
    make_delivery(edition=make_edition(), status="sent", sent_at=NOW)
    update_figures(NOW)
    figures = read_figures(TODAY, 30)
    assert figures.list_values(Name.BOUNCED)[-4] == 1
    assert figures.list_values(Name.COMPLAINED)[-4] == 1
    rate = figures.compute_rate(Name.COMPLAINED)
    assert (rate.count, rate.mails, rate.share) == (1, 4, 0.25)
    assert figures.compute_rate(Name.COMPLAINED, TODAY - 4 * DAY).share == 0


def test_a_report_that_comes_days_later_is_counted_with_the_next_look() -> None:
    delivery = make_delivery(edition=make_edition(5), status="sent", sent_at=NOW)
    update_figures(NOW)
    Delivery.objects.filter(pk=delivery.pk).update(complained_at=NOW)
    ProviderEvent.objects.create(
        provider="resend",
        event_id="1",
        kind="complained",
        verdict="complaint",
        happened_at=NOW,
        received_at=NOW,
        delivery=delivery,
    )
    update_figures(NOW)
    assert read_figures(TODAY, 30).list_values(Name.COMPLAINED)[-6] == 1


def test_papers_are_counted_by_source_and_replacements_are_none() -> None:
    source, other = make_source(title="A"), make_source(title="B")
    make_paper(source=source)
    make_paper(source=other, first_seen_at=NOW - 2 * DAY)
    replaced = make_paper(source=source)
    Entry.objects.filter(paper=replaced).update(announce_type="replace")
    update_figures(NOW)
    figures = read_figures(TODAY, 30)
    assert figures.list_values(Name.PAPERS, str(source.pk))[-1] == 1
    assert figures.list_values(Name.PAPERS, str(other.pk))[-3:] == [1, 0, 0]


def test_who_came_and_who_left_is_counted_and_stays_when_they_are_deleted() -> None:
    reader = make_subscriber(status="pending", confirmed_at=None)
    reader.confirm(NOW)
    other = make_reader()
    other.unsubscribe(NOW)
    Suppression.objects.create(fingerprint="a", created_at=NOW)
    update_figures(NOW)
    assert (read(Name.JOINED), read(Name.LEFT), read(Name.SUPPRESSED)) == (1, 1, 1)
    assert (read(Name.SUBSCRIBERS, "active"), read(Name.SUBSCRIBERS, "unsubscribed")) == (1, 1)
    Subscriber.objects.all().delete()
    cache.clear()
    update_figures(NOW + 2 * DAY)
    assert read_figures(TODAY, 1).list_values(Name.JOINED) == [1]
    assert read_figures(TODAY + 2 * DAY, 1).list_values(Name.SUBSCRIBERS, "active") == [0]


def test_the_topics_most_followed_are_counted_among_the_confirmed() -> None:
    make_reader("robots")
    make_reader("robots", "RAG")
    make_reader("RAG", status="unsubscribed", unsubscribed_at=NOW)
    update_figures(NOW)
    _, found = read_figures(TODAY, 1).find_newest(Name.FOLLOWERS)
    assert sorted(found.values()) == [1, 2]


def test_a_database_without_figures_gets_those_that_its_rows_still_tell() -> None:
    for days in (10, 20):
        make_delivery(edition=make_edition(days), status="sent", sent_at=NOW)
    update_figures(NOW)
    sent = read_figures(TODAY, 30).list_values(Name.DELIVERIES, "sent")
    assert [sent[-11], sent[-21], sent[-15]] == [1, 1, None]


def test_a_figure_that_is_counted_again_takes_the_place_of_the_first() -> None:
    write_figures(TODAY, Name.JOINED, {"": 3})
    write_figures(TODAY, Name.JOINED, {"": 5})
    assert DailyFigure.objects.filter(name=Name.JOINED).count() == 1
    assert read(Name.JOINED) == 5


def test_when_it_was_counted_is_known() -> None:
    assert read_figures(TODAY, 1).find_counted_at() is None
    update_figures(NOW)
    assert read_figures(TODAY, 1).find_counted_at() == NOW


def test_a_minute_in_which_nothing_changed_asks_as_little_of_many_editions_as_of_one() -> None:
    asked = []
    for days in (1, 5):
        for days_ago in range(days):
            make_delivery(edition=make_edition(days_ago), status="sent", sent_at=NOW)
        update_figures(NOW)
        with CaptureQueriesContext(connection) as captured:
            update_figures(NOW)
        asked.append([query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]])
    assert len(asked[0]) == len(asked[1]) == 4, asked
