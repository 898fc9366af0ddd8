"""Who lives is left alone, and what the dead had claimed is taken back within half a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digest.deliver import deliver_planned
from digest.deliver.call_marks import begin_calls, note_call
from digest.deliver.claims import claim, release_dead
from digest.deliver.delivery_runs import (
    DEAD_AFTER,
    delete_dead,
    end_run,
    note_alive,
    select_living,
    start_run,
)
from digest.deliver.provider.traits import ProviderTraits
from digest.models import Delivery, DeliveryRun, ProviderPace
from tests.factories import NOW, make_delivery
from tests.row_locks import must_wait_for

pytestmark = pytest.mark.django_db
NAME = "Postmark 12345678"
SECOND = timedelta(seconds=1)


def start(**fields: Any) -> DeliveryRun:
    run = start_run(NAME, NOW, **({"connections": 4} | fields))
    assert run
    return run


def test_a_run_that_says_so_lives_and_one_that_is_silent_does_not() -> None:
    run, silent = start(), start()
    note_alive(run, NOW + 25 * SECOND)
    later = NOW + DEAD_AFTER + SECOND
    assert list(select_living(later)) == [run]
    assert delete_dead(later) == 1
    assert not DeliveryRun.objects.filter(pk=silent.pk).exists()
    end_run(run.pk)
    assert not DeliveryRun.objects.exists()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_runs_that_start_at_once_count_each_other() -> None:
    """What the second may have is counted once the first is written down: it waits for that."""
    ProviderPace.objects.create(provider=NAME, free_at=0.0)
    with must_wait_for("SELECT * FROM digest_providerpace FOR UPDATE"):
        start(limit=4)


def test_it_is_written_down_every_few_seconds_only(django_assert_num_queries: Any) -> None:
    run = start()
    with django_assert_num_queries(0):
        note_alive(run, NOW + 4 * SECOND)
    with django_assert_num_queries(1):
        note_alive(run, NOW + 5 * SECOND)


def test_a_run_that_was_taken_for_dead_lives_again_when_it_speaks() -> None:
    run = start()
    delete_dead(NOW + timedelta(minutes=1))
    note_alive(run, NOW + timedelta(minutes=1))
    assert list(select_living(NOW + timedelta(minutes=1))) == [run]


@pytest.mark.parametrize("step", [timedelta(hours=-2), timedelta(days=1)])
def test_a_clock_that_was_set_makes_nobody_live_for_hours(step: timedelta) -> None:
    start()
    assert not select_living(NOW + step).exists()


def test_the_claims_of_the_dead_are_taken_back_and_those_of_the_living_are_not() -> None:
    dead, alive = start(), start()
    lost, begun, held = (make_delivery() for _ in range(3))
    claim(NOW, only=lost.subscriber.email, run_id=dead.pk)
    claimed = claim(NOW, only=begun.subscriber.email, run_id=dead.pk)
    begin_calls(claimed, NOW)
    claim(NOW, only=held.subscriber.email, run_id=alive.pk)
    later = NOW + DEAD_AFTER + SECOND
    note_alive(alive, later)
    assert release_dead(later) == {"planned": 1, "in_doubt": 1}
    rows = [Delivery.objects.get(pk=d.pk) for d in (lost, begun, held)]
    assert [row.status for row in rows] == ["planned", "in_doubt", "claimed"]
    # A worker that dies is no refusal of the provider's, after which a mail waits ever longer.
    assert [row.attempts for row in rows] == [0, 1, 1]


def test_a_row_that_no_call_under_a_key_names_was_in_none() -> None:
    """Whoever dies between the mark and the note has made no call: nobody need be in doubt."""
    traits = ProviderTraits(name=NAME, call_key="Key", call_lifetime=timedelta(hours=1))
    run = start()
    unnamed, named = make_delivery(), make_delivery()
    claimed = claim(NOW, traits, run_id=run.pk)
    begin_calls(claimed, NOW, traits)
    assert note_call([one for one in claimed if one.pk == named.pk], "key")
    assert release_dead(NOW + DEAD_AFTER + SECOND, traits) == {"planned": 2, "in_doubt": 0}
    rows = [Delivery.objects.get(pk=one.pk) for one in (unnamed, named)]
    assert [(row.maybe_sent_at, row.call) for row in rows] == [(None, ""), (NOW, "key")]
    assert [row.attempts for row in rows] == [0, 1]


def test_whoever_was_taken_for_dead_makes_no_call_under_a_key_any_more() -> None:
    traits = ProviderTraits(name=NAME, call_key="Key", call_lifetime=timedelta(hours=1))
    run = start()
    deliveries = [make_delivery(), make_delivery()]
    claimed = claim(NOW, traits, run_id=run.pk)
    begin_calls(claimed, NOW, traits)
    Delivery.objects.filter(pk=deliveries[0].pk).update(claimed_by=None, claimed_at=NOW + SECOND)
    assert not note_call(claimed, "key")
    assert not Delivery.objects.exclude(call="").exists()


def test_the_next_run_takes_over_at_once_without_waiting_for_a_sweep(settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    delivery = make_delivery()
    claim(NOW, run_id=start().pk)
    deliver_planned(NOW + DEAD_AFTER - SECOND)
    delivery.refresh_from_db()
    assert delivery.status == "claimed"
    deliver_planned(NOW + DEAD_AFTER + SECOND)
    delivery.refresh_from_db()
    assert delivery.status == "sent"
    assert not DeliveryRun.objects.exists()


def test_together_they_never_have_more_connections_than_the_provider_allows() -> None:
    assert start(limit=6).connections == 4
    assert start(limit=6).connections == 2
    assert start_run(NAME, NOW, 4, limit=6) is None
    assert start(limit=6, at_least=1).connections == 1  # somebody waits for it
    assert start_run("another account", NOW, 4, limit=6) is not None
    assert start_run(NAME, NOW + 2 * DEAD_AFTER, 4, limit=6) is not None


def test_where_all_connections_are_taken_nothing_is_claimed(settings: Any) -> None:
    settings.DELIVER_CONNECTIONS = 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    delivery = make_delivery()
    from digest.deliver.provider.send import Provider  # noqa: PLC0415

    with Provider() as provider:
        other = start_run(provider.traits.name, NOW, 1, limit=1)
    assert other
    assert "Other runs" in deliver_planned(NOW).stopped
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("planned", 0)
    end_run(other.pk)
    assert deliver_planned(NOW).counts == {"sent": 1}


def test_a_key_makes_the_dead_ones_rows_go_again() -> None:
    traits = ProviderTraits(name="A", key_lifetime=timedelta(hours=1))
    make_delivery()
    begin_calls(claim(NOW, traits, run_id=start().pk), NOW, traits)
    assert release_dead(NOW + DEAD_AFTER + SECOND, traits)["planned"] == 1
