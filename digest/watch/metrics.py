"""How the service is, as Prometheus asks for it: read from the database and from Redis each time.

One process tells it for all (`manage.py metrics`), so nothing is counted twice or lost with a
worker. Names and units stand in docs/operate/metrics.md. Nothing here names a subscriber or an
address.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from digest.models import DailyFigure, Delivery, DomainPause, Edition, ProviderPause, Source
from digest.watch import heartbeat
from digest.watch.alarms import select_lasting
from digest.watch.figures import RATE_DAYS, Figures, read_figures
from digest.watch.queues import read_queue_lengths
from subscribers import forgiving_cache
from subscribers.models import Subscriber

EDITIONS = 2  # while one ends in the west, the next has begun in the east
FRESH_SECONDS = 15.0  # whoever asks again within these is told the same: counting costs

Status = Delivery.Status
Metrics = Iterator[GaugeMetricFamily]


class ServiceCollector(Collector):
    """Answers each scrape; several at once, and a database that is away, do no harm."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answer: list[GaugeMetricFamily] = []
        self._answered_at = float("-inf")

    def collect(self) -> Iterable[GaugeMetricFamily]:
        with self._lock:
            if time.monotonic() - self._answered_at > FRESH_SECONDS:
                try:
                    self._answer = list(read_metrics(self._clock()))
                finally:
                    connection.close()  # each scrape has a thread, and so a connection, of its own
                self._answered_at = time.monotonic()
            return self._answer


def read_metrics(now: datetime) -> Metrics:
    """All gauges at `now`; of what cannot be reached only that it is away."""
    try:
        from_rows = list(_read_rows(now))
    except DatabaseError:
        from_rows = []
    is_up = 1 if from_rows else 0
    yield _make_gauge("offprint_database_up", "1 where the database answers, else 0.", is_up)
    yield from from_rows
    yield from _read_redis()


def _read_rows(now: datetime) -> Metrics:
    yield from _read_deliveries(now)
    yield from _read_pauses(now)
    yield _read_alarms()
    yield from _read_sources()
    yield from _read_figures(now)


def _read_deliveries(now: datetime) -> Metrics:
    by_state = GaugeMetricFamily(
        "offprint_deliveries",
        f"Deliveries of the last {EDITIONS} editions by state.",
        labels=["edition", "state"],
    )
    days = dict(Edition.objects.order_by("-date").values_list("pk", "date")[:EDITIONS])
    rows = Delivery.objects.filter(edition__in=days).order_by()
    counts = {
        (edition, status): count
        for edition, status, count in rows.values_list("edition", "status").annotate(Count("pk"))
    }
    for edition, day in days.items():
        for status in Status.values:
            by_state.add_metric([day.isoformat(), status], counts.get((edition, status), 0))
    yield by_state
    yield _make_gauge(
        "offprint_deliveries_in_doubt",
        "Deliveries of all editions whose call got no answer yet.",
        Delivery.objects.in_doubt().count(),
    )
    waiting = Delivery.objects.filter(status__in=[Status.PLANNED, Status.CLAIMED])
    yield _make_gauge(
        "offprint_delivery_oldest_waiting_seconds",
        "Age of the oldest delivery that is composed and neither sent nor given up.",
        _age_in_seconds(waiting.aggregate(first=Min("covers_until"))["first"], now),
    )
    due = Subscriber.objects.mailable().filter(next_digest_at__lte=now)
    yield _make_gauge(
        "offprint_compose_oldest_due_seconds",
        "For how long the first of the subscribers who are due has waited for an edition.",
        _age_in_seconds(due.aggregate(first=Min("next_digest_at"))["first"], now),
    )


def _read_alarms() -> GaugeMetricFamily:
    lasting = GaugeMetricFamily(
        "offprint_alarm",
        "1 for each alarm that lasts: an edition that is held, an account that is refused.",
        labels=["kind"],
    )
    for alarm in select_lasting():
        lasting.add_metric([alarm.kind], 1)
    return lasting


def _read_pauses(now: datetime) -> Metrics:
    pauses = GaugeMetricFamily(
        "offprint_provider_pause_seconds",
        "For how long nothing more is handed to a provider: it asked for that, or refuses us.",
        labels=["provider"],
    )
    for pause in ProviderPause.objects.filter(until__gt=now):
        pauses.add_metric([pause.provider], (pause.until - now).total_seconds())
    yield pauses
    yield _make_gauge(
        "offprint_paused_domains",
        "Mailbox domains that block us, and to which nothing is sent meanwhile.",
        DomainPause.objects.running(now).count(),
    )


def _read_sources() -> Metrics:
    labels = ["source", "title"]
    answered = GaugeMetricFamily(
        "offprint_source_last_success_timestamp_seconds",
        "When an active source was last read, 0 for never; in seconds since 1970.",
        labels=labels,
    )
    failures = GaugeMetricFamily(
        "offprint_source_failures", "Failed polls of an active source in a row.", labels=labels
    )
    for source in Source.objects.filter(is_active=True).order_by("pk"):
        names = [str(source.pk), source.title]
        last = source.last_fetched_at
        answered.add_metric(names, last.timestamp() if last else 0)
        failures.add_metric(names, source.failures)
    yield answered
    yield failures


def _read_figures(now: datetime) -> Metrics:
    """What a task counts by day (daily_figures.py), so that no scrape reads a whole table."""
    figures = read_figures(now.date(), RATE_DAYS + 1)
    counted_at = figures.find_counted_at()
    yield _make_gauge(
        "offprint_figures_counted_timestamp_seconds",
        "When the figures below were counted last, 0 for never; in seconds since 1970.",
        counted_at.timestamp() if counted_at else 0,
    )
    yield _make_gauge(
        "offprint_bounce_ratio",
        f"Share of the mails of {RATE_DAYS} days that bounced, from 0 to 1.",
        figures.compute_rate(DailyFigure.Name.BOUNCED).share,
    )
    yield _make_gauge(
        "offprint_complaint_ratio",
        f"Share of the mails of {RATE_DAYS} days that were called spam, from 0 to 1.",
        figures.compute_rate(DailyFigure.Name.COMPLAINED).share,
    )
    _, subscribers = figures.find_newest(DailyFigure.Name.SUBSCRIBERS)
    by_status = GaugeMetricFamily(
        "offprint_subscribers", "Subscribers by status, counted once an hour.", labels=["status"]
    )
    for status in Subscriber.Status.values if subscribers else ():
        by_status.add_metric([status], subscribers.get(status, 0))
    yield by_status
    yield from _read_today(figures)


def _read_today(figures: Figures) -> Metrics:
    papers = GaugeMetricFamily(
        "offprint_papers_today", "New papers of a source since midnight, in UTC.", labels=["source"]
    )
    seconds = GaugeMetricFamily(
        "offprint_stage_busy_seconds_today",
        "For how long workers were busy with a stage since midnight, in UTC.",
        labels=["stage"],
    )
    of_days = {DailyFigure.Name.PAPERS: papers, DailyFigure.Name.SECONDS: seconds}
    for name, family in of_days.items():
        for part, value in (figures.read_day(name, figures.last) or {}).items():
            family.add_metric([part], value)
        yield family


def _read_redis() -> Metrics:
    """Queues and the last sign of life; where one process keeps them in memory, nothing."""
    if not settings.REDIS_URL:
        return
    is_up = not forgiving_cache.describe_outage()
    yield _make_gauge("offprint_redis_up", "1 where Redis answers, else 0.", int(is_up))
    if not is_up:
        return
    answered = GaugeMetricFamily(
        "offprint_worker_last_answer_timestamp_seconds",
        "When a worker last answered beat's call to a queue, 0 for never; in seconds since 1970.",
        labels=["queue"],
    )
    queues_of_ours = [queue.name for queue in current_app.conf.task_queues]
    for name, moment in heartbeat.read_answers(queues_of_ours).items():
        answered.add_metric([name], moment.timestamp() if moment else 0)
    yield answered
    queues = GaugeMetricFamily(
        "offprint_queue_length", "Calls that wait in a queue for a worker.", labels=["queue"]
    )
    for name, length in read_queue_lengths().items():
        queues.add_metric([name], length)
    yield queues


def _age_in_seconds(moment: datetime | None, now: datetime) -> float:
    """0 where there is nothing that could be old."""
    return max((now - moment).total_seconds(), 0) if moment else 0


def _make_gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
