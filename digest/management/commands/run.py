"""The whole service in one process, ready to look at: `make run`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from rich.console import Console
from rich.markup import escape

from digest import ingest
from digest.deliver.after_restore import start_check
from digest.management import first_run
from digest.management.embedded import CannotListen, Embedded, listen
from digest.management.sample import load
from digest.match.warm_up import start_warm_up
from digest.memory import limit_arenas, release_memory
from digest.models import Delivery, Paper, Source
from digest.web.warm_pages import start_keeping_warm
from subscribers.mail.mail_connection import keeps_mail_here
from subscribers.models import AS_TYPED

LOCAL_HOSTS = {"127.0.0.1", "localhost", "0.0.0.0", "::1", "::"}
BROKER_SECONDS = 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    help = (
        "Everything in one process: prepares the database, brings in papers, sends a demo reader "
        "a digest, then runs worker, beat and the web server until Ctrl-C."
    )
    # Made once the port is ours: from Django 6.1 on they open the database.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--once", action="store_true", help="Stop when all is ready, instead of serving."
        )
        parser.add_argument("--skip-checks", action="store_true", help="Skip system checks.")

    def handle(self, *_: Any, **options: Any) -> None:
        self.console = Console(soft_wrap=True, highlight=False)
        self.stuck: list[str] = []
        self.skips_checks: bool = options["skip_checks"]
        for number in STOP_SIGNALS:
            signal.signal(number, _stop_once)
        try:
            self._run_service(options["host"], options["port"], options["once"])
        except KeyboardInterrupt:
            self.console.print("Stopped. Everything done so far is kept.")
            self._exit_despite_stuck()

    def _run_service(self, host: str, port: int, once: bool) -> None:
        limit_arenas()
        try:
            listener = listen(host, port)
        except CannotListen as error:
            raise CommandError(str(error)) from error
        port = listener.getsockname()[1]  # for port 0 the system chose one
        address = f"http://{'localhost' if host in LOCAL_HOSTS else host}:{port}"
        _lead_links_to(address)
        if not self.skips_checks:
            self.check()
        self._prepare_database()
        self._check_broker()
        self._bring_in_papers()
        password = first_run.make_admin()
        start_check.on_start()
        embedded = Embedded(current_app, listener)
        try:
            with embedded:
                self._send_first_digest()
                self._show_addresses(address, password)
                if not once:
                    release_memory()  # of the first run's sample and digest
                    start_warm_up(timezone.now())
                    start_keeping_warm()
                    self.console.print("\nWorker, beat and web server run. Ctrl-C stops them.")
                    embedded.wait()
                    raise CommandError("A part of the service ended by itself; see above.")
        finally:
            self.stuck = embedded.stuck

    def _prepare_database(self) -> None:
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        try:
            executor = MigrationExecutor(connection)
            steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
            with self.console.status("Preparing the database"), first_run.prepare_alone():
                call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(
                f"The database does not answer: {error}\nLook at DATABASE_URL. "
                "Without it, everything is kept in a file on this machine."
            ) from error
        done = f"{len(steps)} migrations applied" if steps else "up to date"
        self._print_line("Database", f"{connection.display_name}, {done}")

    def _check_broker(self) -> None:
        with current_app.connection_for_write() as broker:
            try:
                broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
            except BrokerError as error:
                raise CommandError(
                    f"Redis does not answer: {error}\nLook at REDIS_URL. "
                    "Without it, wake-up calls stay inside this process."
                ) from error

    def _bring_in_papers(self) -> None:
        if count := Paper.objects.count():
            self._print_line("Papers", f"{count}, kept from earlier runs")
            return
        with self.console.status("Asking whether Hugging Face and arXiv can be reached"):
            live = first_run.find_live_sources()
        if any(live.values()):
            self._ask_sources()
        if not Paper.objects.exists():
            self._load_sample(any(live.values()))

    def _ask_sources(self) -> None:
        """All of them, also those that an interrupted run had begun to ask."""
        for source in Source.objects.filter(is_active=True):
            with self.console.status(f"Asking {escape(source.title)}"):
                report = ingest.ingest_source(source.pk, timezone.now())
            self._print_line("Source", f"{report.title}: {report.sentence}")
        self._print_line("Papers", f"{Paper.objects.count()} from the live sources")

    def _load_sample(self, answered: bool) -> None:
        why = "had nothing to give" if answered else "cannot be reached from here"
        with self.console.status("Bringing in the sample"):
            load.load_sample(timezone.now())
        days = Paper.objects.datetimes("news_at", "day").count()
        self._print_line(
            "Papers",
            f"{Paper.objects.count()} made-up ones from {days} days, the sample that comes with "
            f"Offprint: the live sources {why}",
        )

    def _send_first_digest(self) -> None:
        subscriber = first_run.sign_up_demo_subscriber(timezone.now())
        if subscriber is None or first_run.has_digest(subscriber):
            return
        topics = subscriber.interests.follows().values_list(AS_TYPED, flat=True)
        self._print_line("Reader", f"{subscriber.email} follows {', '.join(topics)}")
        with self.console.status("The worker is sending the first digest"):
            delivery = first_run.send_digest(subscriber)
        self._print_line("Digest", _describe_delivery(delivery))

    def _show_addresses(self, address: str, password: str | None) -> None:
        self.console.print()
        self._print_line("Site", f"{address}/")
        if keeps_mail_here():
            self._print_line("Outbox", f"{address}/outbox/")
        self._print_line("Admin", f"{address}/admin/")
        if password:
            self._print_line(
                "", f"user {first_run.ADMIN}, password {password} (shown only this once)"
            )
        else:
            program = Path(sys.executable)
            self._print_line("", f"a forgotten password: {program} manage.py changepassword NAME")

    def _print_line(self, what: str, words: str) -> None:
        self.console.print(f"  [bold]{what:<9}[/]{escape(words)}")

    def _exit_despite_stuck(self) -> None:
        if self.stuck:
            names = " and ".join(self.stuck)
            self.console.print(f"Still busy and cut off: {names}. The next run takes up the work.")
            sys.stdout.flush()
            # The ordinary way out would wait for them.
            os._exit(0)


def _stop_once(*_: Any) -> None:
    """Unwind once, however often Ctrl-C is pressed."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _lead_links_to(address: str) -> None:
    """Make the links in mails lead to where this run answers, unless SITE_URL is set."""
    if "SITE_URL" not in os.environ:
        settings.SITE_URL = address
        settings.CSRF_TRUSTED_ORIGINS = [address]


def _describe_delivery(delivery: Delivery | None) -> str:
    if delivery is None:
        return "not sent yet; the worker goes on trying, and the log says why"
    if delivery.status == Delivery.Status.SENT:
        return f"sent, with {len(delivery.digest.papers)} papers"
    reason = delivery.get_quiet_reason_display() if delivery.quiet_reason else delivery.error
    return f"{delivery.get_status_display()}: {reason}"
