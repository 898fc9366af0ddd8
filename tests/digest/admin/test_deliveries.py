"""Deliveries, as staff see them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from digest.admin.deliveries import STATUS_COLORS, STATUS_SENTENCES
from digest.models import Delivery, Edition
from tests.digest.admin.pages import address, text
from tests.factories import NOW, make_delivery, make_paper, make_subscriber

pytestmark = pytest.mark.django_db


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


def test_staff_have_the_provider_asked_again_and_are_promised_nothing_else(
    staff: Client, settings: Any
) -> None:
    """Nobody asks a provider that is set up no more, nor after a week."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "key"}
    now = timezone.now()
    later, since = now + timedelta(hours=5), now - timedelta(hours=1)
    doubtful = {"status": "in_doubt", "maybe_sent_at": since, "retry_at": later}
    ours = make_delivery(**doubtful, provider="Postmark 12345678 12345678")
    left = make_delivery(**doubtful, provider="Unisender Go 12345678 12345678")
    old = make_delivery(**doubtful | {"maybe_sent_at": now - timedelta(days=8)})
    said = act(staff, "look_again", ours, left, old)
    assert "1 mail will be looked for." in said
    assert "1 mail cannot be looked for. It left through Unisender Go, which the" in said
    assert "1 mail left more than 7 days ago. Look for it at the provider" in said
    waits = {row.pk: row.retry_at <= timezone.now() for row in Delivery.objects.all()}
    assert waits == {ours.pk: True, left.pk: False, old.pk: False}
    page = text(staff.get(address(Delivery, "change", left.pk)))
    assert "which the settings no longer name, so that nobody can ask there." in page


def test_who_may_only_look_settles_nothing(client: Client) -> None:
    user = User.objects.create(username="byron", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(user)
    delivery = make_delivery(status="in_doubt", maybe_sent_at=NOW)
    act(client, "settle_as_sent", delivery)
    delivery.refresh_from_db()
    assert delivery.status == "in_doubt"


def test_deliveries_are_found_by_the_beginning_of_an_address_and_by_a_message_id(
    staff: Client,
) -> None:
    ada = make_delivery(subscriber=make_subscriber(email="found.ada@example.org"))
    message_id = f"<{'1' * 120}@mx>"
    bob = make_delivery(
        subscriber=make_subscriber(email="found.bob@example.org"), message_id=message_id
    )
    pages = {
        "found.a": {ada.subscriber.email},
        "FOUND.": {ada.subscriber.email, bob.subscriber.email},
        message_id: {bob.subscriber.email},
        "<1": set(),
        "nobody": set(),
    }
    for term, found in pages.items():
        page = text(staff.get(address(Delivery), {"q": term}))
        assert {one for one in (ada.subscriber.email, bob.subscriber.email) if one in page} == found
