"""For health checks: exit 0 while workers answer beat's calls, and 1 with a sentence when not."""

from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from digest.english import in_a_row
from digest.watch import heartbeat
from subscribers import forgiving_cache


class Command(BaseCommand):
    help = (
        "Exit 0 where workers have answered beat's calls to these queues in the last three "
        "minutes, else 1: a health check that notices tasks which hang."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        names = [queue.name for queue in current_app.conf.task_queues]
        parser.add_argument(
            "queues",
            nargs="*",
            choices=[*names, []],
            help=f"Of {', '.join(names)}; by default all.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REDIS_URL:
            raise CommandError("Without a REDIS_URL all is one process, and nothing tells of it.")
        if outage := forgiving_cache.describe_outage():
            raise CommandError(f"Redis does not answer: {outage}")
        queues = options["queues"] or [queue.name for queue in current_app.conf.task_queues]
        if silent := heartbeat.find_silent(queues, timezone.now()):
            raise CommandError(
                f"No worker has answered beat's calls to {in_a_row(silent)} in the last "
                "three minutes: see whether beat and these workers run, and what their logs say."
            )
        self.stdout.write(f"Workers answer for {in_a_row(queues)}.")
