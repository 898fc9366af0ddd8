from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.deliver import audit
from digest.english import count_of
from digest.high_water.hold import find_hold
from digest.management.now_option import add_now, read_now


class Command(BaseCommand):
    help = "Show what became of every delivery, and check the promises. Exit 1 where one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        self._show_sums()
        findings = audit.audit(now)
        for finding in findings:
            verdict = f"BROKEN: {finding.broken}" if finding.broken else "holds"
            self.stdout.write(f"{finding.promise}: {verdict}")
        if late := audit.count_overdue(now):
            readers = count_of(late, "subscriber")
            self.stdout.write(f"Note: over two hours late, for {readers}: is beat running?")
        if hold := find_hold():
            self.stdout.write(f"Note: {hold}")
        broken = sum(bool(finding.broken) for finding in findings)
        if broken:
            raise CommandError(f"{broken} of {len(findings)} promises are broken.")
        self.stdout.write(f"All {len(findings)} promises hold.")

    def _show_sums(self) -> None:
        sums = audit.count_by_edition()
        for day, counts in reversed(sums.items()):
            still = audit.count_open(counts)
            waiting = f" ({still} not decided yet)" if still else ""
            self.stdout.write(f"{day}: {audit.format_sum_line(counts)}{waiting}")
        if not sums:
            self.stdout.write("No edition yet.")
