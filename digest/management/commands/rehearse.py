import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.management import rehearsal, tastes
from digest.models import Delivery
from subscribers.models import Subscriber

TELL_SECONDS = 30


class Command(BaseCommand):
    help = (
        "Live through some days for twenty readers of different taste, in a database of their own: "
        "print who got what on which day, or why nothing, and check the promises."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--first", required=True, metavar="DAY", help="The first day, such as 2026-04-17."
        )
        parser.add_argument("--days", type=int, default=12, metavar="N", help="How many; 12.")
        parser.add_argument(
            "--tell",
            metavar="URL",
            help="Post to this address before each day, {day} put in: a source that replays.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        moments = rehearsal.moments(_read_day(options["first"]), max(1, options["days"]))
        _refuse_a_database_in_use()
        readers = tastes.sign_up(moments[0])
        for now in moments:
            if options["tell"]:
                _tell(options["tell"].replace("{day}", f"{now:%Y-%m-%d}"))
            rehearsal.live_through(now)
        self._report(readers, [now.date() for now in moments])

    def _report(self, readers: dict[int, tastes.Taste], days: list[date]) -> None:
        found, outbox = rehearsal.read_deliveries(), Path(settings.OUTBOX_DIR)
        self.stdout.write(f"{rehearsal.table(readers, days, found)}\n\n{rehearsal.LEGEND}")
        broken = list(rehearsal.faults(readers, days, found, outbox))
        for fault in broken:
            self.stderr.write(fault)
        sent = sum(delivery.status == Delivery.Status.SENT for delivery in found.values())
        said = f"{len(readers)} readers, {len(days)} days, {sent} mails, in {outbox}."
        if broken:
            raise CommandError(f"{said} {len(broken)} broken promises, see above.")
        self.stdout.write(
            f"{said} No paper came twice, no day is without a reason, no subject came twice."
        )


def _read_day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise CommandError(f"“{typed}” is not a day: write it as 2026-04-17.") from error


def _refuse_a_database_in_use() -> None:
    if settings.EMAIL_BACKEND != settings.OUTBOX_BACKEND:
        raise CommandError("A rehearsal mails nobody: take EMAIL_URL and ANYMAIL_PROVIDER away.")
    if Subscriber.objects.exists() or Delivery.objects.exists():
        raise CommandError(
            "This database has subscribers of its own. `make rehearse` takes an empty one; "
            "by hand, set VAR_DIR to an empty folder and run manage.py migrate first."
        )


def _tell(url: str) -> None:
    try:
        request = urllib.request.Request(url, method="POST")  # an admin's own address
        urllib.request.urlopen(request, timeout=TELL_SECONDS).close()
    except (OSError, ValueError) as error:
        raise CommandError(f"{url} could not be told of the day: {error}.") from error
