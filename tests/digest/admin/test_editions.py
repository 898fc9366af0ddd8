"""Editions with their sums, as staff see them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisIsGone

from digest.admin.editions import edition_counts, sum_line
from digest.models import Delivery, Edition
from tests.digest.admin.pages import address, text
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db


def test_without_a_redis_the_editions_are_counted_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisIsGone

    settled = Edition.objects.create(date=NOW.date() - timedelta(days=400))
    monkeypatch.setattr(cache, "get_many", fail)
    monkeypatch.setattr(cache, "set_many", fail)
    assert edition_counts([settled]) == {settled.pk: {}}


def test_an_edition_shows_its_sum_in_one_line(staff: Client) -> None:
    edition = Edition.objects.create(date=NOW.date())
    make_delivery(edition=edition, status="sent", sent_at=NOW)
    make_delivery(edition=edition, status="sent", sent_at=NOW)
    make_delivery(edition=edition, status="quiet", quiet_reason="no_match", contents={})
    make_delivery(edition=edition, status="in_doubt")
    line = "planned 4 = sent 2 + quiet 1 + suppressed 0 + failed 0 + expired 0 + in doubt 1"
    assert line in text(staff.get(address(Edition)))
    assert line in text(staff.get(address(Edition, "change", edition.pk)))
    assert f"?edition={edition.pk}" in text(staff.get(address(Edition)))


def test_its_page_says_how_many_readers_are_without_their_mail_and_why(staff: Client) -> None:
    edition = make_delivery(status="sent", sent_at=NOW).edition
    page = address(Edition, "change", edition.pk)
    assert "none, but for whoever left or was suppressed meanwhile" in text(staff.get(page))
    make_delivery(status="expired")
    make_delivery(status="failed", attempts=1)
    said = "2 of 3 readers were not served (expired before any call: 1; failed: 1)"
    assert f"{said}: more than one in a thousand." in text(staff.get(page))


def test_only_who_may_see_deliveries_is_led_to_them(client: Client) -> None:
    edition = make_delivery().edition
    editor = User.objects.create(username="noether", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editor"))
    client.force_login(editor)
    pages = [address(edition), address(edition, "change", edition.pk)]
    for page in pages:
        assert "show them" not in text(client.get(page))
    closed = client.get(address(make_delivery()))
    assert closed.status_code == 403
    assert "You are signed in as noether, whose role does not open this page." in text(closed)
    assert "To the first page of the admin" in text(closed)
    editor.groups.add(Group.objects.get(name="Operator"))
    for page in pages:
        assert "show them" in text(client.get(page))


def test_what_is_still_open_is_part_of_the_sum() -> None:
    assert sum_line({"planned": 2, "claimed": 1, "sent": 1_000_000}) == (
        "planned 1,000,003 = sent 1,000,000 + quiet 0 + suppressed 0 + failed 0 + expired 0 "
        "+ in doubt 0 + waiting 2 + being sent 1"
    )


def test_a_settled_day_is_counted_once_and_an_open_one_each_time() -> None:
    settled = Edition.objects.create(date=date(2020, 1, 1))
    waiting = Edition.objects.create(date=date(2020, 1, 2))
    today = Edition.objects.create(date=timezone.now().date())
    make_delivery(edition=settled, status="sent", sent_at=NOW)
    make_delivery(edition=waiting)
    first = edition_counts([settled, waiting, today])
    assert first == {settled.pk: {"sent": 1}, waiting.pk: {"planned": 1}, today.pk: {}}
    Delivery.objects.update(status="failed", sent_at=None)
    make_delivery(edition=today)
    second = edition_counts([settled, waiting, today])
    assert second == {settled.pk: {"sent": 1}, waiting.pk: {"failed": 1}, today.pk: {"planned": 1}}
    with CaptureQueriesContext(connection) as captured:
        edition_counts([settled])
    assert len(captured) == 0


def test_a_day_with_doubts_is_counted_each_time() -> None:
    edition = Edition.objects.create(date=date(2020, 1, 1))
    delivery = make_delivery(edition=edition, status="in_doubt", maybe_sent_at=NOW)
    assert edition_counts([edition]) == {edition.pk: {"in_doubt": 1}}
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=NOW)
    assert edition_counts([edition]) == {edition.pk: {"sent": 1}}
