"""The mails of one call on their way: what is sent, for which rows, and what came back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from digest.deliver.call_marks import note_call
from digest.deliver.provider.kept_calls import KeptCall, keep_call
from digest.deliver.provider.outcomes import SendResult
from digest.deliver.provider.send import Provider
from digest.models import Delivery


@dataclass
class ProviderCalls:
    """A batch, made as one call, or as the few that it turns out to take.

    A call that a dead worker began, and that is made again, has its key and body and no messages.
    """

    deliveries: list[Delivery]
    messages: list[EmailMultiAlternatives] = field(default_factory=list)
    key: str = ""
    body: str = ""
    left_out: frozenset[int] = frozenset()  # places of mails in it that must not be sent any more
    begun_at: datetime | None = None
    is_trial: bool = False  # it finds out whether the provider's pause is over
    leaves_at: float = 0.0  # by the monotonic clock; not before
    late_by: float = 0.0  # seconds, of the first of them
    took: float = 0.0  # seconds from its leaving to its results, whenever the owner hears of them
    kept_keys: list[str] = field(default_factory=list)  # of the calls that were written down
    results: list[SendResult] = field(default_factory=list)  # one for each delivery, in their order
    failure: BaseException | None = None

    def keep_only(self, delivery_ids: set[int]) -> list[Delivery]:
        """Leave the other deliveries and their messages out; those that were left out."""
        pairs = list(zip(self.deliveries, self.messages, strict=True))
        kept = [pair for pair in pairs if pair[0].pk in delivery_ids]
        self.deliveries = [delivery for delivery, _ in kept]
        self.messages = [message for _, message in kept]
        return [delivery for delivery, _ in pairs if delivery.pk not in delivery_ids]

    def take_up(self, kept: KeptCall | None, begun: set[int]) -> bool:
        """Make ready to send again what an earlier call sent; whether it can be.

        Not where the call was not kept, or where any of our rows was not begun or not in it.
        """
        ids = list(kept.delivery_ids) if kept else []
        if kept is None or not set(ids) >= begun == {d.pk for d in self.deliveries}:
            return False
        self.deliveries.sort(key=lambda delivery: ids.index(delivery.pk))
        self.body = kept.body
        self.left_out = frozenset(index for index, pk in enumerate(ids) if pk not in begun)
        return True

    @property
    def is_split(self) -> bool:
        return bool(self.left_out)

    def make(self, provider: Provider, ask_owner: Callable[[Callable[[], None]], None]) -> None:
        """Make the call; one under a key is written down by the pool's owner just before."""

        def listen(key: str, body: str, indexes: Sequence[int]) -> bool:
            ask_owner(lambda: self._write_down(key, body, indexes))
            return key in self.kept_keys

        provider.hold_back(self.leaves_at)
        began = max(self.leaves_at, time.monotonic())
        if self.key:
            self.kept_keys.append(self.key)
            self.results = provider.repeat_call(
                self.body, self.key, len(self.deliveries), self.left_out
            )
        else:
            self.results = provider.send_messages(self.messages, listen)
        self.late_by, self.took = provider.late_by, time.monotonic() - began

    def _write_down(self, key: str, body: str, indexes: Sequence[int]) -> None:
        assert self.begun_at is not None
        together = [self.deliveries[index] for index in indexes]
        with transaction.atomic():  # a sweep drops what no row names
            keep_call(key, body, together, self.begun_at)
            is_noted = note_call(together, key)
        if is_noted:
            self.kept_keys.append(key)
