"""A batch on its way: who is left out of it, and what is written down before it is made."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from digest.deliver.call_marks import note_call
from digest.deliver.claims import release_dead
from digest.deliver.provider import provider_calls
from digest.deliver.provider.kept_calls import drop_settled_calls, read_call
from digest.deliver.provider.outcomes import NOT_ATTEMPTED, SendResult
from digest.deliver.provider.provider_calls import ProviderCalls
from digest.models import ProviderCall
from digest.render import Typesetter
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db


class Recorder:
    """Stands where the provider does, and tells of one call under a key."""

    may_call = False

    late_by = 0.0

    def hold_back(self, moment: float) -> None:
        """Nothing is paced here."""

    def send_messages(self, messages: list[Any], on_call: Any) -> list[SendResult]:
        self.may_call = on_call("key", "[1,2]", [1, 0])
        assert ProviderCall.objects.get().delivery_ids
        return [NOT_ATTEMPTED] * len(messages)

    def repeat_call(
        self, body: str, key: str, count: int, left_out: frozenset[int]
    ) -> list[SendResult]:
        assert (body, key, left_out) == ("[1,2]", "key", frozenset())
        return [NOT_ATTEMPTED] * count


def make_batch() -> ProviderCalls:
    made = [make_delivery(status="claimed", claimed_at=NOW) for _ in range(2)]
    mails = [mail for mail in Typesetter().render_all(made) if mail]
    return ProviderCalls(made, mails, begun_at=NOW)


def test_whoever_must_not_be_mailed_is_left_out_with_the_mail() -> None:
    batch = make_batch()
    first, second = batch.deliveries
    assert batch.keep_only({second.pk}) == [first]
    assert batch.deliveries == [second]
    assert [mail.to for mail in batch.messages] == [[second.subscriber.email]]


def test_a_call_under_a_key_is_written_down_by_the_owner_before_it_is_made() -> None:
    batch, asked = make_batch(), []

    def ask_owner(do: Any) -> None:
        asked.append(do)
        do()

    recorder = Recorder()
    batch.make(recorder, ask_owner)  # type: ignore[arg-type]
    assert (len(asked), recorder.may_call) == (1, True)
    assert ProviderCall.objects.get().delivery_ids == [d.pk for d in reversed(batch.deliveries)]
    assert (batch.kept_keys, batch.results) == (["key"], [NOT_ATTEMPTED] * 2)


def test_a_call_whose_rows_were_taken_back_meanwhile_is_not_made() -> None:
    batch, recorder = make_batch(), Recorder()
    release_dead(NOW + timedelta(hours=1))
    batch.make(recorder, lambda do: do())  # type: ignore[arg-type]
    assert (recorder.may_call, batch.kept_keys) == (False, [])


def test_a_call_that_is_made_again_goes_as_it_was() -> None:
    batch = ProviderCalls(make_batch().deliveries, key="key", body="[1,2]", begun_at=NOW)
    batch.make(Recorder(), lambda _: None)  # type: ignore[arg-type]
    assert (batch.kept_keys, len(batch.results)) == (["key"], 2)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_sweep_between_its_bytes_and_its_rows_drops_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def drop() -> None:
        drop_settled_calls()
        connection.close()

    def note_late(*args: Any) -> bool:
        other = Thread(target=drop)
        other.start()
        other.join()
        return note_call(*args)

    monkeypatch.setattr(provider_calls, "note_call", note_late)
    recorder: Any = Recorder()
    make_batch().make(recorder, lambda do: do())
    assert (recorder.may_call, read_call("key") is not None) == (True, True)
