"""Whether the account that is asked is the one by which a mail left, where the key is another.

A key that was changed sees what was sent under the one before it; a key of another account does
not, and that it finds nothing says nothing. What was surely sent by the former key tells the two
apart: whoever finds such a mail would find the one in doubt as well.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from digest.deliver.provider.message_search import CannotTell, Wanted
from digest.deliver.provider.send import Provider
from digest.models import Delivery

logger = logging.getLogger(__name__)

SAMPLES = 3  # mails of the other account that are looked for; one that is found will do


class AccountProof:
    """What one run knows of other names of the account that it asks; `name` is the present one."""

    def __init__(self, name: str) -> None:
        self._is_seen = {name: True}

    def is_seen(self, name: str) -> bool:
        """Whether the present account sees what was sent by the one of this name.

        Asks the provider for up to SAMPLES mails, once for each name.
        """
        if name not in self._is_seen:
            self._is_seen[name] = _is_any_found(name)
        return self._is_seen[name]


def _is_any_found(name: str) -> bool:
    sent = Delivery.objects.sent().filter(provider=name).select_related("subscriber")
    with Provider() as provider:
        for row in sent.order_by("-sent_at")[:SAMPLES]:
            assert row.sent_at is not None  # by a constraint
            since = row.maybe_sent_at or row.sent_at
            try:
                if provider.find_message(Wanted(str(row.key), row.subscriber.email, since)):
                    return True
            except CannotTell as error:
                logger.warning("Whose mails the provider shows cannot be told: %s", error)
                return False
    return False


def find_accounts(message_ids: Iterable[str]) -> set[str]:
    """The accounts by which the mails left that the provider lists under these ids."""
    bare = {message_id.strip("<>") for message_id in message_ids} - {""}
    spelled = bare | {f"<{message_id}>" for message_id in bare}
    sent = Delivery.objects.sent().filter(message_id__in=spelled)
    return set(sent.order_by().values_list("provider", flat=True).distinct())
