from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rich.console import Console
from rich.progress import Progress

from digest import compose, deliver, english, match
from digest.deliver import audit
from digest.deliver.after_restore import start_check
from digest.management.now_option import add_now, read_now
from digest.models import Delivery
from digest.watch import clock
from subscribers.models import Subscriber

MOST_SHOWN = 50
PATIENCE = timedelta(minutes=1)  # a provider's pause up to so long is waited out


class Command(BaseCommand):
    help = "Compose and deliver every digest that is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", metavar="EMAIL", help="Nobody but this subscriber.")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Show who would get what; write and send nothing.",
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now, only = read_now(options["now"]), options["only"]
        if only is not None:
            only = only.strip().lower()
            self._check_address(only, now)
        if options["dry_run"]:
            self._show_due(now, only)
        else:
            self._send_due(now, only)

    def _check_address(self, email: str, now: datetime) -> None:
        if not email:
            raise CommandError("--only wants an address; without --only everyone due is mailed.")
        subscriber = Subscriber.objects.filter(email=email).first()
        if subscriber is None:
            raise CommandError(
                f"There is no subscriber {email}; manage.py add_subscriber adds one."
            )
        if not subscriber.is_active:
            self.stdout.write(f"{email} is {subscriber.status}, so no digest is due.")
        elif subscriber.next_digest_at and subscriber.next_digest_at > now:
            self.stdout.write(
                f"{email} is next due at {subscriber.next_digest_at:%Y-%m-%d %H:%M} UTC."
            )

    def _send_due(self, now: datetime, only: str | None) -> None:
        start_check.on_start()  # cron starts us anew each time
        deliver.sweep(now)  # where cron calls this command and no beat does
        match.match_papers(now)  # someone may follow a topic since the last match
        left = list(Delivery.objects.planned().values_list("pk", flat=True))
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("Composing", total=Subscriber.objects.due(now).count() or None)
            composed = compose.compose_due(now, only, lambda n: progress.advance(bar, n))
            bar = progress.add_task("Delivering", total=Delivery.objects.planned().count() or None)
            options = deliver.RunOptions(
                patience=PATIENCE,
                progress=lambda n: progress.advance(bar, n),
                keep_going=clock.watch_changes(),
            )
            report = deliver.deliver_planned(now, only, options)
        if report.stopped:
            self.stdout.write(report.stopped)
        counts = _count_statuses([*left, *composed.delivery_ids], only)
        if still := audit.count_open(counts):
            self.stdout.write(f"{still} wait for another try; beat or the next run takes them up.")
        self.stdout.write(audit.format_sum_line(counts))

    def _show_due(self, now: datetime, only: str | None) -> None:
        """Compose inside a transaction that is taken back."""
        with transaction.atomic():
            match.match_papers(now)
            report = compose.compose_due(now, only)
            rows = Delivery.objects.filter(pk__in=report.delivery_ids[:MOST_SHOWN])
            for delivery in rows.select_related("subscriber", "edition").order_by("pk"):
                self.stdout.write(f"{delivery}: {_in_words(delivery)}")
            transaction.set_rollback(True)
        if (more := len(report.delivery_ids) - MOST_SHOWN) > 0:
            self.stdout.write(f"… and {more} more")
        quiet = sum(report.quiet.values())
        self.stdout.write(
            f"Nothing was sent. {report.planned} would get a mail, {quiet} a quiet day, "
            f"{report.suppressed} may not be mailed."
        )


def _count_statuses(delivery_ids: list[int], only: str | None) -> Counter[str]:
    """The statuses of all that this run composed, and of what was left from before."""
    counts: Counter[str] = Counter()
    for i in range(0, len(delivery_ids), 500):
        rows = Delivery.objects.filter(pk__in=delivery_ids[i : i + 500])
        if only:
            rows = rows.filter(subscriber__email=only)
        counts.update(rows.values_list("status", flat=True))
    return counts


def _in_words(delivery: Delivery) -> str:
    if delivery.quiet_reason:
        return f"quiet, {delivery.get_quiet_reason_display()}"
    if delivery.status == Delivery.Status.SUPPRESSED:
        return "suppressed"
    return english.count_of(len(delivery.digest.papers), "paper")
