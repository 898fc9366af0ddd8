"""The rows in doubt: which are due for a look, and how each of them ends.

A mail is in doubt where its call got no answer. It ends as sent or is mailed again, or stays in
doubt for an admin; then its papers come in the subscriber's next digest.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from digest.deliver.delivery_runs import note_alive
from digest.deliver.provider.traits import ProviderTraits
from digest.models import Delivery, DeliveryRun, ProviderEvent
from digest.models.contents import list_paper_ids
from subscribers.models import FormerAddress, Subscriber

Status = Delivery.Status

CHUNK = 200  # rows taken, or settled, together
FIRST_LOOK = timedelta(minutes=2)  # after the call; then as long again as it has lasted
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP = timedelta(days=7)  # then only an admin settles it
# Reports tell only where they are seen to come for mails of the same hours.
FEWEST_PEERS, LEAST_REPORTED = 20, 0.95
PEERS_WITHIN = timedelta(hours=1)
NEVER_ACCEPTED = _("The provider never had it; it is mailed again.")
NOT_AGAIN = _("The provider never had it; it is no longer news, or the next digest has its papers.")


@dataclass
class DoubtRun:
    """One run that settles what is in doubt at one account; `row` says that it lives."""

    now: datetime
    row: DeliveryRun
    traits: ProviderTraits
    esp_name: str
    ends_at: float  # of the monotonic clock
    is_ending: Callable[[], bool]
    done: Counter[str] = field(default_factory=Counter)
    # By the account's name and the hour of the call.
    _is_reported: dict[tuple[str, datetime], bool] = field(default_factory=dict)
    _started: float = field(default_factory=time.monotonic)

    def may_go_on(self) -> bool:
        """Whether there is time left; says meanwhile that the run lives."""
        gone = timedelta(seconds=time.monotonic() - self._started)
        note_alive(self.row, self.now + gone)
        return time.monotonic() < self.ends_at and not self.is_ending()

    def settle_missing(self, rows: Iterable[Delivery], believed_after: timedelta) -> None:
        """Mail those again that the provider does not have, where that can be believed by now."""
        believed = [row for row in rows if self.now - read_last_call(row) >= believed_after]
        for first in range(0, len(believed), CHUNK):
            unchanged = select_unchanged(believed[first : first + CHUNK])
            self.done.update(mail_again(unchanged, self.now))

    def settle_by_reports(self, rows: Iterable[Delivery]) -> None:
        """Mail those again that no report names, where reports are seen to come and are late."""
        believed_after = self.traits.believed_silence
        if believed_after is not None:
            self.settle_missing(filter(self._do_reports_come, rows), believed_after)

    def _do_reports_come(self, delivery: Delivery) -> bool:
        """Whether nearly all mails that left by this account in the same hours were reported.

        With our key: a report without it would say nothing of a mail whose call got no answer.
        """
        hour = read_since(delivery).replace(minute=0, second=0, microsecond=0)
        place = (delivery.provider, hour)
        if place not in self._is_reported:
            around = (hour - PEERS_WITHIN, hour + 2 * PEERS_WITHIN)
            peers = Delivery.objects.sent().filter(provider=delivery.provider)
            peers = peers.filter(sent_at__range=around)
            reports = ProviderEvent.objects.filter(delivery=OuterRef("pk"), has_key=True)
            count, told = peers.count(), peers.filter(Exists(reports)).count()
            self._is_reported[place] = count >= FEWEST_PEERS and told >= LEAST_REPORTED * count
        return self._is_reported[place]


# -- which are due ---------------------------------------------------------------------------------


def select_doubtful(provider: str) -> QuerySet[Delivery]:
    """What is in doubt at this provider, whichever account or key it left by."""
    return Delivery.objects.in_doubt().filter(provider__startswith=f"{provider} ")


def select_due(provider: str, now: datetime) -> QuerySet[Delivery]:
    """What is in doubt at this provider and due to be looked for, what waits longest first."""
    rows = select_doubtful(provider)
    rows = rows.filter(maybe_sent_at__gt=now - GIVEN_UP)
    # The last call may have begun long after the first.
    last_claim = Coalesce("claimed_at", "maybe_sent_at")
    rows = rows.annotate(last_call_at=Greatest("maybe_sent_at", last_claim))
    is_due = Q(retry_at=None, last_call_at__lte=now - FIRST_LOOK) | Q(retry_at__lte=now)
    return rows.filter(is_due).order_by(Coalesce(F("retry_at"), F("last_call_at")), "pk")


def is_given_up(since: datetime, now: datetime) -> bool:
    """Whether a mail whose call began then is looked for no more."""
    return since <= now - GIVEN_UP


def put_off(rows: Sequence[Delivery], now: datetime) -> None:
    """Let the next look at each be when it has been in doubt twice as long."""
    for row in rows:
        wait = min(max(now - read_last_call(row), FIRST_LOOK), LONGEST_WAIT)
        row.retry_at = now + wait
    write_next_looks(rows)


def write_next_looks(rows: Sequence[Delivery]) -> None:
    """Write each row's `retry_at`, where it is still in doubt."""
    Delivery.objects.in_doubt().bulk_update(rows, ["retry_at"], batch_size=CHUNK)


def select_unchanged(rows: Iterable[Delivery]) -> QuerySet[Delivery]:
    """Those still in doubt about the same call: they may have been mailed again since."""
    by_call = defaultdict(list)
    for row in rows:
        by_call[row.maybe_sent_at, row.claimed_at].append(row.pk)
    same = Q(pk__in=[])
    for (maybe_sent_at, claimed_at), ids in by_call.items():
        same |= Q(pk__in=ids, maybe_sent_at=maybe_sent_at, claimed_at=claimed_at)
    return Delivery.objects.in_doubt().filter(same)


def read_since(delivery: Delivery) -> datetime:
    """When the first call began of which nobody knows what became."""
    assert delivery.maybe_sent_at is not None  # they are selected by it
    return delivery.maybe_sent_at


def read_last_call(delivery: Delivery) -> datetime:
    """When its last call began, as far as that was written down."""
    return max(at for at in (delivery.maybe_sent_at, delivery.claimed_at) if at)


def read_addresses(deliveries: QuerySet[Delivery]) -> dict[int, str]:
    """By each delivery's id the address it went to, in lower case: its reader may have moved."""
    former = defaultdict(list)
    left = FormerAddress.objects.filter(subscriber__in=deliveries.values("subscriber"))
    for row in left.order_by("left_at", "pk"):
        former[row.subscriber_id].append(row)
    columns = deliveries.values_list("pk", "subscriber_id", "subscriber__email", "maybe_sent_at")
    return {
        pk: next((one.email for one in former[who] if since and one.left_at > since), email)
        for pk, who, email, since in columns
    }


# -- how they end ----------------------------------------------------------------------------------


def mark_as_sent(rows: QuerySet[Delivery], message_id: str = "") -> int:
    """Settle doubtful rows as sent, each since its call began; how many they were.

    The provider's id, where it is told, is written to rows that have none.
    """
    if message_id:
        nameless = rows.filter(status=Status.IN_DOUBT, message_id="")
        nameless.update(message_id=message_id[:255])
    return rows.filter(status=Status.IN_DOUBT).update(
        status=Status.SENT,
        sent_at=Coalesce("maybe_sent_at", "claimed_at", "covers_until"),
        retry_at=None,
        error="",
    )


@transaction.atomic
def mail_again(rows: QuerySet[Delivery], now: datetime) -> Counter[str]:
    """Plan doubtful rows anew, as if no call had been made; counts by the status given.

    Not where they are no longer news, nor where a later digest of the subscriber has their papers.
    """
    doubtful = rows.filter(status=Status.IN_DOUBT).order_by("pk")
    subscriber_ids = list(doubtful.values_list("subscriber_id", flat=True))
    # Composing locks them too: no digest comes between this look and the change.
    locked = Subscriber.objects.select_for_update().filter(pk__in=subscriber_ids)
    list(locked.order_by("pk").values_list("pk"))
    waiting = list(doubtful)
    is_old = {d.pk for d in waiting if d.is_outdated(now) or _came_later(d)}
    cleared = {"maybe_sent_at": None, "provider": "", "call": "", "retry_at": None}
    ours = Delivery.objects.filter(pk__in=[d.pk for d in waiting], status=Status.IN_DOUBT)
    expired = ours.filter(pk__in=is_old).update(status=Status.EXPIRED, error=NOT_AGAIN, **cleared)
    planned = ours.update(status=Status.PLANNED, error=NEVER_ACCEPTED, **cleared)
    return Counter({Status.EXPIRED.value: expired, Status.PLANNED.value: planned})


def plan_left_out(key: str, now: datetime) -> Counter[str]:
    """Plan what was left out of a call that was accepted only without it: none was ever sent.

    Whoever must not be mailed is named so when it is claimed.
    """
    return mail_again(Delivery.objects.in_doubt().filter(call=key), now)


def _came_later(delivery: Delivery) -> bool:
    """Whether a later digest that the subscriber has, or may have, holds one of its papers."""
    papers = set(list_paper_ids(delivery.contents))
    later = Delivery.objects.reached().filter(
        subscriber_id=delivery.subscriber_id, covers_until__gt=delivery.covers_until
    )
    contents = later.values_list("contents", flat=True)
    return any(papers.intersection(list_paper_ids(stored)) for stored in contents)
