"""Counts the service day by day, so that no page, alarm or metric counts a million rows to know.

Called each minute. An edition whose rows cannot have changed is not counted again, which a few
looks into small indexes tell; what reads a whole table is counted once an hour. A day that is over
keeps what was counted of it, whoever is deleted later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Count, Func, IntegerField, Model, OuterRef, Q, QuerySet, Subquery

from digest.models import DailyFigure, Delivery, Edition, Entry, ProviderEvent
from subscribers import forgiving_cache
from subscribers.models import ConsentEvent, Interest, Subscriber, Suppression

Name = DailyFigure.Name
Counts = dict[str, float]

UNSETTLED_EDITIONS = 3  # the newest ones, whose deliveries still change their state
UNSETTLED = ("planned", "claimed", "in_doubt")  # of older ones these alone may still change it
REPORTED_EDITIONS = 31  # so far back a bounce or a complaint still counts
BACK_DAYS = 30  # of which a database that knows no figures yet counts what its rows still tell
MOST_FOLLOWED = 10
HOUR_SECONDS = 3600.0
DAY_TABLES = (Entry, ConsentEvent, Suppression)  # whose rows of the day are counted
_MARK = "digest.figures."  # what the last count found, so that the same is not counted again
_BATCH = 500


def update_figures(now: datetime) -> None:
    """Count what may have changed since the last call. Safe to run twice, and at once."""
    today = now.astimezone(UTC).date()
    last, reported, *newest = _read_last_ids(Delivery, ProviderEvent, *DAY_TABLES)
    _count_editions(last)
    _count_if_changed("reports", [reported], _count_wrong)
    _count_if_changed("day", [str(today), *newest], lambda: _count_newest_days(today))
    _count_if_changed("hour", [now.strftime("%Y-%m-%d %H")], lambda: _count_levels(today))
    write_figures(today, Name.COUNTED, {"": now.timestamp()})


def write_figures(day: date, name: str, counts: Mapping[str, float]) -> None:
    """Put these in the place of what the day had under this name and these parts."""
    rows = [DailyFigure(date=day, name=name, part=part, value=n) for part, n in counts.items()]
    DailyFigure.objects.bulk_create(
        rows,
        _BATCH,
        update_conflicts=True,
        unique_fields=["date", "name", "part"],
        update_fields=["value"],
    )


def count_statuses(edition_id: int) -> Counts:
    """Deliveries of an edition by status, zero included: reads all its rows."""
    rows = Delivery.objects.filter(edition_id=edition_id).order_by()
    counted = dict(rows.values_list("status").annotate(Count("pk")))
    return {status: counted.get(status, 0) for status in Delivery.Status.values}


def _read_last_ids(*models: type[Model]) -> list[str]:
    """The last id of each table, by one statement."""
    names = [connection.ops.quote_name(model._meta.db_table) for model in models]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'(SELECT MAX(id) FROM {name})' for name in names)}")
        return list(map(str, cursor.fetchone()))


def _count_editions(last: str) -> None:
    newest = Edition.objects.order_by("-date")
    for pk, day, marks in _read_marks(newest[:UNSETTLED_EDITIONS]):
        _count_if_changed(f"edition.{pk}", [last, *marks], partial(_count_edition, pk, day))
    counted = DailyFigure.objects.filter(name=Name.DELIVERIES, part__in=UNSETTLED, value__gt=0)
    if unsettled := set(counted.values_list("date", flat=True)):
        older = newest.values_list("pk", flat=True)[UNSETTLED_EDITIONS:REPORTED_EDITIONS]
        editions = Edition.objects.filter(pk__in=list(older), date__in=unsettled)
        for pk, day, marks in _read_marks(editions):
            _count_if_changed(f"edition.{pk}", marks, partial(_count_edition, pk, day))


def _count_edition(edition_id: int, day: date) -> None:
    write_figures(day, Name.DELIVERIES, count_statuses(edition_id))


def _read_marks(editions: QuerySet[Edition]) -> list[tuple[int, date, list[str]]]:
    """Of each edition its id, its day, and what is another thing as soon as a delivery changes.

    That is: when the last one was handed over, and how many are open or in doubt; each from a small
    index, and all of them by one statement.
    """
    own = Delivery.objects.filter(edition=OuterRef("pk")).order_by()
    handed = own.filter(status__in=["sent", "failed", "in_doubt"]).order_by("-claimed_at")
    rows = editions.annotate(
        last=Subquery(handed.values("claimed_at")[:1]),
        waiting=Subquery(_count_rows(own.filter(status__in=["planned", "claimed"]))),
        doubts=Subquery(_count_rows(own.in_doubt())),
    )
    found = rows.values_list("pk", "date", "last", "waiting", "doubts")
    return [(pk, day, list(map(str, marks))) for pk, day, *marks in found]


def _count_rows(rows: QuerySet[Delivery]) -> QuerySet[Delivery, Any]:
    """Their number, as a subquery."""
    count = Func("pk", function="COUNT", output_field=IntegerField())
    return rows.order_by().annotate(count=count).values("count")


def _count_wrong() -> None:
    """Bounces and complaints of the last editions, whose mails are reported for days."""
    days = dict(Edition.objects.order_by("-date").values_list("pk", "date")[:REPORTED_EDITIONS])
    wrong = Q(bounced_at__isnull=False) | Q(complained_at__isnull=False)
    rows = Delivery.objects.filter(wrong, edition__in=days).order_by().values_list("edition")
    counts = rows.annotate(bounced=Count("bounced_at"), complained=Count("complained_at"))
    found = {pk: (bounced, complained) for pk, bounced, complained in counts}
    for pk, day in days.items():
        bounced, complained = found.get(pk, (0, 0))
        write_figures(day, Name.BOUNCED, {"": bounced})
        write_figures(day, Name.COMPLAINED, {"": complained})


def _count_newest_days(today: date) -> None:
    """Today, and yesterday: what came just before midnight is counted just after it."""
    _count_happenings(today)
    _count_happenings(today - timedelta(days=1))


def _count_happenings(day: date) -> None:
    """What fell on the day: papers by source, who came and who left, and suppressions."""
    entries = _select_day(Entry.objects.all(), "seen_at", day)
    entries = entries.exclude(announce_type__startswith="replace").order_by()
    papers = entries.values_list("source").annotate(Count("paper", distinct=True))
    write_figures(day, Name.PAPERS, {str(pk): count for pk, count in papers})
    left = ConsentEvent.Kind.LEFT
    events = _select_day(ConsentEvent.objects.all(), "noted_at", day)
    came = events.exclude(kind=left).count()
    write_figures(day, Name.JOINED, {"": came})
    write_figures(day, Name.LEFT, {"": events.filter(kind=left).count()})
    suppressed = _select_day(Suppression.objects.all(), "created_at", day).count()
    write_figures(day, Name.SUPPRESSED, {"": suppressed})


def _select_day(rows: QuerySet[Any], column: str, day: date) -> QuerySet[Any]:
    begins_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    ends_at = begins_at + timedelta(days=1)
    return rows.filter(**{f"{column}__gte": begins_at, f"{column}__lt": ends_at})


def _count_levels(day: date) -> None:
    """What reads whole tables: how many subscribers there are, and what most of them follow."""
    write_figures(day, Name.SUBSCRIBERS, count_subscribers())
    write_figures(day, Name.SUPPRESSIONS, {"": Suppression.objects.count()})
    follows = Interest.objects.follows().filter(subscriber__status=Subscriber.Status.ACTIVE)
    counted = follows.order_by().values_list("topic").annotate(count=Count("pk"))
    most = counted.order_by("-count", "topic")[:MOST_FOLLOWED]
    DailyFigure.objects.filter(date=day, name=Name.FOLLOWERS).delete()
    write_figures(day, Name.FOLLOWERS, {str(pk): count for pk, count in most})
    _fill_in_past(day)


def count_subscribers() -> Counts:
    """By status, zero included: reads the whole table."""
    counted = dict(Subscriber.objects.order_by().values_list("status").annotate(Count("pk")))
    return {status: counted.get(status, 0) for status in Subscriber.Status.values}


def _fill_in_past(today: date) -> None:
    """Count days of which nothing is known yet, as after an upgrade: by what rows tell."""
    first = today - timedelta(days=BACK_DAYS)
    known = DailyFigure.objects.filter(date__gte=first)
    days = set(known.filter(name=Name.JOINED).values_list("date", flat=True))
    for back in range(2, BACK_DAYS):
        if (day := today - timedelta(days=back)) not in days:
            _count_happenings(day)
    of_editions = known.filter(name=Name.DELIVERIES).values_list("date", flat=True)
    editions = Edition.objects.filter(date__gte=first).exclude(date__in=set(of_editions))
    for pk, day in editions.order_by("-date").values_list("pk", "date"):
        _count_edition(pk, day)


def _count_if_changed(what: str, found: list[str], count: Callable[[], None]) -> None:
    """Count unless the last call found the same; what is found is remembered for an hour."""
    key = _MARK + what
    if forgiving_cache.read_value(key) != found:
        count()
        forgiving_cache.write_value(key, found, HOUR_SECONDS)
