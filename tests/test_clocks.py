"""A clock that was ahead, or a --now with a typing error, does no lasting harm."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from digest import tasks
from digest.deliver import deliver_planned
from digest.ingest.sources import host_rate_limit
from digest.match import match_papers
from digest.models import Delivery, HostTurn, Match, Source
from subscribers.models import Subscriber
from tests.factories import (
    NOW,
    make_delivery,
    make_match,
    make_paper,
    make_pause,
    make_reader,
    make_source,
)

pytestmark = pytest.mark.django_db
YEARS_AHEAD = "2062-04-22T12:00"


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND


def send(now: str, *args: str) -> str:
    out = StringIO()
    call_command("send_digests", *args, now=now, stdout=out)
    return out.getvalue().splitlines()[-1]


def test_a_rehearsal_far_ahead_leaves_everything_as_it_was() -> None:
    make_match(make_paper(title="On diffusion policy"), "diffusion policy")
    make_reader("diffusion policy")
    send(YEARS_AHEAD, "--dry-run")
    assert Match.objects.count() == 1
    assert send("2026-04-22T12:00").startswith("planned 1 = sent 1 ")


def test_matches_go_thirty_days_behind_the_newest_paper_however_late_it_is() -> None:
    make_match(make_paper(), "diffusion policy")
    assert match_papers(NOW + timedelta(days=400)).dropped == 0
    make_paper(first_seen_at=NOW + timedelta(days=31))
    assert match_papers(NOW + timedelta(days=400)).dropped == 1


def test_a_reader_who_was_put_off_for_years_gets_tomorrows_digest() -> None:
    reader = make_reader("diffusion policy")
    send(YEARS_AHEAD)
    reader.refresh_from_db()
    assert reader.next_digest_at.year == 2062
    make_match(make_paper(title="On diffusion policy"), "diffusion policy")
    assert send("2026-04-22T12:00").startswith("planned 1 = sent 1 ")
    reader.refresh_from_db()
    assert reader.next_digest_at.year == 2026


def test_a_digest_within_the_week_is_waited_for() -> None:
    make_reader("RAG", next_digest_at=NOW + timedelta(days=7, hours=1))
    assert not Subscriber.objects.due(NOW).exists()


def test_a_source_that_was_put_off_for_years_is_asked_again() -> None:
    Source.objects.all().delete()
    make_source(next_fetch_at=NOW + timedelta(days=7))
    late = make_source(next_fetch_at=NOW + timedelta(days=9))
    assert list(Source.objects.due(NOW)) == [late]


def test_a_pause_that_no_provider_can_have_asked_for_holds_up_nothing() -> None:
    make_pause(until=NOW + timedelta(days=400))
    make_delivery()
    assert deliver_planned(NOW).counts["sent"] == 1


def test_a_turn_that_nobody_can_hold_is_free() -> None:
    host = "rss.arxiv.org"
    HostTurn.objects.create(host="arxiv.org", free_at=timezone.now() + timedelta(days=400))
    with host_rate_limit.hold_turn(
        host_rate_limit.find_limited_host(f"https://{host}/"), wait_seconds=0
    ):
        assert HostTurn.objects.get(host="arxiv.org").free_at < timezone.now() + timedelta(days=1)


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00+14:00", "1969-12-31", "2200-01-01", "9999-12-31T23:59"]
)
@pytest.mark.parametrize("command", ["ingest", "match", "send_digests", "audit"])
def test_a_moment_out_of_reach_is_said_to_be_so(command: str, moment: str) -> None:
    with pytest.raises(CommandError, match="is out of reach: --now goes from 1970 to 2199"):
        call_command(command, now=moment)


def test_an_empty_address_is_not_everybody() -> None:
    make_match(make_paper(), "diffusion policy")
    make_reader("diffusion policy")
    with pytest.raises(CommandError, match="--only wants an address"):
        send("2026-04-22T12:00", "--only", "")
    assert not Delivery.objects.exists()


def test_a_worker_that_is_told_to_end_begins_no_new_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = make_delivery(covers_until=timezone.now())
    monkeypatch.setattr("celery.worker.state.should_stop", 0)
    tasks.deliver_planned()
    delivery.refresh_from_db()
    assert delivery.status == "planned"
