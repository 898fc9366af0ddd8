"""A database that knows of fewer calls than were promised mails nobody."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from digest.compose import compose_due
from digest.deliver import deliver_planned, settle_doubts, sweep
from digest.deliver.doubt import doubt_runs
from digest.deliver.provider.send import Provider
from digest.high_water import hold
from digest.high_water.hold import (
    count_call,
    end_hold,
    find_hold,
    find_installation,
    name_installation,
    read_counts,
    start_hold,
)
from digest.high_water.marks import Marks, find_file, read_marks
from digest.models import CallCount, Installation
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_reader

HOUR = timedelta(hours=1)


def hold_it() -> None:
    start_hold(name_installation(), read_counts(), NOW)


@pytest.mark.django_db(transaction=True)
class TestCounting:
    def test_a_call_is_counted_outside_only_when_it_is_counted_inside(self) -> None:
        with transaction.atomic():
            count_call(NOW)
            assert read_marks(name_installation()) == Marks()
        assert read_marks(name_installation()) == read_counts()
        assert sum(read_counts().numbers.values()) == 1
        with transaction.atomic():
            count_call(NOW)
            transaction.set_rollback(True)
        assert sum(read_marks(name_installation()).numbers.values()) == 1
        assert find_hold() is None

    def test_each_call_to_the_provider_is_counted_before_it_is_made(self) -> None:
        for _ in range(3):
            make_delivery()
        deliver_planned(NOW)
        assert sum(read_marks(name_installation()).numbers.values()) == 3
        assert read_counts().noted_at is not None

    def test_a_database_that_lost_its_last_calls_is_held(self) -> None:
        for hours in range(3):
            count_call(NOW + hours * HOUR)
        CallCount.objects.update(number=1, counted_at=NOW)
        found = find_hold()
        assert found
        assert (found.calls, found.known_until, found.promised_at) == (2, NOW, NOW + 2 * HOUR)
        assert "knows nothing of 2 calls" in str(found)
        CallCount.objects.all().delete()
        assert find_hold()

    def test_a_lost_mark_holds_nothing(self) -> None:
        count_call(NOW)
        find_file(name_installation()).unlink()
        assert find_hold() is None

    def test_a_new_database_is_not_held_by_the_marks_of_an_old_one(self) -> None:
        count_call(NOW)
        CallCount.objects.all().delete()
        assert find_hold()
        Installation.objects.all().delete()
        assert find_installation() is None
        assert find_hold() is None
        count_call(NOW)
        assert find_hold() is None

    @pytest.mark.services
    def test_workers_that_count_at_once_lose_no_call_and_hold_nobody(self) -> None:
        name_installation()
        held = []

        def work() -> None:
            try:
                for _ in range(20):
                    count_call(NOW)
                    held.append(find_hold())
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(read_counts().numbers.values()) == 120
        assert held == [None] * 120


@pytest.mark.django_db
class TestHeld:
    def test_nothing_is_delivered(self) -> None:
        make_delivery()
        hold_it()
        report = deliver_planned(NOW)
        assert "older than what was mailed" in report.stopped
        assert report.counts == {}
        end_hold(NOW)
        assert deliver_planned(NOW).counts == {"sent": 1}

    def test_nothing_is_composed(self) -> None:
        reader = make_reader("diffusion policy", next_digest_at=NOW)
        hold_it()
        assert compose_due(NOW).delivery_ids == []
        assert Subscriber.objects.due(NOW).filter(pk=reader.pk).exists()
        end_hold(NOW)
        assert len(compose_due(NOW).delivery_ids) == 1

    def test_nothing_expires(self) -> None:
        make_delivery(covers_until=NOW - 30 * HOUR)
        hold_it()
        assert sweep(NOW) == {}
        end_hold(NOW)
        assert sweep(NOW)["expired"] == 1

    def test_nothing_in_doubt_is_settled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looked: list[int] = []
        monkeypatch.setattr(doubt_runs, "_settle_due", lambda run: looked.append(run.row.pk))
        with Provider() as provider:
            name = provider.traits.name
        make_delivery(status="in_doubt", maybe_sent_at=NOW, provider=name)
        hold_it()
        settle_doubts(NOW + HOUR)
        assert looked == []
        end_hold(NOW)
        settle_doubts(NOW + HOUR)
        assert len(looked) == 1

    def test_it_is_said_in_the_log_on_readyz_and_by_the_audit(
        self, client: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "held" not in client.get("/readyz?of=pages").json()
        hold_it()
        deliver_planned(NOW)
        [said] = [one for one in caplog.records if one.levelname == "CRITICAL"]
        assert "manage.py reconcile" in said.message
        answer = client.get("/readyz?of=pages")
        assert answer.status_code == 200
        assert "manage.py reconcile" in answer.json()["held"]
        call_command("audit")
        assert "Note: The database is older than what was mailed" in capsys.readouterr().out

    def test_it_is_said_on_the_first_page_of_the_admin(self, admin_client: Client) -> None:
        hold_it()
        assert "No digest leaves until" in admin_client.get("/admin/").content.decode()

    def test_when_it_ends_the_database_knows_of_every_call(self) -> None:
        hold_it()
        end_hold(NOW + HOUR)
        assert find_hold() is None
        assert read_counts().noted_at == NOW + HOUR

    def test_another_database_in_the_place_of_ours_is_noticed_at_once(self) -> None:
        hold_it()
        assert find_hold()
        Installation.objects.all().delete()
        Installation.objects.create()
        assert find_hold() is None
        assert hold._last_seen["installation"] == find_installation()
