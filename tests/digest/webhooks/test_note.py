"""What happens to a subscriber is noted for those who want to hear of it, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from digest.models import ProviderEvent, WebhookPost
from digest.track.event_rows import set_effect
from digest.webhooks import note
from subscribers.account import address, less_mail
from subscribers.models import Subscriber
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from tests.digest.webhooks.receiver import make_webhook
from tests.factories import NOW, make_subscriber

pytestmark = pytest.mark.django_db


def read_posts() -> list[tuple[str, str]]:
    return list(WebhookPost.objects.order_by("pk").values_list("kind", "reason"))


def test_coming_leaving_and_coming_back_are_noted_each_once() -> None:
    make_webhook()
    pk = opt_in.request_confirmation("ada@example.org", Wishes(["RAG"]), NOW)
    assert read_posts() == []
    ada = opt_in.confirm_elsewhere(pk, NOW, "noether", "on a sheet", NOW)
    ada.unsubscribe(NOW)
    ada.unsubscribe(NOW)
    less_mail.undo_unsubscribe(ada, NOW + timedelta(minutes=1))
    expected = [("confirmed", "elsewhere"), ("left", "left"), ("confirmed", "back")]
    assert read_posts() == expected
    address.delete_subscriber(Subscriber.objects.get(pk=pk))
    assert read_posts() == [*expected, ("left", "deleted")]
    assert set(WebhookPost.objects.values_list("subscriber_number", flat=True)) == {pk}


def test_who_left_before_they_were_deleted_left_once() -> None:
    make_webhook()
    ada = make_subscriber()
    ada.unsubscribe(NOW)
    address.delete_subscriber(ada)
    assert read_posts() == [("left", "left")]


@pytest.mark.parametrize(("verdict", "reason"), [("hard", "bounce"), ("complaint", "complaint")])
def test_a_mailbox_that_is_mailed_no_more_has_bounced(verdict: str, reason: str) -> None:
    make_webhook()
    row = ProviderEvent.objects.create(
        provider="test",
        event_id="1",
        kind="bounced",
        verdict=verdict,
        subscriber=make_subscriber(),
        happened_at=NOW,
        received_at=NOW,
    )
    set_effect(row, ProviderEvent.Effect.NOTED)
    assert read_posts() == []
    set_effect(row, ProviderEvent.Effect.SUPPRESSED)
    assert read_posts() == [("bounced", reason)]


def test_who_is_off_or_wants_other_things_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_webhook(is_active=False)
    make_webhook(kinds=["bounced"])
    make_subscriber().unsubscribe(NOW)
    assert read_posts() == []
    monkeypatch.setattr(note, "MOST_WAITING", 1)
    full = make_webhook()
    for _ in range(3):
        make_subscriber().unsubscribe(NOW)
    assert full.posts.count() == 1


def test_what_is_taken_back_is_told_to_nobody() -> None:
    make_webhook()
    ada = make_subscriber()
    with transaction.atomic():
        ada.unsubscribe(NOW)
        transaction.set_rollback(True)
    assert read_posts() == []
