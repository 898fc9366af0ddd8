from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.management.doctor import examine
from digest.management.now_option import add_now, read_now


class Command(BaseCommand):
    help = "Say what is missing for production, and what to do. Exit 1 where it would break mail."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine(read_now(options["now"]))
        for symptom in found:
            weight = "BREAKS MAIL" if symptom.breaks_mail else "Worth a look"
            self.stdout.write(f"{weight}: {symptom.found}\n    {symptom.remedy}")
        breaking = sum(symptom.breaks_mail for symptom in found)
        others = len(found) - breaking
        if breaking:
            said = f"{breaking} thing{'s' * (breaking > 1)} would break mail"
            raise CommandError(f"{said}, {others} more worth a look.")
        self.stdout.write(f"Nothing would break mail; {others or 'nothing'} worth a look.")
