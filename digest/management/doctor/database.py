"""What the database says: its tables, its clock, and whether anybody works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from celery import current_app
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from digest.deliver import audit
from digest.deliver.provider.pause import find_pause
from digest.deliver.provider.send import Provider
from digest.english import count_of, in_a_row
from digest.management.doctor.marks import check_marks
from digest.management.doctor.provider import NO_REPORTS, is_provider, name_provider
from digest.management.doctor.symptom import Symptom
from digest.models import DailyFigure, Delivery, Edition, ProviderEvent, Source
from digest.watch import clock, heartbeat
from subscribers import forgiving_cache
from subscribers.account.refold import WRONG_KEY, has_other_key

LATE = timedelta(hours=1)  # for a source that is asked when it is due
SKEW = timedelta(seconds=5)
HARMFUL_SKEW = timedelta(minutes=2)
LATELY = timedelta(days=1)
BACKUP_AGE = timedelta(days=2)
# By then a provider has said of some mail of an edition that it was delivered.
REPORTS_WITHIN, REPORT_DAYS = timedelta(hours=1), timedelta(days=7)
MOST_NAMED = 5


def check_database(now: datetime) -> Iterator[Symptom]:
    """Nothing more is looked at where the tables are not there."""
    try:
        pending = MigrationExecutor(connection)
        plan = pending.migration_plan(pending.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Symptom(
            f"The database does not answer: {' '.join(str(error).split())}",
            "Start it, or mend DATABASE_URL.",
            breaks_mail=True,
        )
        return
    if plan:
        yield Symptom(
            f"{len(plan)} migrations are pending: the tables are not those this release works on.",
            "Run: manage.py migrate",
            breaks_mail=True,
        )
        return
    for part in PARTS:
        yield from part(now)


def check_mailbox_key(_now: datetime) -> Iterator[Symptom]:
    if has_other_key():
        found, _, remedy = WRONG_KEY.partition(". ")
        yield Symptom(f"{found}.", remedy, breaks_mail=True)


def check_clock(_now: datetime) -> Iterator[Symptom]:
    """Both clocks as they are now, whatever moment the other looks are for."""
    if connection.vendor == "sqlite":
        return  # it has no clock of its own
    with connection.cursor() as cursor:
        before = datetime.now(UTC)
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    skew = abs(theirs - (before + (datetime.now(UTC) - before) / 2))
    if skew > SKEW:
        yield Symptom(
            "This machine's clock and the database's are "
            f"{skew.total_seconds():.0f} seconds apart.",
            "Let both follow a time server (NTP): claims and leases hang on it.",
            breaks_mail=skew > HARMFUL_SKEW,
        )


def check_clock_step(_now: datetime) -> Iterator[Symptom]:
    state = clock.read_state()
    if state.set_at:
        minutes = int(clock.STANDS_FOR.total_seconds() // 60)
        yield Symptom(
            f"The clock was set {clock.describe_step(state.ahead_by)}. Offprint goes on by its own "
            f"time, and takes the new one over when that has stood for {minutes} minutes.",
            "Put it right where it is wrong; where it is right now: manage.py accept_clock",
        )


def check_staff(_now: datetime) -> Iterator[Symptom]:
    if not get_user_model().objects.filter(is_staff=True, is_active=True).exists():
        yield Symptom("Nobody can sign in to the admin.", "Run: manage.py createsuperuser")


def check_sources(_now: datetime) -> Iterator[Symptom]:
    active = list(Source.objects.filter(is_active=True))
    failing = [s for s in active if s.state == Source.State.FAILING]
    if not active:
        yield Symptom(
            "There is no active source, so no paper ever comes.",
            "Add one: manage.py add_source URL",
            breaks_mail=True,
        )
    for source in failing[:MOST_NAMED]:
        yield Symptom(
            f"{source.title} has failed {count_of(source.failures, 'time')}: {source.last_error}",
            f"Look at {source.url}, then: manage.py ingest --source {source.pk}",
            breaks_mail=len(failing) == len(active),
        )
    for source in [s for s in active if s.state == Source.State.STALE][:MOST_NAMED]:
        yield Symptom(
            f"{source.title} is stale: {source.note}", "Wait a day; then look at its host."
        )
    stopped = Source.objects.filter(state=Source.State.STOPPED, is_active=False)
    for source in stopped[:MOST_NAMED]:
        yield Symptom(
            f"{source.title} was stopped: {source.last_error}",
            "Mend its address in the admin and make it active, or delete it.",
        )


def check_progress(now: datetime) -> Iterator[Symptom]:
    yield from check_heartbeat(now)
    late = Source.objects.filter(is_active=True, next_fetch_at__lt=now - LATE)
    unasked = Source.objects.filter(is_active=True, last_fetched_at=None, next_fetch_at=None)
    if late.exists() or unasked.exists():
        yield Symptom(
            "Sources that are due are not asked: no worker, or no beat, seems to run.",
            "Give them a minute if they have just been started. Else start `celery -A config "
            "worker` and `celery -A config beat`.",
            breaks_mail=True,
        )
    if overdue := audit.count_overdue(now):
        yield Symptom(
            f"Digests are over two hours late, for {count_of(overdue, 'subscriber')}.",
            "Look whether worker and beat run, and what their logs say.",
            breaks_mail=True,
        )


def check_heartbeat(now: datetime) -> Iterator[Symptom]:
    """Without a Redis beat and worker are one process, and this is another one."""
    if not settings.REDIS_URL or forgiving_cache.describe_outage():
        return  # doctor/settings.py has said so
    queues = [queue.name for queue in current_app.conf.task_queues]
    if silent := heartbeat.find_silent(queues, now):
        yield Symptom(
            f"No worker has answered beat's calls to {in_a_row(silent)} in the last three minutes.",
            "Give them a minute if they have just been started. Else start `celery -A config "
            "worker` and `celery -A config beat`, both with this REDIS_URL; where they run, see "
            "what their logs say.",
            breaks_mail=True,
        )


def check_deliveries(now: datetime) -> Iterator[Symptom]:
    with Provider() as provider:
        pause = find_pause(provider.traits.name, now)
    if pause and pause.until > now:
        yield Symptom(
            "The provider asked for a pause, or refused our account, until "
            f"{pause.until:%H:%M} UTC.",
            "See the worker's log; where the account was refused, mend the keys.",
            breaks_mail=True,
        )
    lately = Delivery.objects.filter(edition__date__gte=(now - LATELY).date())
    for status, remedy in (
        (Delivery.Status.FAILED, "The admin's list of deliveries has the provider's words."),
        (Delivery.Status.IN_DOUBT, "Set the provider's webhooks up: its reports settle them."),
    ):
        if count := lately.filter(status=status).count():
            yield Symptom(
                f"Deliveries since yesterday that are {status.label.lower()}: {count}.", remedy
            )


def check_reports(now: datetime) -> Iterator[Symptom]:
    """Whether the provider's webhook was ever heard, once there was something to report."""
    if not is_provider() or name_provider() in NO_REPORTS:
        return
    since = now - REPORT_DAYS
    editions = Edition.objects.filter(date__gte=since.date()).order_by("-date")
    sent = Delivery.objects.filter(edition__in=list(editions), status=Delivery.Status.SENT)
    is_old = sent.filter(sent_at__lt=now - REPORTS_WITHIN).exists()
    if is_old and not ProviderEvent.objects.filter(received_at__gte=since).exists():
        yield Symptom(
            f"{name_provider()} has reported nothing of the mails of the last "
            f"{REPORT_DAYS.days} days: nobody is suppressed by bounces and complaints.",
            "Enter the webhook at your provider, for deliveries, bounces, complaints and "
            f"unsubscriptions: {settings.SITE_URL.replace('://', '://name:password@')}"
            f"/anymail/{name_provider()}/tracking/; then: manage.py doctor --send-to ADDRESS",
            breaks_mail=True,
        )


def check_backup(now: datetime) -> Iterator[Symptom]:
    """By what `manage.py backup` noted; whoever backs up in another way knows better."""
    if settings.SITE_IS_LOCAL:
        return
    made = DailyFigure.objects.filter(name=DailyFigure.Name.BACKUP).order_by("-date").first()
    made_at = datetime.fromtimestamp(made.value, UTC) if made else None
    if made_at and now - made_at <= BACKUP_AGE:
        return
    found = (
        f"The last backup was made on {made_at.day} {made_at:%B %Y}."
        if made_at
        else "manage.py backup was never run."
    )
    yield Symptom(
        found,
        "Run it each night (docs/operate/backup.md), and keep the file and SECRET_KEY on another "
        "machine; ignore this where PostgreSQL is backed up in another way.",
    )


PARTS = (
    check_mailbox_key,
    check_clock,
    check_clock_step,
    check_staff,
    check_sources,
    check_progress,
    check_deliveries,
    check_reports,
    check_backup,
    check_marks,
)
