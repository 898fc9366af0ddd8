"""Stage 6. Hand each delivery to the email provider, at most once, and account for it.

A delivery is claimed before the call and marked after it, so whatever dies in between leaves a
claimed row. What may have been sent is never sent again blindly: with a provider that knows our
key the same bytes go again under the same key, with any other the row is parked as in doubt until
the provider reports.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from digest.models import Delivery, HostTurn
from digest.providers import Outcome, Provider, Verdict
from digest.render import Typesetter
from subscribers.models import Subscriber

Status = Delivery.Status
logger = logging.getLogger(__name__)

CHUNK = 100
LEASE = timedelta(minutes=10)  # a claimed row older than this belongs to a worker that died
EXPIRES_AFTER = timedelta(hours=24)  # then it is no longer news
FIRST_RETRY = timedelta(minutes=1)  # doubled with every attempt
LONGEST_RETRY = timedelta(hours=2)
ACCOUNT_PAUSE = timedelta(minutes=15)  # after the provider refused our credentials
GATE = "provider"  # the HostTurn row that says when the provider may be asked again


@dataclass
class DeliverReport:
    """What became of the rows that were open, by status, and why it stopped early if it did."""

    counts: Counter[str] = field(default_factory=Counter)
    stopped: str = ""
    started: float = field(default_factory=time.monotonic)


def deliver_planned(
    now: datetime,
    only: str | None = None,
    progress: Callable[[int], None] | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> DeliverReport:
    """Deliver all that is planned, or what is planned for the address `only`, in chunks.

    Safe to run twice and by many workers at once. Stops early when the provider asks for a pause
    or refuses our account, and when `keep_going()` says so between two chunks.
    """
    report, typesetter, until = DeliverReport(), Typesetter(), _closed_until(now)
    if until:
        report.stopped = f"The provider asked us to wait until {until:%H:%M} UTC."
    with Provider() as provider:
        while not report.stopped and keep_going():
            moment = now + timedelta(seconds=time.monotonic() - report.started)
            report.counts.update(set_aside_unmailable(only))
            claimed = claim(moment, only)
            if not claimed:
                break
            _hand_over(claimed, moment, typesetter, provider, report)
            if progress:
                progress(len(claimed))
    return report


def _closed_until(now: datetime) -> datetime | None:
    turns = HostTurn.objects.filter(host=GATE, free_at__gt=now)
    return turns.values_list("free_at", flat=True).first()


@transaction.atomic
def set_aside_unmailable(only: str | None = None) -> Counter[str]:
    """Name the state of planned rows whose subscriber may no longer be mailed; counts by state."""
    mailable = Subscriber.objects.mailable().filter(pk=OuterRef("subscriber_id"))
    rows = _of(Delivery.objects.planned(), only).exclude(Exists(mailable))
    doubtful = rows.filter(maybe_sent_at__isnull=False).update(status=Status.IN_DOUBT)
    suppressed = rows.update(status=Status.SUPPRESSED)
    return Counter({Status.IN_DOUBT.value: doubtful, Status.SUPPRESSED.value: suppressed})


def _of(rows: QuerySet[Delivery], only: str | None) -> QuerySet[Delivery]:
    return rows.filter(subscriber__email=only) if only else rows


@transaction.atomic
def claim(now: datetime, only: str | None = None, size: int | None = None) -> list[Delivery]:
    """Take up to `size` (CHUNK) planned rows; no one else gets them, and no one unmailable is in them."""
    rows = _of(Delivery.objects.claimable(now), only).order_by("edition_id", "pk")
    locked = rows.select_for_update(skip_locked=True, of=("self",))[: size or CHUNK]
    ids = [delivery.pk for delivery in locked.only("pk")]
    Delivery.objects.claimable(now).filter(pk__in=ids).update(
        status=Status.CLAIMED, claimed_at=now, attempts=F("attempts") + 1
    )
    mine = Delivery.objects.filter(pk__in=ids, status=Status.CLAIMED, claimed_at=now)
    return list(mine.select_related("subscriber", "edition").order_by("pk"))


def _hand_over(
    claimed: list[Delivery],
    now: datetime,
    typesetter: Typesetter,
    provider: Provider,
    report: DeliverReport,
) -> None:
    """Render, call, mark: whatever happens in between, the claimed rows say so."""
    messages = typesetter.set_all(claimed)
    ready = [(d, m) for d, m in zip(claimed, messages, strict=True) if m is not None]
    gone = [d for d, m in zip(claimed, messages, strict=True) if m is None]
    for delivery in gone:
        delivery.status, delivery.error = Status.FAILED, "Not set: no papers left, or see the log."
    outcomes = provider.hand_over([message for _, message in ready])
    for (delivery, _), outcome in zip(ready, outcomes, strict=True):
        _apply(delivery, outcome, provider, now)
    _write(claimed)
    report.counts.update(str(delivery.status) for delivery in claimed)
    _obey(outcomes, now, report)


def _apply(delivery: Delivery, outcome: Outcome, provider: Provider, now: datetime) -> None:
    """Set on the row, not yet in the database, what the outcome means for it."""
    delivery.error = outcome.error[:300]
    if outcome.verdict is Verdict.SENT:
        delivery.status, delivery.sent_at, delivery.retry_at = Status.SENT, now, None
        delivery.message_id = outcome.message_id[:255]
    elif outcome.verdict is Verdict.REFUSED:
        delivery.status = Status.FAILED
    elif outcome.verdict is Verdict.UNKNOWN:
        delivery.maybe_sent_at = delivery.maybe_sent_at or now
        knows_key = provider.traits.key_lifetime > now - delivery.maybe_sent_at
        delivery.status = Status.PLANNED if knows_key else Status.IN_DOUBT
        delivery.retry_at = now + _backoff(delivery.attempts)
    else:
        delivery.status = Status.PLANNED
        delivery.retry_at = now + (outcome.wait or _backoff(delivery.attempts))


def _backoff(attempts: int) -> timedelta:
    """Doubled with every attempt, up to LONGEST_RETRY."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 10)), LONGEST_RETRY)


MARKED = ("status", "sent_at", "message_id", "error", "retry_at", "maybe_sent_at")


@transaction.atomic
def _write(deliveries: list[Delivery]) -> None:
    """One UPDATE for all rows that were marked alike; message ids differ, and go in bulk."""
    alike: dict[tuple[object, ...], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        alike[tuple(getattr(delivery, name) for name in MARKED)].append(delivery)
    if len(alike) > len(deliveries) // 2:
        Delivery.objects.bulk_update(deliveries, MARKED)
        return
    for values, rows in alike.items():
        same = Delivery.objects.filter(pk__in=[row.pk for row in rows])
        same.update(**dict(zip(MARKED, values, strict=True)))


def _obey(outcomes: list[Outcome], now: datetime, report: DeliverReport) -> None:
    """Close the gate for everybody when the provider asked for a pause or refused our account."""
    for outcome in outcomes:
        if outcome.verdict is Verdict.ACCOUNT:
            logger.critical("The provider refuses our account, nothing is sent: %s", outcome.error)
            report.stopped = f"The provider refuses our account: {outcome.error}"
            _close(now + ACCOUNT_PAUSE)
        elif outcome.verdict is Verdict.LATER:
            report.stopped = f"The provider asked for a pause: {outcome.error}"
            _close(now + outcome.wait)
        else:
            continue
        return


def _close(until: datetime) -> None:
    HostTurn.objects.update_or_create(host=GATE, defaults={"free_at": until})


@transaction.atomic
def sweep(now: datetime) -> Counter[str]:
    """Name the state of what was left lying; safe to run twice. Counts by the state given.

    A claim older than LEASE belongs to a worker that died, perhaps after the call: it is planned
    again only where the provider knows its key, else it is in doubt. What is planned and no longer
    news expires; where it may have been sent, that too is in doubt.
    """
    done: Counter[str] = Counter()
    with Provider() as provider:
        lifetime = provider.traits.key_lifetime
    left = Delivery.objects.filter(status=Status.CLAIMED, claimed_at__lte=now - LEASE)
    left.filter(maybe_sent_at=None).update(maybe_sent_at=F("claimed_at"))
    again = left.filter(maybe_sent_at__gt=now - lifetime)
    done[Status.PLANNED.value] += again.update(status=Status.PLANNED, retry_at=None)
    why = "The worker ended during the call; not sent again, since the provider may have it."
    done[Status.IN_DOUBT.value] += left.update(status=Status.IN_DOUBT, error=why)
    old = Delivery.objects.planned().filter(covers_until__lt=now - EXPIRES_AFTER)
    doubtful = old.filter(maybe_sent_at__isnull=False)
    done[Status.IN_DOUBT.value] += doubtful.update(status=Status.IN_DOUBT)
    done[Status.EXPIRED.value] += old.update(status=Status.EXPIRED)
    done.update(set_aside_unmailable())
    return done
