from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from digest.ingest.sources.host_rate_limit import (
    GAPS,
    LEASE,
    HostBusy,
    find_limited_host,
    hold_turn,
)
from digest.models import HostTurn
from tests.running import PATIENCE_SECONDS

ARXIV = "arxiv.org"


def _free_in(seconds: float) -> None:
    free_at = timezone.now() + timedelta(seconds=seconds)
    HostTurn.objects.update_or_create(host=ARXIV, defaults={"free_at": free_at})


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://rss.arxiv.org/rss/cs.CL", ARXIV),
        ("https://export.arxiv.org/api/query", ARXIV),
        ("https://ARXIV.org/rss", ARXIV),
        ("https://notarxiv.org/rss", "notarxiv.org"),
        ("https://huggingface.co/api", "huggingface.co"),
        ("nonsense", ""),
    ],
)
def test_all_of_arxivs_hosts_share_their_turns(url: str, host: str) -> None:
    assert find_limited_host(url) == host


@pytest.mark.django_db
def test_a_turn_keeps_the_next_one_three_seconds_away() -> None:
    before = timezone.now()
    with hold_turn(ARXIV):
        taken_at, begun = HostTurn.objects.get().free_at - LEASE, timezone.now()
        assert before <= taken_at <= begun
        done = timezone.now()
    free_at = HostTurn.objects.get().free_at
    assert before + timedelta(seconds=3) <= free_at <= max(taken_at + GAPS[ARXIV], timezone.now())
    assert free_at == taken_at + GAPS[ARXIV] or free_at >= done  # the request took longer


@pytest.mark.django_db
def test_a_turn_is_left_even_when_the_request_fails() -> None:
    with pytest.raises(ZeroDivisionError), hold_turn(ARXIV):
        raise ZeroDivisionError
    assert HostTurn.objects.get().free_at <= timezone.now() + GAPS[ARXIV]


@pytest.mark.django_db
def test_a_turn_is_waited_for_but_not_for_ever() -> None:
    _free_in(0.3)
    with hold_turn(ARXIV):
        pass
    _free_in(100)
    with pytest.raises(HostBusy, match="one request at a time"), hold_turn(ARXIV, wait_seconds=0.1):
        pass


@pytest.mark.django_db
def test_a_host_that_asks_for_no_turns_has_none() -> None:
    with hold_turn("huggingface.co"):
        pass
    assert not HostTurn.objects.exists()


@pytest.mark.django_db
def test_a_turn_that_ran_out_is_not_taken_from_who_has_it_now() -> None:
    with hold_turn(ARXIV):
        _free_in(77)
    assert HostTurn.objects.get().free_at > timezone.now() + timedelta(seconds=70)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_have_the_turn_at_once() -> None:
    starts: list[datetime] = []

    def ask() -> None:
        with hold_turn(ARXIV, PATIENCE_SECONDS):
            starts.append(HostTurn.objects.get(host=ARXIV).free_at - LEASE)
        connection.close()

    workers = [threading.Thread(target=ask) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    first, second = sorted(starts)
    assert second - first >= GAPS[ARXIV]
