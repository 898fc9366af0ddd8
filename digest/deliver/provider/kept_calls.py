"""The bytes of calls that may have to be made again: written before, dropped when all is known."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import Delivery, ProviderCall

# Mails share most of their bytes, so that the quickest level leaves a tenth already.
LEVEL = 1
DROPPED_AT_ONCE = 5_000  # looked at in each minute


@dataclass(frozen=True)
class KeptCall:
    """A call as it was made: its body, and the deliveries whose mails are in it, in their order."""

    body: str
    delivery_ids: Sequence[int]


def keep_call(key: str, body: str, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Write the call down; the same key always stands for the same bytes."""
    fields = {
        "delivery_ids": [delivery.pk for delivery in deliveries],
        "body": zlib.compress(body.encode(), LEVEL),
        "made_at": now,
    }
    ProviderCall.objects.get_or_create(key=key, defaults=fields)


def read_call(key: str) -> KeptCall | None:
    """The call as it was made; None where nobody wrote it down."""
    call = ProviderCall.objects.filter(key=key).first()
    if call is None:
        return None
    return KeptCall(zlib.decompress(call.body).decode(), call.delivery_ids)


def drop_settled_calls(keys: Iterable[str] | None = None) -> int:
    """Drop those of these calls, or of all, that are never made again; how many they were."""
    if keys is None:
        keys = ProviderCall.objects.order_by("pk").values_list("key", flat=True)[:DROPPED_AT_ONCE]
    wanted = list(keys)
    # By the index of calls: in one statement, a database goes through all that is open instead.
    open_ = Delivery.objects.open().filter(call__in=wanted).order_by()
    settled = set(wanted).difference(open_.values_list("call", flat=True))
    return ProviderCall.objects.filter(key__in=settled).delete()[0]
