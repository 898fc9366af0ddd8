"""Stage 4. Write one delivery for every subscriber who is due: papers, or the reason for none."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from digest.compose.breakouts import Breakouts, record_sent_breakouts
from digest.compose.contents import ContentsWriter
from digest.compose.due import DueSubscriber, DueSubscribers, find_waiting
from digest.compose.outside_topics import OutsideTopics
from digest.compose.profiles import Profile, read_profiles
from digest.compose.quiet import QuietReasons
from digest.compose.select import REACH, Selector
from digest.compose.selection import Selection
from digest.compose.sent_papers import read_papers_perhaps_seen
from digest.compose.shortlist import Shortlist, stamp_news
from digest.garbage import collect_seldom
from digest.high_water.hold import find_hold
from digest.models import Delivery, DigestContents, Edition
from digest.models.row_inserts import insert_rows
from digest.watch.activity_log import log_edition
from subscribers.models import Subscriber
from subscribers.schedule import find_last_slot, find_next_slot

Status = Delivery.Status
CHUNK = 2_000  # composed in one transaction: a second, in which their settings wait
CHUNK_ALONE = 500  # where everybody who writes waits: on SQLite


@dataclass(slots=True)
class Composed:
    """A delivery that is not written yet: whose it is, and what it holds, if it holds anything."""

    edition_id: int
    subscriber_id: int
    status: Delivery.Status
    quiet_reason: str = ""
    contents: DigestContents | None = None


@dataclass
class ComposeReport:
    """What became of the subscribers who were due: how many have papers, why others have none."""

    planned: int = 0
    suppressed: int = 0
    repeated: int = 0  # had this edition already
    quiet: Counter[str] = field(default_factory=Counter)
    delivery_ids: list[int] = field(default_factory=list)
    by_edition: defaultdict[date, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def count(self, composed: Composed, day: date) -> None:
        """Count it; `day` is its edition's."""
        self.by_edition[day][composed.status.value] += 1
        self.planned += composed.status == Status.PLANNED
        self.suppressed += composed.status == Status.SUPPRESSED
        if composed.quiet_reason:
            self.quiet[composed.quiet_reason] += 1


class ComposeContext:
    """What one run shares: what there is to choose from, and who writes it down."""

    def __init__(self, now: datetime) -> None:
        self.shortlist = Shortlist(now, REACH)
        self.selector = Selector(self.shortlist, Breakouts(now), OutsideTopics(now))
        self.writer = ContentsWriter(now)
        self.quiet = QuietReasons()
        self.queries: dict[int, str] = {}  # of topics, as they were typed first

    def count_new(self, profile: Profile) -> int:
        """How many papers are new to a subscriber; all there are, where no digest came before."""
        if profile.since is None:
            return self.shortlist.count_all()
        return self.shortlist.count_since(profile.since)

    def write_contents(
        self, profile: Profile, selection: Selection, *, day: date, cadence: str
    ) -> tuple[str, DigestContents]:
        """Why there are no papers, "" where there are some; and what the delivery is to hold.

        `day` is its edition's.
        """
        seen = self.count_new(profile)
        if papers := selection.papers:
            return "", self.writer.write_digest(
                papers,
                day=day,
                cadence=cadence,
                seen=seen,
                nearly=selection.nearly,
                is_first=profile.since is None,
                in_topics=selection.in_topics,
                since=selection.since,
            )
        reason = self.quiet.name_reason(profile, selection.reason)
        return reason, self.quiet.write_contents(reason, seen=seen, topics=len(profile.follows))


@collect_seldom()
def compose_due(
    now: datetime,
    only: str | None = None,
    progress: Callable[[int], None] | None = None,
    keep_going: Callable[[], bool] = lambda: True,
    ready: AbstractSet[int] = frozenset(),
) -> ComposeReport:
    """Compose for everyone due at `now`, or for the address `only`; safe to run twice.

    Each chunk writes its deliveries and the next dates in one transaction, so a crash leaves
    whoever was not composed still due; so does `keep_going`, which is asked between two chunks.
    `progress` is told how many were done in each. `ready` are topics that are compared with papers
    as far back as a first digest goes (`match_for_first_digest`).
    """
    stamp_news(now)
    began, report = time.monotonic(), ComposeReport()
    due = DueSubscribers(now, only, ready)
    if not due.has_any():
        return report  # most minutes: nothing is read of the papers then
    if find_hold():
        return report  # who is due has perhaps had this edition (docs/operate/backup.md)
    context = ComposeContext(now)
    while keep_going() and (done := _compose_chunk(now, due, context, report)) is not None:
        if progress and done:
            progress(done)
    seconds = time.monotonic() - began
    for day, counts in report.by_edition.items():
        # A dry run takes it all back, and then there is nothing to tell.
        transaction.on_commit(partial(log_edition, day, counts, seconds))
    return report


@transaction.atomic
def _compose_chunk(
    now: datetime, due: DueSubscribers, context: ComposeContext, report: ComposeReport
) -> int | None:
    """Compose for the next subscribers, CHUNK at most; for how many of them, None at the end."""
    locks_rows = connection.features.has_select_for_update
    locked = due.lock_next(CHUNK if locks_rows else min(CHUNK, CHUNK_ALONE))
    if not locked:
        return None
    waiting = find_waiting([subscriber.pk for subscriber in locked], due.ready)
    subscribers = [subscriber for subscriber in locked if subscriber.pk not in waiting]
    if not subscribers:
        return 0
    dates = {subscriber.pk: _schedule_next(subscriber, now) for subscriber in subscribers}
    days = {pk: day for pk, (day, _) in dates.items()}
    composed = list(_make_deliveries(subscribers, days, now, context, report))
    report.delivery_ids += _write_deliveries(composed, now)
    _write_next_dates({pk: following for pk, (_, following) in dates.items()})
    return len(subscribers)


def _write_deliveries(composed: Sequence[Composed], now: datetime) -> list[int]:
    """Insert them; their ids."""
    columns: dict[str, list[Any]] = {
        "edition_id": [one.edition_id for one in composed],
        "subscriber_id": [one.subscriber_id for one in composed],
        "status": [one.status.value for one in composed],
        "quiet_reason": [one.quiet_reason for one in composed],
        "contents": [one.contents.to_text() if one.contents else "{}" for one in composed],
        "covers_until": [now] * len(composed),
    }
    ids = insert_rows(Delivery, columns)
    record_sent_breakouts(
        (pk, one.subscriber_id, one.contents)
        for pk, one in zip(ids, composed, strict=True)
        if one.contents
    )
    return ids


def _write_next_dates(moments: Mapping[int, datetime]) -> None:
    """One UPDATE for each moment: thousands of subscribers share a few."""
    by_moment: dict[datetime, set[int]] = defaultdict(set)
    for pk, moment in moments.items():
        by_moment[moment].add(pk)
    for moment, ids in by_moment.items():
        Subscriber.objects.filter(pk__any_of=ids).update(next_digest_at=moment)


def _make_deliveries(
    subscribers: Sequence[DueSubscriber],
    dates: Mapping[int, date],
    now: datetime,
    context: ComposeContext,
    report: ComposeReport,
) -> Iterator[Composed]:
    """A delivery for each who has none in this edition; `dates` has the day of each."""
    editions = _get_editions(set(dates.values()))
    ids = set(dates)
    taken = _find_served(dates, editions)
    mailable = set(
        Subscriber.objects.mailable().filter(pk__any_of=ids).values_list("pk", flat=True)
    )
    perhaps_seen = read_papers_perhaps_seen(ids)
    profiles = read_profiles(subscribers, now, context.queries)
    profiles = {pk: profile for pk, profile in profiles.items() if pk in mailable}
    selections = context.selector.select_all(profiles, perhaps_seen)
    context.writer.load_papers(
        choice.paper_id for one in selections.values() for choice in one.papers
    )
    for subscriber in subscribers:
        pk, day = subscriber.pk, dates[subscriber.pk]
        if pk in taken:
            report.repeated += 1
            continue
        composed = Composed(editions[day].pk, pk, Status.SUPPRESSED)
        if pk in selections:
            composed.quiet_reason, composed.contents = context.write_contents(
                profiles[pk], selections[pk], day=day, cadence=subscriber.cadence
            )
            composed.status = Status.QUIET if composed.quiet_reason else Status.PLANNED
        report.count(composed, day)
        yield composed


def _find_served(dates: Mapping[int, date], editions: Mapping[date, Edition]) -> set[int]:
    """Those who have a delivery in the edition of their day already.

    Looked up for each subscriber in its own place: by statistics of the hours before the edition
    the database takes it for empty, and would go through all of it for each chunk.
    """
    served = set[int]()
    for day, edition in editions.items():
        theirs = Delivery.objects.filter(edition=edition, subscriber=OuterRef("pk")).values("pk")[
            :1
        ]
        rows = Subscriber.objects.filter(pk__any_of=[pk for pk, d in dates.items() if d == day])
        rows = rows.alias(served_by=Subquery(theirs[:1])).filter(served_by__isnull=False)
        served.update(rows.order_by().values_list("pk", flat=True))
    return served


def _schedule_next(subscriber: DueSubscriber, now: datetime) -> tuple[date, datetime]:
    """The calendar day, theirs, that is composed now, and when their next digest is due."""
    wish = (subscriber.cadence, subscriber.timezone, subscriber.send_hour)
    return _find_dates(*wish, now, subscriber.next_digest_at is None)


@lru_cache(maxsize=10_000)  # a chunk holds few different wishes
def _find_dates(
    cadence: str, timezone: str, send_hour: int, now: datetime, is_first: bool
) -> tuple[date, datetime]:
    """The same for all of one wish."""
    zone = ZoneInfo(timezone)
    slot = now if is_first else find_last_slot(cadence, timezone, send_hour, now)
    day = slot.astimezone(zone).date()
    following = find_next_slot(cadence, timezone, send_hour, now)
    # After a first digest at seven, no second one at eight.
    while following.astimezone(zone).date() <= day:
        following = find_next_slot(cadence, timezone, send_hour, following)
    return day, following


def _get_editions(dates: set[date]) -> dict[date, Edition]:
    return {day: Edition.objects.get_or_create(date=day)[0] for day in dates}
