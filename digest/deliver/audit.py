"""What became of every delivery, and whether the promises hold, read from the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from digest.deliver.claims import LEASE
from digest.deliver.unserved import find_broken
from digest.models import Delivery, Edition, Entry, Merger, Paper, Source
from digest.models.contents import list_breakout_ids, list_paper_ids, list_perhaps_seen_ids
from subscribers.models import Subscriber, SubscriberQuerySet, Suppression

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Status = Delivery.Status
# Every due subscriber ends in one of these; they are always named in this order.
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
SERVED = gettext_lazy(
    "Everybody is served: hardly a reader of an edition is without their mail, or perhaps so"
)
MOST_NAMED = 5  # examples in a sentence
OVERDUE = timedelta(hours=2)


def format_sum_line(counts: Counter[str]) -> str:
    """`planned 3 = sent 2 + quiet 1 + suppressed 0 + failed 0 + expired 0 + in doubt 0`."""
    parts = [f"{status.label.lower()} {counts[status.value]}" for status in FINAL]
    return f"planned {sum(counts[status.value] for status in FINAL)} = {' + '.join(parts)}"


def count_open(counts: Counter[str]) -> int:
    """How many are neither sent nor given up: they wait for a worker or for another try."""
    return counts[Status.PLANNED.value] + counts[Status.CLAIMED.value]


def count_by_edition(limit: int = 31) -> dict[date, Counter[str]]:
    """The counts by status of the last `limit` editions, newest first."""
    dates = dict(Edition.objects.order_by("-date").values_list("pk", "date")[:limit])
    sums = {day: Counter[str]() for day in dates.values()}
    rows = Delivery.objects.filter(edition__in=dates).values_list("edition_id", "status")
    for edition_id, status, count in rows.annotate(Count("pk")).order_by():
        sums[dates[edition_id]][status] = count
    return sums


@dataclass(frozen=True)
class Finding:
    """One promise: its sentence, and what breaks it (empty where it holds)."""

    promise: str
    broken: str


def audit(now: datetime) -> list[Finding]:
    """Check every promise that rows can show, whatever is running meanwhile; reads only."""
    mailed = _read_mailed_papers()
    checks = {
        _("One mail per subscriber and day"): _find_mailed_twice(),
        _("Nothing is lost: every delivery has a named state"): _find_left_open(now),
        str(SERVED): _find_unserved(now),
        _("Nobody unconfirmed, unsubscribed or suppressed is mailed"): _find_mailed_wrongly(),
        _("A paper comes once to a subscriber"): mailed.repeated.describe(
            ngettext_lazy("%(count)s paper sent twice", "%(count)s papers sent twice", "count")
        ),
        _("A replacement is never sent as new"): _find_replacements_sent(mailed.paper_ids),
        _("One bad source hurts only itself, and says what is wrong"): _find_silent_sources(),
    }
    return [Finding(promise, broken) for promise, broken in checks.items()]


def count_overdue(now: datetime) -> int:
    """Subscribers who should have been composed for and were not: is beat running?"""
    return _select_overdue(now).count()


def find_first_overdue(now: datetime) -> datetime | None:
    """When the one who waits longest was due; None where nobody waits."""
    first = _select_overdue(now).order_by("next_digest_at")
    return first.values_list("next_digest_at", flat=True).first()


def _select_overdue(now: datetime) -> SubscriberQuerySet:
    return Subscriber.objects.mailable().filter(next_digest_at__lt=now - OVERDUE)


@dataclass
class _CountedExamples:
    """How many there are, and the first of them."""

    count: int = 0
    named: list[str] = field(default_factory=list)

    def add_example(self, name: object) -> None:
        self.count += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(str(name))

    def describe(self, what: StrOrPromise) -> str:
        """`7 papers sent twice: a, b, c, d, e and 2 more.`; empty where there are none."""
        if not self.count:
            return ""
        named, more = ", ".join(self.named), self.count - len(self.named)
        if more > 0:
            named = _("%(named)s and %(more)s more") % {"named": named, "more": more}
        return _("%(what)s: %(named)s.") % {"what": what % {"count": self.count}, "named": named}


def _describe_rows(rows: Iterable[object], what: StrOrPromise) -> str:
    examples = _CountedExamples()
    for row in rows:
        examples.add_example(row)
    return examples.describe(what)


def _find_mailed_twice() -> str:
    sent = Delivery.objects.sent().order_by()
    days = sent.values_list("edition_id", "subscriber_id").annotate(n=Count("pk")).filter(n__gt=1)
    ids = sent.exclude(message_id="").values_list("message_id").annotate(n=Count("pk"))
    twice = (
        _("subscriber %(subscriber)s in edition %(day)s") % {"subscriber": subscriber, "day": day}
        for day, subscriber, _count in days.iterator()
    )
    repeated = (
        _("message %(name)s") % {"name": name} for name, _count in ids.filter(n__gt=1).iterator()
    )
    return _describe_rows(
        chain(twice, repeated),
        ngettext_lazy("%(count)s sent twice", "%(count)s sent twice", "count"),
    )


def _find_left_open(now: datetime) -> str:
    claimed = Q(status=Status.CLAIMED, claimed_at__lt=now - 2 * LEASE)
    planned = Delivery.objects.planned().outdated(now - LEASE)
    left = Delivery.objects.filter(claimed) | planned
    rows = left.order_by("pk").values_list("pk", flat=True)
    return _describe_rows(
        rows.iterator(),
        ngettext_lazy(
            "%(count)s delivery left lying (is the sweep running?)",
            "%(count)s deliveries left lying (is the sweep running?)",
            "count",
        ),
    )


def _find_unserved(now: datetime) -> str:
    """The editions of the last days with more readers unserved than can be let pass."""
    named = (f"{edition.date}, {unserved}" for edition, unserved in find_broken(now))
    return _describe_rows(
        named,
        ngettext_lazy("%(count)s of the last editions", "%(count)s of the last editions", "count"),
    )


def _find_mailed_wrongly() -> str:
    sent = Delivery.objects.sent()
    # Begun, not sent: the answer may have taken long, and a report may have settled it later.
    sent = sent.annotate(left_at=Coalesce("claimed_at", "sent_at"))
    suppressed = Suppression.objects.filter(
        Q(fingerprint=OuterRef("subscriber__mailbox"))
        | Q(fingerprint=OuterRef("subscriber__spelling")),
        created_at__lt=OuterRef("left_at") - GRACE,
    )
    wrong = sent.filter(
        Q(subscriber__confirmed_at=None)
        | Q(subscriber__unsubscribed_at__lt=F("left_at") - GRACE)
        | Exists(suppressed)
    )
    ids = wrong.order_by("pk").values_list("pk", flat=True)
    return _describe_rows(
        ids.iterator(),
        ngettext_lazy(
            "%(count)s delivery sent where none was allowed",
            "%(count)s deliveries sent where none was allowed",
            "count",
        ),
    )


@dataclass
class _MailedPapers:
    """The papers that subscribers have, or may have, and those that any of them had twice."""

    paper_ids: set[int] = field(default_factory=set)
    repeated: _CountedExamples = field(default_factory=_CountedExamples)


def _read_mailed_papers() -> _MailedPapers:
    """Read all deliveries once, one subscriber after the other, holding one at a time."""
    mailed, history = _MailedPapers(), _SubscriberHistory(-1)
    mergers = {row.paper_id: row for row in Merger.objects.all()}
    rows = Delivery.objects.filter(status__in=[Status.SENT, Status.IN_DOUBT])
    rows = rows.order_by("subscriber_id", "pk")
    columns = ("subscriber_id", "covers_until", "contents")
    for subscriber_id, covers_until, contents in rows.values_list(*columns).iterator():
        if subscriber_id != history.subscriber_id:
            history = _SubscriberHistory(subscriber_id)
        breakouts = set(list_breakout_ids(contents))
        perhaps_seen = set(list_perhaps_seen_ids(contents))
        for paper_id in list_paper_ids(contents):
            is_breakout = paper_id in breakouts
            is_again = history.has_had(paper_id, covers_until, is_breakout=is_breakout)
            if is_again and paper_id not in perhaps_seen:
                mailed.repeated.add_example(
                    _("paper %(paper)s to subscriber %(subscriber)s")
                    % {"paper": paper_id, "subscriber": subscriber_id}
                )
            history.add_paper(paper_id, mergers, is_breakout=is_breakout)
            mailed.paper_ids.add(paper_id)
    return mailed


@dataclass
class _SubscriberHistory:
    """The papers that one subscriber has, or may have, by the deliveries read so far."""

    subscriber_id: int
    # By id: when it was merged with one that was sent; None where it was sent itself.
    papers: dict[int, datetime | None] = field(default_factory=dict)
    breakouts: set[int] = field(default_factory=set)

    def has_had(self, paper_id: int, covers_until: datetime, *, is_breakout: bool) -> bool:
        """Whether it came before; a breakout may, once, and so may what merged only later."""
        if is_breakout:
            return paper_id in self.breakouts
        known_at = self.papers.get(paper_id)
        return paper_id in self.papers and (known_at is None or known_at <= covers_until)

    def add_paper(self, paper_id: int, mergers: dict[int, Merger], *, is_breakout: bool) -> None:
        self.papers[paper_id] = None
        if merger := mergers.get(paper_id):
            self.papers.setdefault(merger.into_id, merger.merged_at)
        if is_breakout:
            self.breakouts.add(paper_id)


def _find_replacements_sent(paper_ids: set[int]) -> str:
    news = Entry.objects.filter(paper=OuterRef("pk"), announce_type__in=["new", "cross"])
    # What merged into another paper left its entries there.
    only_replaced = Paper.objects.filter(merger=None).exclude(Exists(news)).order_by("pk")
    ids = only_replaced.values_list("pk", flat=True)
    rows = (pk for pk in ids.iterator() if pk in paper_ids)
    return _describe_rows(
        rows,
        ngettext_lazy(
            "%(count)s paper sent that was only ever replaced",
            "%(count)s papers sent that were only ever replaced",
            "count",
        ),
    )


def _find_silent_sources() -> str:
    unwell = Source.objects.filter(state__in=["failing", "stopped", "empty", "stale", "partial"])
    silent = unwell.filter(note="", last_error="")
    return _describe_rows(
        silent,
        ngettext_lazy(
            "%(count)s source that does not say what is wrong",
            "%(count)s sources that do not say what is wrong",
            "count",
        ),
    )
