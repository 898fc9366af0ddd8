"""The books: what became of every delivery, and whether the promises hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from digest.deliver import EXPIRES_AFTER, LEASE
from digest.models import Delivery, Entry, Source
from subscribers.models import Subscriber, Suppression

Status = Delivery.Status
# Every due subscriber ends in one of these, in the order in which they are always said.
FINAL = [
    Status.SENT,
    Status.QUIET,
    Status.SUPPRESSED,
    Status.FAILED,
    Status.EXPIRED,
    Status.IN_DOUBT,
]
# A mail already claimed may still leave just after somebody unsubscribed.
GRACE = timedelta(minutes=15)
MOST_NAMED = 5  # examples in a sentence
OVERDUE = timedelta(hours=2)


def sum_line(counts: Counter[str]) -> str:
    """`planned 3 = sent 2 + quiet 1 + suppressed 0 + failed 0 + expired 0 + in doubt 0`."""
    parts = [f"{status.label.lower()} {counts[status.value]}" for status in FINAL]
    return f"planned {sum(counts[status.value] for status in FINAL)} = {' + '.join(parts)}"


def count_open(counts: Counter[str]) -> int:
    """How many are neither sent nor given up: they wait for a worker or for another try."""
    return counts[Status.PLANNED.value] + counts[Status.CLAIMED.value]


def sums_by_edition(limit: int = 31) -> dict[date, Counter[str]]:
    """The counts by status of the last `limit` editions, newest first."""
    rows = Delivery.objects.values_list("edition__date", "status").annotate(Count("pk"))
    sums: dict[date, Counter[str]] = {}
    for day, status, count in rows.order_by("-edition__date"):
        sums.setdefault(day, Counter())[status] += count
    return dict(list(sums.items())[:limit])


@dataclass(frozen=True)
class Finding:
    """One promise: its sentence, and what breaks it (empty where it holds)."""

    promise: str
    broken: str


def audit(now: datetime) -> list[Finding]:
    """Check every promise that rows can show, whatever is running meanwhile; reads only."""
    checks: dict[str, Callable[[], str]] = {
        "One mail per subscriber and day": _mailed_twice,
        "Nothing is lost: every delivery has a named state": lambda: _left_lying(now),
        "Nobody unconfirmed, unsubscribed or suppressed is mailed": _mailed_wrongly,
        "A paper comes once to a subscriber": _papers_twice,
        "A replacement is never sent as new": _replacements_sent,
        "One bad source hurts only itself, and says what is wrong": _silent_sources,
    }
    return [Finding(promise, check()) for promise, check in checks.items()]


def overdue(now: datetime) -> int:
    """Subscribers who should have been composed for and were not: is beat running?"""
    return Subscriber.objects.mailable().filter(next_digest_at__lt=now - OVERDUE).count()


def _named(rows: Iterable[object], what: str) -> str:
    """A sentence with a count and some examples; empty where there are none."""
    found = [str(row) for row in rows]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"{len(found)} {what}: {', '.join(found[:MOST_NAMED])}{more}." if found else ""


def _mailed_twice() -> str:
    sent = Delivery.objects.filter(status=Status.SENT)
    days = sent.values("edition_id", "subscriber_id").annotate(n=Count("pk")).filter(n__gt=1)
    ids = sent.exclude(message_id="").values("message_id").annotate(n=Count("pk")).filter(n__gt=1)
    twice = [f"subscriber {row['subscriber_id']} in edition {row['edition_id']}" for row in days]
    return _named(twice + [f"message {row['message_id']}" for row in ids], "sent twice")


def _left_lying(now: datetime) -> str:
    claimed = Q(status=Status.CLAIMED, claimed_at__lt=now - 2 * LEASE)
    planned = Q(status=Status.PLANNED, covers_until__lt=now - EXPIRES_AFTER - LEASE)
    rows = Delivery.objects.filter(claimed | planned).values_list("pk", flat=True)
    return _named(rows, "deliveries left lying (is the sweep running?)")


def _mailed_wrongly() -> str:
    sent = Delivery.objects.filter(status=Status.SENT)
    suppressed = Suppression.objects.filter(
        email=OuterRef("subscriber__email"), created_at__lt=OuterRef("sent_at") - GRACE
    )
    wrong = sent.filter(
        Q(subscriber__confirmed_at=None)
        | Q(subscriber__unsubscribed_at__lt=F("sent_at") - GRACE)
        | Exists(suppressed)
    )
    return _named(wrong.values_list("pk", flat=True), "deliveries sent where none was allowed")


def _told_papers() -> Iterator[tuple[int, int]]:
    """(subscriber id, paper id) of all that was sent or may have been, by subscriber."""
    rows = Delivery.objects.filter(status__in=[Status.SENT, Status.IN_DOUBT])
    rows = rows.order_by("subscriber_id", "pk")
    for subscriber_id, contents in rows.values_list("subscriber_id", "contents").iterator():
        for item in contents.get("papers", []):
            yield subscriber_id, item["id"]


def _papers_twice() -> str:
    twice, current, seen = [], None, set[int]()
    for subscriber_id, paper_id in _told_papers():
        if subscriber_id != current:
            current, seen = subscriber_id, set()
        if paper_id in seen:
            twice.append(f"paper {paper_id} to subscriber {subscriber_id}")
        seen.add(paper_id)
    return _named(twice, "papers sent twice")


def _replacements_sent() -> str:
    sent = {paper_id for _, paper_id in _told_papers()}
    news = Entry.objects.filter(announce_type__in=["new", "cross"])
    with_news = set(news.values_list("paper_id", flat=True).distinct())
    return _named(sorted(sent - with_news), "papers sent that were only ever replaced")


def _silent_sources() -> str:
    wordless = Source.objects.filter(state__in=["failing", "stopped", "empty", "stale", "partial"])
    return _named(wordless.filter(note="", last_error=""), "sources that do not say what is wrong")
