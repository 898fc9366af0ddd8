"""When each stage runs. What to do is in the stage modules.

Beat calls these (config/worker_settings.py), but for the first digest, which a confirmation calls.
All are safe to run twice, at once, and late; none is handed more than an id: the database knows the
rest.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from celery import Task, shared_task
from django.db import Error, ProgrammingError, transaction
from django.db.models import Max
from kombu.exceptions import OperationalError as BrokerError

from digest import compose, deliver, ingest, match, score, track
from digest.deliver import audit_alarm, retention, standing_alarms
from digest.garbage import collect_seldom
from digest.ingest import snapshots
from digest.match import rerank
from digest.models import Entry, Snapshot
from digest.watch import clock, daily_figures, heartbeat, recent_time
from digest.watch.shutdown import is_ending
from digest.watch.stage_times import timed
from digest.webhooks import post
from subscribers import forgiving_cache
from subscribers.lists import import_runs
from subscribers.models import Subscriber

logger = logging.getLogger(__name__)

# A run ends after so long, so that other calls have their turn, and another is called for.
DELIVER_SECONDS, COMPOSE_SECONDS, WEBHOOK_SECONDS = 15.0, 30.0, 10.0
IMPORT_SECONDS = 20.0
WAKE_EXPIRES = 10  # seconds; by then beat calls


@shared_task
def answer(queue: str) -> None:
    """Say that a worker looks into this queue."""
    heartbeat.note_answer(queue, recent_time.read_recent_now())


@shared_task
def check_standing() -> None:
    """Alarms of what no stage notices by itself, and the ping that says that beat calls."""
    standing_alarms.check_standing(clock.read_now())


@shared_task
@timed("figures")
def count_figures() -> None:
    """What the dashboard, the metrics and some alarms show, counted by day."""
    daily_figures.update_figures(clock.read_now())


@shared_task
@timed("ingest")
def ingest_due() -> None:
    ingest.ingest_due(clock.read_now())


@shared_task
@timed("score and match")
def score_and_match() -> None:
    """Score only when something was counted, or an hour has passed: trends change with the hour.

    The first of these in a day learns from the papers of the day before.
    """
    now = clock.read_now()
    state = [now.strftime("%Y-%m-%d %H")]
    state += [str(model.objects.aggregate(last=Max("pk"))["last"]) for model in (Entry, Snapshot)]
    if forgiving_cache.read_value("digest.scored") != state:
        score.score_papers(now)
        match.learn_day(now)
        forgiving_cache.write_value("digest.scored", state, 3600)
    match.match_papers(now)
    rerank.store_vectors(now)


@shared_task
@timed("compose")
def compose_due() -> None:
    """Compose for a while; where somebody is still due, another run is called for."""
    ends_at = time.monotonic() + COMPOSE_SECONDS
    report = compose.compose_due(
        clock.read_now(), keep_going=lambda: time.monotonic() < ends_at and not is_ending()
    )
    if report.planned:
        wake_deliverer()
    if time.monotonic() >= ends_at and not is_ending():
        _wake_task(compose_due)


@shared_task
@timed("deliver")
def deliver_planned() -> None:
    """Deliver for a while; where more is left, or a pause ends soon, another run is called for."""
    ends_at = time.monotonic() + DELIVER_SECONDS
    try:
        report = _deliver_until(ends_at)
        wait = (report.waits_until - clock.read_now()).total_seconds() if report.waits_until else 0
    except Error as error:
        logger.error("Nothing can be delivered: %s", _describe_failure(error))
        return
    if not is_ending() and (wait or time.monotonic() >= ends_at):
        wake_deliverer(wait)


def _describe_failure(error: Error) -> str:
    """In one line what is wrong with the database, and what to do about it."""
    said = " ".join(str(error).split())
    # SQLite calls a table that is not there an operational error.
    if isinstance(error, ProgrammingError) or said.startswith("no such "):
        return f"the database is not that of this release ({said}): run `manage.py migrate`."
    return f"the database is away ({said})."


def _deliver_until(ends_at: float) -> deliver.DeliverReport:
    """Deliver until that second of the monotonic clock, or until the process is told to end."""
    now, goes_on = clock.read_now_and_watch()
    options = deliver.RunOptions(
        patience=timedelta(seconds=DELIVER_SECONDS),
        keep_going=lambda: time.monotonic() < ends_at and not is_ending() and goes_on(),
        is_ending=is_ending,
        on_more=wake_deliverer,
    )
    return deliver.deliver_planned(now, options=options)


def wake_deliverer(after: float = 0.0) -> None:
    """Call a worker for delivery, in so many seconds; where the broker is down, beat will."""
    _wake_task(deliver_planned, max(0.0, after))


def _wake_task(task: Task[[], None], after: float = 0.0) -> None:
    _call_task(task, countdown=after, expires=after + WAKE_EXPIRES)


def _call_task(task: Task[Any, None], **options: Any) -> None:
    try:
        task.apply_async(retry=False, **options)
    except BrokerError as error:
        logger.warning("No other worker could be called: %s", error)


@shared_task
@timed("first digests")
def first_digest(subscriber_id: int) -> None:
    """For somebody who has just confirmed: no waiting for three of the minute's calls in a row.

    Whoever delivers it is another process: a provider that hangs holds up no composing.
    """
    email = _find_email(subscriber_id)
    if email is None:
        return
    with collect_seldom():
        ready = match.match_for_first_digest(subscriber_id, clock.read_now())
        report = compose.compose_due(clock.read_now(), only=email, ready=ready)
    if report.planned:
        _call_task(deliver_first, args=(subscriber_id,))
    if ready:
        _wake_task(score_and_match)  # older papers, too


@shared_task
@timed("first digests")
def deliver_first(subscriber_id: int) -> None:
    """Hand over what is planned for one subscriber, before all others."""
    email = _find_email(subscriber_id)
    if email is None:
        return
    ends_at = time.monotonic() + DELIVER_SECONDS
    options = deliver.RunOptions(
        keep_going=lambda: time.monotonic() < ends_at and not is_ending(), is_ending=is_ending
    )
    deliver.deliver_planned(clock.read_now(), only=email, options=options)


def _find_email(subscriber_id: int) -> str | None:
    emails = Subscriber.objects.filter(pk=subscriber_id).values_list("email", flat=True)
    return emails.first()


def on_confirmed(subscriber_id: int, **_: Any) -> None:
    """Wake a worker for the first digest; when the broker is down, beat's calls send it."""

    def wake() -> None:
        first_digest.apply_async((subscriber_id,), retry=False)

    transaction.on_commit(wake, robust=True)


@shared_task
@timed("settle doubts")
def settle_doubts() -> None:
    """Settle for a while; where more is left, another run is called for."""
    now = clock.read_now()
    deliver.settle_doubts(now, is_ending=is_ending, on_more=_wake_settler)


def _wake_settler(after: float) -> None:
    if not is_ending():
        _wake_task(settle_doubts, max(0.0, after))


@shared_task
@timed("lists")
def run_list_imports() -> None:
    """Go through lists of people that staff bring in, for a while; another run goes on."""
    if not import_runs.has_lists():
        return  # nearly always, four times a minute
    ends_at = time.monotonic() + IMPORT_SECONDS
    keep_going = lambda: time.monotonic() < ends_at and not is_ending()  # noqa: E731
    if import_runs.run_imports(clock.read_now(), keep_going) and not is_ending():
        _wake_task(run_list_imports)


@shared_task
@timed("webhooks")
def post_webhooks() -> None:
    """Tell others' addresses what happened to subscribers, for a while."""
    if not post.has_posts():
        return  # always, where no address of others is told anything
    ends_at = time.monotonic() + WEBHOOK_SECONDS
    post.post_due(clock.read_now(), lambda: time.monotonic() < ends_at and not is_ending())


@shared_task
@timed("forget")
def forget_old() -> None:
    """What has been kept long enough (docs/privacy.md), a part at each call."""
    now = clock.read_now()
    retention.forget_contents(now)
    snapshots.thin_snapshots(now)


@shared_task
@timed("audit")
def watch_promises() -> None:
    """Whether what is promised holds, read from the rows once a day."""
    audit_alarm.watch_promises(clock.read_now())


@shared_task
@timed("sweep")
def sweep() -> None:
    """What dead workers left is taken back, and reports that came early find their mail."""
    now = clock.read_now()
    deliver.sweep(now)
    track.sweep_events(now)
