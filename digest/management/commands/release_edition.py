from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.flight.breaker import count_last
from digest.flight.states import release_edition
from digest.management.now_option import add_now, read_now
from digest.models import Delivery, EditionFlight


class Command(BaseCommand):
    help = "Say what holds an edition, and let it go on where it was held."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("date", metavar="DATE", help="The edition's day: 2026-04-22.")
        parser.add_argument("--yes", action="store_true", help="Do not ask whether you mean it.")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now, flight = read_now(options["now"]), find_flight(options["date"])
        if flight is None or flight.state != EditionFlight.State.HELD:
            self.stdout.write(f"The edition of {options['date']} is not held.")
            return
        waiting = Delivery.objects.planned().filter(edition=flight.edition).count()
        self.stdout.write(f"Held since {flight.since:%Y-%m-%d %H:%M} UTC. {flight.reason}")
        self.stdout.write(f"The last mails: {count_last(flight, now).describe()}.")
        if not options["yes"] and not self._confirm(waiting):
            self.stdout.write("It stays held.")
            return
        if not release_edition(flight, "manage.py release_edition", now):
            raise CommandError("Somebody else released it meanwhile, or it was held anew.")
        self.stdout.write(f"Released: {waiting:,} mails wait, and leave as they would have.")

    def _confirm(self, waiting: int) -> bool:
        try:
            said = input(f"Let its {waiting:,} waiting mails leave? [y/N] ")
        except EOFError as error:
            raise CommandError("There is nobody to ask: add --yes to release it.") from error
        return said.strip().lower() in ("y", "yes")


def find_flight(said: str) -> EditionFlight | None:
    """How the edition of that day leaves; None where there is none. CommandError for no day."""
    try:
        day = date.fromisoformat(said)
    except ValueError as error:
        raise CommandError(f"“{said}” is no day: write it like 2026-04-22.") from error
    return EditionFlight.objects.select_related("edition").filter(edition__date=day).first()
