"""Whoever asks too much is slowed down, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from redis.exceptions import ConnectionError as RedisIsGone

from subscribers import limits
from tests.factories import NOW


def request(address: str = "192.0.2.7", **headers: str) -> Any:
    return RequestFactory().post("/subscribe/", headers=headers, REMOTE_ADDR=address)


def asked(times: int, **where: str) -> list[bool]:
    return [limits.allows_sign_up(request(**where), NOW) for _ in range(times)]


def test_a_network_may_sign_up_a_seminar_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIGN_UPS_PER_NETWORK", 3)
    assert asked(4) == [True, True, True, False]
    assert asked(1, address="192.0.2.8") == [True]


def test_the_next_hour_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIGN_UPS_PER_NETWORK", 1)
    assert asked(2) == [True, False]
    assert limits.allows_sign_up(request(), NOW + timedelta(hours=1))


def test_many_networks_together_have_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIGN_UPS_IN_ALL", 2)
    answers = [asked(1, address=f"192.0.2.{n}")[0] for n in range(3)]
    assert answers == [True, True, False]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_a_customer_of_a_provider_is_one_network(address: str, network: str) -> None:
    assert limits.network(request(address)) == network


def test_an_address_that_is_passed_on_counts_only_behind_our_own_proxies(settings: Any) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    assert limits.network(request(**forged)) == "192.0.2.7"
    settings.PROXY_HOPS = 1
    assert limits.network(request(**forged)) == "198.51.100.4"
    settings.PROXY_HOPS = 2
    assert limits.network(request(**forged)) == "203.0.113.9"
    settings.PROXY_HOPS = 3
    assert limits.network(request(**forged)) == "192.0.2.7"


def test_without_its_counters_the_site_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise RedisIsGone

    monkeypatch.setattr(cache, "add", gone)
    monkeypatch.setattr(cache, "get", gone)
    assert asked(1) == [True]
    assert limits.may_get_letters("ada@example.org", NOW)
