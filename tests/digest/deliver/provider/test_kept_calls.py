"""A call that may have to be made again is kept to the byte, and not for longer."""

from __future__ import annotations

import pytest

from digest.deliver import sweep
from digest.deliver.provider.kept_calls import drop_settled_calls, keep_call, read_call
from digest.models import Delivery, ProviderCall
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
BODY = '[{"subject": "Größe · 量子 🚀"}]'


def keep(key: str = "key", status: str = "planned") -> Delivery:
    delivery = make_delivery(call=key, maybe_sent_at=NOW, claimed_at=NOW)
    keep_call(key, BODY, [delivery], NOW)
    Delivery.objects.filter(pk=delivery.pk).update(status=status, sent_at=None)
    return delivery


def test_it_is_read_as_it_was_and_written_once() -> None:
    delivery = keep()
    keep_call("key", "other bytes", [], NOW)
    kept = read_call("key")
    assert kept
    assert (kept.body, list(kept.delivery_ids)) == (BODY, [delivery.pk])
    assert read_call("another") is None
    assert str(ProviderCall.objects.get()) == "1 mails at 2026-04-22 12:00"


@pytest.mark.parametrize("status", ["in_doubt", "failed", "expired", "suppressed"])
def test_it_goes_when_its_mails_are_settled(status: str) -> None:
    keep(status=status)
    assert drop_settled_calls(["another"]) == 0
    assert drop_settled_calls(["key"]) == 1


def test_it_stays_while_one_of_its_mails_may_be_sent_again() -> None:
    keep()
    keep("key", status="failed")
    assert drop_settled_calls() == 0


def test_the_sweep_drops_what_nobody_else_did(settings: object) -> None:
    keep(status="failed")
    sweep(NOW)
    assert not ProviderCall.objects.exists()
