import urllib.error
import urllib.request
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.management import rehearsal, rehearsal_profiles
from digest.management.sample.load import Replay
from digest.models import Delivery
from subscribers.mail.mail_connection import keeps_mail_here
from subscribers.models import Subscriber

TELL_SECONDS = 30
DAYS = 12
# The sample's working week, the weekend after it, and the Monday on which weekly readers hear.
SAMPLE_FIRST, SAMPLE_WEEK, SAMPLE_DAYS = date(2026, 4, 20), 5, 8


class Command(BaseCommand):
    help = (
        "Live through some days for twenty readers of different taste, in a database of their own: "
        "print who got what on which day, or why nothing, and check the promises. Without --first "
        "these are the bundled sample's days, and no source is asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--first",
            metavar="DAY",
            help="The first day, such as 2026-04-17: then the sources are asked, as they are set.",
        )
        parser.add_argument(
            "--days",
            type=int,
            metavar="N",
            help=f"How many; {DAYS}, and {SAMPLE_DAYS} of the sample.",
        )
        parser.add_argument(
            "--tell",
            metavar="URL",
            help="Post to this address before each day, {day} put in: a source that replays.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, url = options["first"], options["tell"]
        _check_tell(url, first)
        days = max(1, options["days"] or (DAYS if first else SAMPLE_DAYS))
        moments = rehearsal.list_moments(_read_day(first) if first else SAMPLE_FIRST, days)
        _refuse_a_database_in_use()
        bring_in = None if first else _replay_sample(moments).bring_in
        profiles = rehearsal_profiles.sign_up_profiles(moments[0])
        for now in moments:
            if url:
                _post_to(url.replace("{day}", f"{now:%Y-%m-%d}"))
            rehearsal.live_through(now, bring_in)
        self._print_report(profiles, [now.date() for now in moments])

    def _print_report(self, profiles: rehearsal.Profiles, days: list[date]) -> None:
        deliveries, outbox = rehearsal.read_deliveries(), Path(settings.OUTBOX_DIR)
        self.stdout.write(
            f"{rehearsal.make_table(profiles, days, deliveries)}\n\n{rehearsal.LEGEND}"
        )
        broken = list(rehearsal.find_faults(profiles, days, deliveries, outbox))
        for fault in broken:
            self.stderr.write(fault)
        sent = sum(delivery.status == Delivery.Status.SENT for delivery in deliveries.values())
        said = f"{len(profiles)} readers, {len(days)} days, {sent} mails, in {outbox}."
        if broken:
            raise CommandError(f"{said} {len(broken)} broken promises, see above.")
        self.stdout.write(
            f"{said} No paper came twice, no day is without a reason, no subject came twice."
        )


def _check_tell(url: str | None, first: str | None) -> None:
    if url and not first:
        raise CommandError("The bundled sample asks no source, so --tell needs --first as well.")
    if url and "{day}" not in url:
        raise CommandError(
            f"“{url}” does not say where the day goes: write {{day}} in its place, "
            "such as http://127.0.0.1:9000/clock?day={day}."
        )


def _replay_sample(moments: list[datetime]) -> Replay:
    last = moments[0] + timedelta(days=SAMPLE_WEEK - 1)
    return Replay(last, max(last, moments[-1]))


def _read_day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise CommandError(f"“{typed}” is not a day: write it as 2026-04-17.") from error


def _refuse_a_database_in_use() -> None:
    if not keeps_mail_here():
        raise CommandError("A rehearsal mails nobody: take EMAIL_URL and ANYMAIL_PROVIDER away.")
    if Subscriber.objects.exists() or Delivery.objects.exists():
        raise CommandError(
            "This database has subscribers of its own. `make rehearse` takes an empty one; "
            "by hand, set VAR_DIR to an empty folder and run manage.py migrate first."
        )


def _post_to(url: str) -> None:
    try:
        request = urllib.request.Request(url, method="POST")  # an admin's own address
        urllib.request.urlopen(request, timeout=TELL_SECONDS).close()
    except (OSError, ValueError) as error:
        raise CommandError(f"{url} could not be told of the day: {error}.") from error
