"""Editions with their sums, and deliveries, as staff see them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisIsGone

from digest.admin.deliveries import STATUS_COLORS, STATUS_SENTENCES, edition_counts, sum_line
from digest.models import Delivery, Edition
from tests.digest.admin.pages import address, text
from tests.factories import NOW, make_delivery, make_paper, make_subscriber

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


def test_every_status_has_its_colour_and_its_explanation() -> None:
    assert set(STATUS_COLORS) == set(STATUS_SENTENCES) == set(Delivery.Status.values)


def test_a_delivery_shows_what_it_holds_and_why(staff: Client) -> None:
    paper = make_paper(title="Ariadne <i>in</i> the labyrinth")
    delivery = make_delivery(
        status="in_doubt",
        contents={
            "papers": [
                {
                    "id": paper.pk,
                    "section": "trending",
                    "topics": [[1, "LLM agents", "LLM agents"]],
                },
                {"id": 10**9, "section": "new", "topics": [[2, "RAG", "retrieval-augmented"]]},
            ]
        },
    )
    page = text(staff.get(address(Delivery, "change", delivery.pk)))
    for words in (
        "Ariadne &lt;i&gt;in&lt;/i&gt; the labyrinth",
        "(trending): LLM agents",
        "RAG (“retrieval-augmented”)",
        "deleted since",
        "It may have been mailed or not",
    ):
        assert words in page


def test_a_quiet_delivery_shows_its_reason(staff: Client) -> None:
    quiet = make_delivery(
        status="quiet",
        quiet_reason="no_match",
        contents={"papers": [], "note": "None of the 41 new papers is in the 3 topics."},
    )
    empty = make_delivery(status="quiet", quiet_reason="paused", contents={})
    page = text(staff.get(address(Delivery, "change", quiet.pk)))
    assert "None of the 41 new papers is in the 3 topics." in page
    assert "It holds no papers." in text(staff.get(address(Delivery, "change", empty.pk)))
    assert "none of the new papers is in their topics" in text(staff.get(address(Delivery)))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=sent", ["sent"]),
        ("status__exact=quiet", ["quiet"]),
        ("quiet_reason__exact=paused", ["quiet"]),
        ("q=sent@", ["sent"]),
        ("q=message-1", ["sent"]),
        ("q=essage-1", []),
    ],
)
def test_deliveries_are_found_by_state_address_and_message(
    staff: Client, query: str, found: list[str]
) -> None:
    make_delivery(
        subscriber=make_subscriber(email="sent@example.org"),
        status="sent",
        sent_at=NOW,
        message_id="message-1",
        delivered_at=NOW,
    )
    make_delivery(
        subscriber=make_subscriber(email="quiet@example.org"),
        status="quiet",
        quiet_reason="paused",
        contents={},
    )
    rows = staff.get(f"{address(Delivery)}?{query}").context["cl"].result_list
    assert [row.subscriber.email.split("@")[0] for row in rows] == found


def test_deliveries_of_one_edition_stand_together(staff: Client) -> None:
    first = make_delivery(edition=Edition.objects.create(date=date(2026, 4, 1)))
    make_delivery(edition=Edition.objects.create(date=date(2026, 4, 2)))
    url = f"{address(Delivery)}?edition={first.edition_id}"
    assert list(staff.get(url).context["cl"].result_list) == [first]


def test_what_the_world_did_is_said_in_words(staff: Client) -> None:
    make_delivery(status="sent", sent_at=NOW, delivered_at=NOW, complained_at=NOW)
    assert "delivered, complained" in text(staff.get(address(Delivery)))


def act(staff: Client, name: str, *deliveries: Delivery) -> str:
    form = {"action": name, "_selected_action": [delivery.pk for delivery in deliveries]}
    return text(staff.post(address(Delivery), form, follow=True))


def test_staff_settle_what_is_in_doubt_and_nothing_else(staff: Client) -> None:
    doubtful = {"status": "in_doubt", "maybe_sent_at": NOW, "claimed_at": NOW}
    now = timezone.now()
    one, other = (make_delivery(**doubtful, covers_until=now) for _ in range(2))
    sent = make_delivery(status="sent", sent_at=NOW)
    assert "1 mail settled as sent. What was not" in act(staff, "settle_as_sent", one, sent)
    assert "1 mail will be mailed again." in act(staff, "mail_again", one, other)
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["planned", "sent", "sent"]
    assert LogEntry.objects.filter(object_id=str(other.pk)).count() == 1


def test_staff_have_the_provider_asked_again(staff: Client) -> None:
    later = timezone.now() + timedelta(hours=5)
    delivery = make_delivery(status="in_doubt", maybe_sent_at=NOW, retry_at=later)
    assert "1 mail will be looked for." in act(staff, "look_again", delivery)
    delivery.refresh_from_db()
    assert delivery.retry_at
    assert delivery.retry_at <= timezone.now()


def test_who_may_only_look_settles_nothing(client: Client) -> None:
    user = User.objects.create(username="byron", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(user)
    delivery = make_delivery(status="in_doubt", maybe_sent_at=NOW)
    act(client, "settle_as_sent", delivery)
    delivery.refresh_from_db()
    assert delivery.status == "in_doubt"


def test_a_day_with_doubts_is_counted_each_time() -> None:
    edition = Edition.objects.create(date=date(2020, 1, 1))
    delivery = make_delivery(edition=edition, status="in_doubt", maybe_sent_at=NOW)
    assert edition_counts([edition]) == {edition.pk: {"in_doubt": 1}}
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=NOW)
    assert edition_counts([edition]) == {edition.pk: {"sent": 1}}
