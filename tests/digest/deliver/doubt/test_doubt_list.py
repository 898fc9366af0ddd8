"""A provider's list is read once for all that is in doubt, however many runs that takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from digest.deliver.doubt import doubt_list
from digest.deliver.doubt.doubt_runs import settle_doubts
from digest.deliver.doubt.doubts import FEWEST_PEERS
from digest.deliver.provider.message_listings import LISTINGS
from digest.models import Delivery, Paper
from tests.digest.deliver.doubtful_mails import (
    accept,
    count_by_status,
    make_doubtful,
    make_reported,
)
from tests.factories import NOW
from tests.provider_keys import use_provider
from tests.provider_server import Server, provider_server

pytestmark = [pytest.mark.django_db, pytest.mark.cached]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    cache.clear()
    with provider_server() as server:
        yield server


@pytest.fixture
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubt_list, "take_turn", lambda *_: 0.0)


@pytest.mark.usefixtures("_unpaced")
def test_the_list_is_read_once_for_all_and_not_for_each(server: Server, settings: Any) -> None:
    use_provider("resend", server, settings)
    rows = make_doubtful(9)
    accept(server, rows[:7])
    settle_doubts(NOW + 2 * HOUR)
    assert count_by_status() == {"sent": 7, "planned": 2}
    assert len(server.book.searched) == 4  # pages of two mails


@pytest.mark.usefixtures("_unpaced")
def test_what_was_given_up_is_left_to_an_admin(server: Server, settings: Any) -> None:
    use_provider("resend", server, settings)
    long_ago = NOW - timedelta(days=8)
    [old] = make_doubtful(1, maybe_sent_at=long_ago, claimed_at=long_ago)
    make_doubtful(1)
    settle_doubts(NOW + 2 * HOUR)
    old.refresh_from_db()
    assert (old.status, old.retry_at) == ("in_doubt", None)
    assert count_by_status() == {"in_doubt": 1, "planned": 1}


@pytest.mark.usefixtures("_unpaced")
def test_a_reading_goes_on_where_the_last_run_ended(server: Server, settings: Any) -> None:
    use_provider("resend", server, settings)
    rows = make_doubtful(9)
    accept(server, rows[:7])
    told: list[float] = []
    for _ in range(4):
        ends = iter([False, True])  # after one page
        settle_doubts(NOW + 2 * HOUR, is_ending=ends.__next__, on_more=told.append)
    assert told == [0.0] * 3
    assert len(set(server.book.searched)) == len(server.book.searched) == 4
    assert count_by_status() == {"sent": 7, "planned": 2}
    assert "key" not in repr(cache.get(f"digest.doubt_list.1:{rows[0].provider.replace(' ', '-')}"))


@pytest.mark.usefixtures("_unpaced")
def test_what_came_into_doubt_while_the_list_was_read_is_not_taken_for_missing(
    server: Server, settings: Any
) -> None:
    """Its mail may stand on a page that was read before anybody looked for it."""
    use_provider("resend", server, settings)
    rows = make_doubtful(4)
    accept(server, rows)
    late = rows[0]
    Delivery.objects.filter(pk=late.pk).update(status="claimed")
    ends = iter([False, True])
    settle_doubts(NOW + 2 * HOUR, is_ending=lambda: next(ends))
    Delivery.objects.filter(pk=late.pk).update(status="in_doubt")
    settle_doubts(NOW + 2 * HOUR)
    late.refresh_from_db()
    assert late.status == "in_doubt"
    settle_doubts(NOW + 2 * HOUR)
    assert count_by_status() == {"sent": 4}


@pytest.mark.usefixtures("_unpaced")
def test_a_later_reading_leaves_out_what_was_read_for_the_same_mails(
    server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_provider("resend", server, settings)
    [row] = make_doubtful(1)
    accept(server, [row])
    Paper.objects.update(title="Another title altogether")
    asked: list[timedelta] = []
    read_page = doubt_list.MessageLister.read_page

    def listen(lister: Any, since: Any, place: Any) -> Any:
        asked.append(NOW - since)
        return read_page(lister, since, place)

    monkeypatch.setattr(doubt_list.MessageLister, "read_page", listen)
    for hours in (2, 5, 11):
        settle_doubts(NOW + hours * HOUR)
    assert asked == [HOUR, -HOUR / 2, -3.5 * HOUR]
    # Nobody can tell, and what one reading saw the next one still knows.
    assert count_by_status() == {"in_doubt": 1}
    cache.clear()
    settle_doubts(NOW + 24 * HOUR)
    assert asked[-1] == HOUR


def test_brevo_is_asked_no_faster_than_it_allows(server: Server, settings: Any) -> None:
    """300 GETs an hour: https://developers.brevo.com/docs/api-limits."""
    use_provider("brevo", server, settings)
    settings.DELIVER_CALLS_PER_SECOND = 100  # says how fast it takes mails
    told: list[float] = []
    for _ in range(3):
        make_doubtful(1)
        settle_doubts(NOW + MINUTE * 3, on_more=told.append)
    assert len(server.book.searched) == 1
    pace = LISTINGS["Brevo"].own_pace
    assert pace
    # Twelve seconds and the margin that pacing leaves, less the time since the last one.
    assert all(0 < seconds <= pace.space_calls(1) for seconds in told)
    assert len(told) == 2
    assert pace.calls_per_second * 3600 == 300


def test_a_provider_that_refuses_its_list_is_asked_less_and_less_often(
    server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt_list, "take_turn", lambda *_: 0.0)
    use_provider("resend", server, settings)
    make_doubtful(3)
    server.book.search_status = 401  # a key that may only send
    for minute in range(0, 24 * 60, 20):
        settle_doubts(NOW + minute * MINUTE)
    assert 5 < len(server.book.searched) < 16
    assert count_by_status() == {"in_doubt": 3}


@pytest.mark.usefixtures("_unpaced")
def test_where_the_list_is_refused_the_silence_of_reports_tells(
    server: Server, settings: Any
) -> None:
    use_provider("resend", server, settings)
    make_doubtful(3)
    make_reported(FEWEST_PEERS)
    server.book.search_status = 401  # a key that may only send
    settle_doubts(NOW + 11 * HOUR)
    assert count_by_status() == {"in_doubt": 3, "sent": FEWEST_PEERS}
    settle_doubts(NOW + 23 * HOUR)
    assert count_by_status() == {"planned": 3, "sent": FEWEST_PEERS}
