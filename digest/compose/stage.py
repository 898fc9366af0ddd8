"""Stage 4. Write one delivery for every subscriber who is due: papers, or the reason for none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from digest.compose.breakouts import remember
from digest.compose.contents import Described
from digest.compose.profiles import read_readers
from digest.compose.select import Chosen, Offer
from digest.compose.shortlist import Reader, open_news
from digest.compose.source_notes import Bulletin
from digest.models import Delivery, DigestContents, Edition
from subscribers.models import Interest, Subscriber
from subscribers.schedule import find_last_slot, find_next_slot

Status = Delivery.Status
CHUNK = 500


@dataclass
class ComposeReport:
    """What became of the subscribers who were due: how many have papers, why others have none."""

    planned: int = 0
    suppressed: int = 0
    repeated: int = 0  # had this edition already
    quiet: Counter[str] = field(default_factory=Counter)
    delivery_ids: list[int] = field(default_factory=list)


def compose_due(
    now: datetime,
    only: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> ComposeReport:
    """Compose for everyone due at `now`, or for the address `only`; safe to run twice.

    Each chunk writes its deliveries and the next dates in one transaction, so a crash leaves
    whoever was not composed still due. `progress` is told how many were done in each chunk.
    """
    open_news(now)
    report = ComposeReport()
    if not Subscriber.objects.due(now).exists():
        return report  # most minutes: nothing is read of the papers then
    table = _Table(Offer(now), Described(Bulletin(now)))
    while done := _compose_chunk(now, only, table, report):
        if progress:
            progress(done)
    return report


@dataclass(frozen=True)
class _Table:
    """What is spread out for one run: what there is to choose from, and what is said of it."""

    offer: Offer
    described: Described


@transaction.atomic
def _compose_chunk(now: datetime, only: str | None, table: _Table, report: ComposeReport) -> int:
    # Whoever follows a topic that no paper was compared with yet stays due until it is.
    unmatched = Interest.objects.unmatched().filter(subscriber=OuterRef("pk"))
    due = Subscriber.objects.due(now).exclude(Exists(unmatched)).order_by("pk")
    if only:
        due = due.filter(email=only)
    # Two composers never hold the same rows; SQLite lets only one write at a time anyway.
    subscribers = list(due.select_for_update(skip_locked=True, of=("self",))[:CHUNK])
    deliveries = list(_deliveries(subscribers, now, table, report))
    Delivery.objects.bulk_create(deliveries)
    remember(deliveries)
    report.delivery_ids += [delivery.pk for delivery in deliveries]
    _write_next_dates(subscribers)
    return len(subscribers)


def _write_next_dates(subscribers: list[Subscriber]) -> None:
    """One UPDATE for each moment: thousands of subscribers share a few."""
    by_moment = defaultdict(list)
    for subscriber in subscribers:
        by_moment[subscriber.next_digest_at].append(subscriber.pk)
    for moment, ids in by_moment.items():
        Subscriber.objects.filter(pk__in=ids).update(next_digest_at=moment)


def _deliveries(
    subscribers: list[Subscriber], now: datetime, table: _Table, report: ComposeReport
) -> Iterable[Delivery]:
    """A delivery for each subscriber who has none in this edition; sets `next_digest_at` on all."""
    dates = {subscriber.pk: _schedule(subscriber, now) for subscriber in subscribers}
    editions = _editions(set(dates.values()))
    ids = list(dates)
    taken = set(
        Delivery.objects.filter(edition__in=editions.values(), subscriber_id__in=ids).values_list(
            "edition__date", "subscriber_id"
        )
    )
    mailable = set(Subscriber.objects.mailable().filter(pk__in=ids).values_list("pk", flat=True))
    readers = {pk: r for pk, r in read_readers(subscribers, now).items() if pk in mailable}
    chosen = table.offer.choose(readers)
    table.described.load(c.paper_id for one in chosen.values() for c in one.choices)
    for subscriber in subscribers:
        if (dates[subscriber.pk], subscriber.pk) in taken:
            report.repeated += 1
            continue
        delivery = Delivery(
            edition=editions[dates[subscriber.pk]], subscriber=subscriber, covers_until=now
        )
        if subscriber.pk in chosen:
            _fill(delivery, readers[subscriber.pk], chosen[subscriber.pk], table)
        else:
            delivery.status = Status.SUPPRESSED
        _count(report, delivery)
        yield delivery


def _count(report: ComposeReport, delivery: Delivery) -> None:
    report.planned += delivery.status == Status.PLANNED
    report.suppressed += delivery.status == Status.SUPPRESSED
    if delivery.quiet_reason:
        report.quiet[delivery.quiet_reason] += 1


def _schedule(subscriber: Subscriber, now: datetime) -> date:
    """Set the subscriber's next date; return the calendar day, theirs, that is composed now."""
    wish = (subscriber.cadence, subscriber.timezone, subscriber.send_hour)
    is_first = subscriber.next_digest_at is None
    day, subscriber.next_digest_at = _slots(*wish, now, is_first)
    return day


@lru_cache(maxsize=10_000)  # a chunk holds few different wishes
def _slots(
    cadence: str, timezone: str, send_hour: int, now: datetime, is_first: bool
) -> tuple[date, datetime]:
    zone = ZoneInfo(timezone)
    slot = now if is_first else find_last_slot(cadence, timezone, send_hour, now)
    day = slot.astimezone(zone).date()
    following = find_next_slot(cadence, timezone, send_hour, now)
    # After a first digest at seven, no second one at eight.
    while following.astimezone(zone).date() <= day:
        following = find_next_slot(cadence, timezone, send_hour, following)
    return day, following


def _editions(dates: set[date]) -> dict[date, Edition]:
    return {day: Edition.objects.get_or_create(date=day)[0] for day in dates}


def _fill(delivery: Delivery, reader: Reader, chosen: Chosen, table: _Table) -> None:
    """Give the delivery its papers, or the reason why it has none."""
    shortlist = table.offer.shortlist
    if not chosen.choices:
        delivery.status, delivery.quiet_reason = Status.QUIET, chosen.reason
        note = shortlist.note(chosen.reason, reader)
        delivery.contents = DigestContents(note=note).to_json()
        return
    delivery.contents = DigestContents(
        papers=table.described.papers(chosen.choices),
        seen=shortlist.count(reader.since),
        sources=table.described.sources(chosen.choices),
        folio=table.described.folio(delivery),
        cadence=delivery.subscriber.cadence,
        nearly=tuple(chosen.nearly),
        is_first=reader.since is None,
    ).to_json()
