"""Whoever asks too much is slowed down, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from django.utils.functional import Promise
from redis.exceptions import ConnectionError as RedisIsGone

from subscribers.limits import rate_limits
from tests.factories import NOW, allow

pytestmark = pytest.mark.cached


def request(address: str = "192.0.2.7", **headers: str) -> Any:
    return RequestFactory().post("/subscribe/", headers=headers, REMOTE_ADDR=address)


def asked(times: int, **where: str) -> list[bool]:
    return [rate_limits.SIGN_UPS.refuse(request(**where), NOW) is None for _ in range(times)]


def test_a_network_may_sign_up_a_seminar_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, "SIGN_UPS", 3)
    assert asked(4) == [True, True, True, False]
    assert asked(1, address="192.0.2.8") == [True]


def test_the_next_hour_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, "SIGN_UPS", 1)
    assert asked(2) == [True, False]
    assert rate_limits.SIGN_UPS.refuse(request(), NOW + timedelta(hours=1)) is None


def test_a_flood_from_many_networks_leaves_a_little_for_every_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowded = replace(rate_limits.SIGN_UPS, in_all=30, when_crowded=2)
    monkeypatch.setattr(rate_limits, "SIGN_UPS", crowded)
    assert asked(30) == [True] * 30
    assert asked(1) == [False]
    assert asked(3, address="192.0.2.8") == [True, True, False]


@pytest.mark.parametrize(
    ("minutes", "seconds", "said"),
    [
        (0, 3600, "60 minutes"),
        (48, 720, "12 minutes"),
        (59, 60, "a minute"),
        (58.5, 90, "2 minutes"),
    ],
)
def test_a_refusal_says_when_it_ends(
    minutes: float, seconds: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        rate_limits, "SIGN_UPS", replace(rate_limits.SIGN_UPS, per_network=0, in_all=0)
    )
    now = NOW + timedelta(minutes=minutes)
    refusal = rate_limits.SIGN_UPS.refuse(request(), now)
    assert refusal is not None
    assert refusal.seconds == seconds
    assert str(refusal) == (
        f"Too many sign-ups came from your network in this hour. Try again in {said}."
    )
    assert rate_limits.SIGN_UPS.refuse(request(), now + timedelta(seconds=seconds - 1))


def test_whoever_asks_in_another_language_is_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, "SIGN_UPS", 1)
    assert asked(1) == [True]
    elsewhere = replace(rate_limits.SIGN_UPS, what="Anmeldungen")
    monkeypatch.setattr(rate_limits, "SIGN_UPS", elsewhere)
    assert asked(1) == [False]


def test_each_limit_counts_by_itself_and_is_named_in_any_language() -> None:
    limits = [one for one in vars(rate_limits).values() if isinstance(one, rate_limits.Limit)]
    assert len(limits) > 5
    assert len({limit.name for limit in limits}) == len(limits)
    assert all(isinstance(limit.what, Promise) for limit in limits)


def test_letters_in_all_have_a_limit_whatever_their_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAILS_IN_ALL", 1)
    assert rate_limits.may_get_mail("ada@gmail.com", NOW)
    rate_limits.count_mail("ada@gmail.com", NOW)
    assert not rate_limits.may_get_mail("bob@example.org", NOW)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("not an address", "unknown"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::/64"),
    ],
)
def test_a_customer_of_a_provider_is_one_network(address: str, network: str) -> None:
    assert rate_limits.find_network(request(address)) == network


def test_an_address_that_is_passed_on_counts_only_behind_our_own_proxies(settings: Any) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    assert rate_limits.find_network(request(**forged)) == "192.0.2.7"
    settings.PROXY_HOPS = 1
    assert rate_limits.find_network(request(**forged)) == "198.51.100.4"
    settings.PROXY_HOPS = 2
    assert rate_limits.find_network(request(**forged)) == "203.0.113.9"
    settings.PROXY_HOPS = 3
    assert rate_limits.find_network(request(**forged)) == "192.0.2.7"


@pytest.mark.cached
@pytest.mark.parametrize(
    ("hops", "header", "seen"),
    [(0, "", None), (1, "192.0.2.7", None), (1, "", 0), (0, "192.0.2.7", 1), (2, "192.0.2.7", 1)],
)
def test_what_does_not_fit_the_number_of_proxies_is_kept_for_the_doctor(
    settings: Any, monkeypatch: pytest.MonkeyPatch, hops: int, header: str, seen: int | None
) -> None:
    cache.delete(rate_limits.ODD_PROXIES)
    monkeypatch.setattr(rate_limits, "_noted_hour", -1)
    settings.PROXY_HOPS = hops
    rate_limits.note_proxies(request(**({"X-Forwarded-For": header} if header else {})), NOW)
    assert rate_limits.read_odd_proxies() == seen


def test_without_its_counters_the_site_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise RedisIsGone

    monkeypatch.setattr(cache, "add", gone)
    monkeypatch.setattr(cache, "get", gone)
    assert asked(1) == [True]
    assert rate_limits.may_get_mail("ada@example.org", NOW)
