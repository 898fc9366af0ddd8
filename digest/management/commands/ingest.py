"""manage.py ingest: ask the sources that are due and store what they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from digest.ingest import IngestReport, ingest_due, ingest_source
from digest.management.now_option import add_now, read_now
from digest.models import Source


class Command(BaseCommand):
    help = "Ask the sources that are due, or one of them now, and store their papers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--source", type=int, metavar="N", help="Ask only this one, now, even if it is not due."
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        if options["source"] is None:
            reports = self._ask_due(now)
        else:
            reports = [self._ask_one(options["source"], now)]
        self.stdout.write(_describe_totals(reports) if reports else _nothing_due(now))

    def _ask_one(self, source_id: int, now: datetime) -> IngestReport:
        try:
            report = ingest_source(source_id, now)
        except Source.DoesNotExist as error:
            known = Source.objects.order_by("pk").values_list("pk", "title")
            listed = "; ".join(f"{pk} {title}" for pk, title in known[:20]) or "none"
            raise CommandError(
                f"There is no source {source_id}. The sources are: {listed}."
            ) from error
        self.stdout.write(_describe_report(report))
        return report

    def _ask_due(self, now: datetime) -> list[IngestReport]:
        if not self.stdout.isatty():
            return ingest_due(now, lambda report: self.stdout.write(_describe_report(report)))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(), transient=True) as bar:
            task = bar.add_task("Asking sources", total=Source.objects.due(now).count())

            def show(report: IngestReport) -> None:
                bar.console.print(_describe_report(report), markup=False, highlight=False)
                bar.advance(task)

            return ingest_due(now, show)


def _describe_report(report: IngestReport) -> str:
    return f"{report.title}: {report.state}. {report.sentence}"


def _describe_totals(reports: list[IngestReport]) -> str:
    said = ", ".join(
        (
            _count_of(sum(report.new for report in reports), "new paper", "new papers"),
            _count_of(
                sum(report.updated for report in reports),
                "known paper updated",
                "known papers updated",
            ),
            _count_of(
                sum(report.replacements for report in reports), "replacement", "replacements"
            ),
            _count_of(
                sum(report.skipped for report in reports), "entry left out", "entries left out"
            ),
        )
    )
    asked = sum(report.was_asked for report in reports)
    failing = [report.title for report in reports if report.is_failing]
    sentence = f"Asked {_count_of(asked, 'source', 'sources')}: {said}."
    if failing:
        sentence += f" Failing: {', '.join(failing)}."
    return sentence


def _count_of(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _nothing_due(now: datetime) -> str:
    active = Source.objects.filter(is_active=True)
    if not active.exists():
        return "There is no active source. Add one with: manage.py add_source URL"
    # Nothing is due, so every active source has its next time.
    first = active.order_by("next_fetch_at").first()
    assert first is not None
    assert first.next_fetch_at is not None
    when = f"{first.next_fetch_at:%Y-%m-%d %H:%M} UTC"
    return f"No source is due at {now:%Y-%m-%d %H:%M} UTC; the next is {first.title}, at {when}."
