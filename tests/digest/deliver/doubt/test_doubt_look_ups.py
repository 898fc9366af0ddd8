"""Look-ups by our key: several at once, for a while, and one alone where they are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from digest.deliver.delivery_runs import select_living
from digest.deliver.doubt.doubt_runs import settle_doubts
from digest.deliver.doubt.doubts import FEWEST_PEERS
from digest.models import Delivery
from tests.digest.deliver.doubtful_mails import (
    accept,
    count_by_status,
    make_doubtful,
    make_reported,
)
from tests.factories import NOW
from tests.provider_keys import use_provider
from tests.provider_server import Server, provider_server

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with provider_server() as server:
        use_provider("postmark", server, settings)
        yield server


def test_one_run_settles_more_than_fit_into_one_take(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("doubts", "doubt_look_ups"):
        monkeypatch.setattr(f"digest.deliver.doubt.{module}.CHUNK", 4)
    rows = make_doubtful(11)
    accept(server, rows[:6])
    done = settle_doubts(NOW + HOUR)
    assert done == {"asked": 11, "sent": 6, "planned": 5, "expired": 0}
    assert count_by_status() == {"sent": 6, "planned": 5}
    ids = dict(Delivery.objects.sent().values_list("message_id", "key"))
    assert ids == {f"found-{row.key}": row.key for row in rows[:6]}


def test_several_are_asked_at_once(server: Server, settings: Any) -> None:
    settings.DELIVER_CALLS_AT_ONCE = 3
    make_doubtful(7)
    server.book.search_meeting = 3  # of those after the first, none is answered alone
    settle_doubts(NOW + HOUR)
    assert count_by_status() == {"planned": 7}


def test_what_was_taken_and_not_asked_about_is_due_as_before(server: Server) -> None:
    make_doubtful(5)
    server.book.search_status = 429
    settle_doubts(NOW + HOUR)
    assert len(server.book.searched) == 1
    assert Delivery.objects.filter(retry_at=None).count() == 4
    server.book.search_status = 200
    settle_doubts(NOW + HOUR)
    assert count_by_status() == {"in_doubt": 1, "planned": 4}


def test_where_look_ups_are_refused_the_silence_of_reports_tells(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    make_doubtful(3)
    make_reported(FEWEST_PEERS)
    server.book.search_status = 401
    settle_doubts(NOW + 11 * HOUR)
    assert count_by_status() == {"in_doubt": 3, "sent": FEWEST_PEERS}
    assert "What is in doubt cannot be looked for now" in caplog.text
    settle_doubts(NOW + 23 * HOUR)
    assert count_by_status() == {"planned": 3, "sent": FEWEST_PEERS}


def test_a_run_says_all_the_while_that_it_lives(server: Server) -> None:
    make_doubtful(3)
    living: list[int] = []

    def is_ending() -> bool:
        living.append(select_living(NOW + HOUR).count())
        return False

    settle_doubts(NOW + HOUR, is_ending=is_ending)
    assert set(living) == {1}


def test_a_run_whose_time_is_over_says_that_more_is_left(server: Server) -> None:
    make_doubtful(3)
    told: list[float] = []
    settle_doubts(NOW + HOUR, seconds=0.0, on_more=told.append)
    assert told == [0.0]
    assert server.book.searched == []
    settle_doubts(NOW + HOUR, on_more=told.append)
    assert told == [0.0]
    assert count_by_status() == {"planned": 3}


def test_a_process_that_is_told_to_end_waits_for_no_look_up_that_hangs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.deliver.doubt.doubt_look_ups.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("digest.deliver.doubt.doubt_look_ups.END_SECONDS", 0.1)
    make_doubtful(2)
    server.book.latency = 1.5
    settle_doubts(NOW + HOUR, is_ending=lambda: bool(server.book.searched))
    # Its answer, that the provider has no such mail, would have settled the first.
    assert count_by_status() == {"in_doubt": 2}
    assert len(server.book.searched) == 1
    server.book.latency = 0.3  # while nothing ends, an answer may take as long as it takes
    settle_doubts(NOW + 3 * HOUR)
    assert count_by_status() == {"planned": 2}
