from argparse import ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from digest.management.doctor import examine
from digest.management.doctor.trial import WAIT_SECONDS, send_trial
from digest.management.now_option import add_now, read_now

MOST_SECONDS = 3600  # reports are kept so long


class Command(BaseCommand):
    help = "Say what is missing for production, and what to do. Exit 1 where it would break mail."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)
        parser.add_argument(
            "--send-to",
            metavar="ADDRESS",
            help="send a test mail there, and wait for what the provider reports of it",
        )
        parser.add_argument(
            "--offline",
            action="store_true",
            help="ask neither name servers nor the site itself",
        )
        parser.add_argument(
            "--wait",
            type=read_seconds,
            default=WAIT_SECONDS,
            metavar="SECONDS",
            help=f"how long to wait for that report (default {WAIT_SECONDS})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine(read_now(options["now"]), asks_outside=not options["offline"])
        for symptom in found:
            weight = "BREAKS MAIL" if symptom.breaks_mail else "Worth a look"
            self.stdout.write(f"{weight}: {symptom.found}\n    {symptom.remedy}")
        if options["send_to"]:
            self._send_trial(options["send_to"], options["wait"])
        breaking = sum(symptom.breaks_mail for symptom in found)
        others = len(found) - breaking
        if breaking:
            said = f"{breaking} thing{'s' * (breaking > 1)} would break mail"
            raise CommandError(f"{said}, {others} more worth a look.")
        self.stdout.write(f"Nothing would break mail; {others or 'nothing'} worth a look.")

    def _send_trial(self, address: str, wait_seconds: float) -> None:
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError(
                f"--send-to: “{address}” is no address: write one like you@example.org."
            ) from error
        trial = send_trial(address, wait_seconds)
        if not trial.is_good:
            raise CommandError(trial.said)
        self.stdout.write(trial.said)


def read_seconds(said: str) -> int:
    if not (said.isascii() and said.isdigit() and int(said) <= MOST_SECONDS):
        raise ArgumentTypeError(
            f"“{said}” is no number of seconds from 0 to {MOST_SECONDS}: write 120."
        )
    return int(said)
