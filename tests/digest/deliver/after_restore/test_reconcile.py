"""After a backup came back each mail of the hole is settled, and what never left is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from digest.compose import compose_due
from digest.deliver import deliver_planned
from digest.deliver.after_restore.reconcile import (
    Settled,
    reconcile_by_date,
    reconcile_with_provider,
)
from digest.deliver.provider.message_search import CannotTell
from digest.high_water.hold import Hold, find_hold, name_installation, read_counts, start_hold
from digest.models import CallCount, Delivery
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader
from tests.provider_keys import use_provider
from tests.provider_server import Server, provider_server

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def held() -> None:
    start_hold(name_installation(), read_counts(), NOW)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with provider_server() as server:
        server.book.accepted_at = (NOW + timedelta(minutes=5)).isoformat()
        yield server


@pytest.fixture(params=["postmark", "resend"])
def provider(request: pytest.FixtureRequest, settings: Any, server: Server) -> str:
    name: str = request.param
    use_provider(name, server, settings)
    return name


def accept(server: Server, to: str, key: Any = None) -> None:
    row = {"To": to, "to": [to], "Subject": "News", "subject": "News"}
    server.book.accepted.append(row | {"Metadata": {"delivery": str(key or uuid4())}})


def ask(hours: int = 2) -> Settled:
    hold = find_hold()
    assert hold
    return reconcile_with_provider(hold, NOW + hours * HOUR, lambda _: None)


def due_reader(**fields: Any) -> Subscriber:
    """A reader whose digest is due at eight, and at noon was not composed yet."""
    eight = NOW.replace(hour=8)
    defaults = {"confirmed_at": NOW - 9 * DAY, "next_digest_at": eight}
    return make_reader("diffusion policy", **(defaults | fields))


class TestByTheProvider:
    def test_what_it_has_is_sent_and_what_it_has_not_stays_planned(
        self, server: Server, provider: str
    ) -> None:
        had, had_not = make_delivery(), make_delivery()
        accept(server, had.subscriber.email, had.key)
        assert ask() == Settled(known=1, waiting=1)
        had.refresh_from_db()
        had_not.refresh_from_db()
        assert (had.status, had_not.status) == ("sent", "planned")
        assert had.message_id == f"found-{had.key}"
        assert had.sent_at == NOW + timedelta(minutes=5)
        assert find_hold() is None
        assert provider

    def test_a_mail_without_a_row_is_its_readers_mail_of_that_day(
        self, server: Server, provider: str
    ) -> None:
        reader, other = due_reader(), due_reader()
        make_match(make_paper(), "diffusion policy")
        accept(server, reader.email)
        accept(server, "stranger@example.org")
        assert ask() == Settled(lost=1, strangers=1)
        lost = Delivery.objects.get(subscriber=reader)
        assert (lost.status, str(lost.edition)) == ("sent", "2026-04-22")
        assert lost.covers_until == NOW.replace(hour=8)
        assert "went with the database" in lost.digest.note
        compose_due(NOW + 3 * HOUR)
        assert [d.subscriber for d in Delivery.objects.planned()] == [other]
        compose_due(NOW + DAY)
        assert Delivery.objects.planned().filter(subscriber=reader).count() <= 1
        assert provider

    def test_a_first_digest_counts_for_the_day_on_which_it_left(
        self, server: Server, provider: str
    ) -> None:
        reader = due_reader(next_digest_at=None, timezone="Pacific/Auckland")
        accept(server, reader.email)
        assert ask() == Settled(lost=1)
        assert str(Delivery.objects.get().edition) == "2026-04-23"  # it is past midnight there
        reader.refresh_from_db()
        assert reader.next_digest_at is not None
        assert reader.next_digest_at > NOW + 12 * HOUR
        assert provider

    def test_a_mail_of_a_clock_that_is_ahead_takes_no_days_from_its_reader(
        self, server: Server, provider: str
    ) -> None:
        server.book.accepted_at = (NOW + 9 * DAY).isoformat()
        reader = due_reader()
        accept(server, reader.email)
        assert ask() == Settled(lost=1)
        reader.refresh_from_db()
        assert reader.next_digest_at == NOW.replace(hour=8) + DAY
        assert provider

    def test_what_left_before_the_backup_is_none_of_its_hole(
        self, server: Server, provider: str
    ) -> None:
        CallCount.objects.create(slot=1, number=3, counted_at=NOW - HOUR)
        start_hold(name_installation(), read_counts(), NOW)
        server.book.accepted_at = (NOW - 2 * DAY).isoformat()
        accept(server, due_reader().email)  # of a row that was deleted since
        assert ask() == Settled()
        assert not Delivery.objects.exists()
        assert provider

    def test_one_mail_more_of_the_same_day_is_no_second_delivery(
        self, server: Server, provider: str
    ) -> None:
        reader = due_reader()
        accept(server, reader.email)
        accept(server, reader.email)
        ask()
        assert Delivery.objects.count() == 1
        assert provider

    def test_it_can_be_done_again_after_it_was_cut_off(self, server: Server, provider: str) -> None:
        had = make_delivery()
        accept(server, had.subscriber.email, had.key)
        accept(server, due_reader().email)
        ask()
        start_hold(name_installation(), read_counts(), NOW)
        ask()
        assert sorted(Delivery.objects.values_list("status", flat=True)) == ["sent", "sent"]
        assert provider

    @pytest.mark.usefixtures("provider")
    def test_the_newest_messages_are_not_asked_for_too_early(self, server: Server) -> None:
        with pytest.raises(CannotTell, match="until 12:30 UTC"):
            ask(hours=0)
        assert find_hold()
        assert server.book.searched == []

    @pytest.mark.usefixtures("provider")
    def test_a_list_that_does_not_come_leaves_it_held(self, server: Server) -> None:
        server.book.search_status = 500
        with pytest.raises(CannotTell, match="500"):
            ask()
        assert find_hold()


class TestByDate:
    def settle(self, until: Any = NOW) -> Settled:
        return reconcile_by_date(until, NOW + HOUR, lambda _: None)

    def test_what_was_planned_by_then_is_sent_and_what_was_later_stays(self) -> None:
        by_then = make_delivery(covers_until=NOW - HOUR)
        claimed = make_delivery(covers_until=NOW - HOUR, status="claimed", claimed_at=NOW - HOUR)
        doubtful = make_delivery(covers_until=NOW, status="in_doubt", maybe_sent_at=NOW - HOUR)
        later = make_delivery(covers_until=NOW + timedelta(minutes=30))
        Subscriber.objects.filter(pk=later.subscriber_id).update(confirmed_at=NOW + HOUR)
        assert self.settle() == Settled(known=3, waiting=1)
        rows = Delivery.objects.in_bulk([by_then.pk, claimed.pk, doubtful.pk, later.pk])
        settled = [rows[one.pk].status for one in (by_then, claimed, doubtful, later)]
        assert settled == ["sent", "sent", "sent", "planned"]
        assert rows[doubtful.pk].sent_at == NOW - HOUR
        assert find_hold() is None

    def test_who_was_due_by_then_has_had_every_edition_of_the_hole(self) -> None:
        reader = due_reader(next_digest_at=NOW.replace(hour=8) - 2 * DAY)
        weekly = due_reader(cadence="weekly", next_digest_at=NOW.replace(hour=8) - 2 * DAY)
        first = due_reader(next_digest_at=None, confirmed_at=NOW - 5 * HOUR)
        assert self.settle() == Settled(lost=5)
        days = {
            one: [str(d.edition) for d in Delivery.objects.filter(subscriber=one).order_by("pk")]
            for one in (reader, weekly, first)
        }
        assert days[reader] == ["2026-04-20", "2026-04-21", "2026-04-22"]
        assert days[weekly] == ["2026-04-20"]
        assert days[first] == ["2026-04-22"]
        tomorrow = NOW.replace(hour=8) + DAY
        reader.refresh_from_db()
        first.refresh_from_db()
        assert (reader.next_digest_at, first.next_digest_at) == (tomorrow, tomorrow)

    def test_who_was_not_due_had_paused_or_may_not_be_mailed_is_left_alone(self) -> None:
        due_reader(next_digest_at=NOW + HOUR)
        due_reader(paused_until=NOW + DAY)
        due_reader(status="unsubscribed", unsubscribed_at=NOW - DAY)
        assert self.settle() == Settled()
        assert Delivery.objects.count() == 0

    def test_an_edition_composed_again_before_anybody_noticed_is_not_sent_again(self) -> None:
        reader = due_reader(next_digest_at=NOW.replace(hour=8) + DAY)
        again = make_delivery(subscriber=reader, covers_until=NOW + timedelta(minutes=30))
        assert self.settle(NOW) == Settled(known=0, lost=1)
        again.refresh_from_db()
        assert (again.status, again.covers_until) == ("sent", NOW)
        assert not again.digest.papers  # its reader never had those: they come in the next one

    def test_papers_that_come_in_after_it_are_in_the_next_digest(self) -> None:
        reader = due_reader()
        self.settle()
        make_match(make_paper(news_at=NOW + HOUR, first_seen_at=NOW + HOUR), "diffusion policy")
        compose_due(NOW + DAY)
        [planned] = Delivery.objects.planned()
        assert planned.subscriber == reader
        deliver_planned(NOW + DAY)
        planned.refresh_from_db()
        assert planned.status == "sent"


def test_a_hold_says_what_it_knows_where_nobody_knows_when_the_last_call_began() -> None:
    assert "of 1 call to" in str(Hold(1, None, None))
    assert "the last of them" not in str(Hold(1, None, None))
