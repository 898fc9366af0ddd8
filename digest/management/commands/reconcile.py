from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from digest.deliver.after_restore.reconcile import (
    Settled,
    UnknownSenders,
    reconcile_by_date,
    reconcile_with_provider,
)
from digest.deliver.provider.message_search import CannotTell
from digest.english import count_of
from digest.high_water.hold import Hold, find_hold
from digest.high_water.leavings import unsubscribe_again
from digest.high_water.senders import note_sender, read_typed_sender
from digest.management.now_option import add_now, read_now

Act = Callable[[Callable[[int], None]], Settled]


class Command(BaseCommand):
    help = "After a backup came back: settle what was mailed since it was made, and go on mailing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sent-until",
            metavar="TIME",
            help="Do not ask the provider: all that was due until then was sent, on your word.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Show what would be settled; change nothing."
        )
        for option, what in (
            ("--our-sender", "a sender of digests"),
            ("--other-sender", "not ours"),
        ):
            parser.add_argument(
                option,
                metavar="ADDRESS",
                action="append",
                default=[],
                help=f"Mail from this address is {what}; remembered. May be said several times.",
            )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now, hold = read_now(options["now"]), find_hold()
        self._said = read_senders_said(options["our_sender"], options["other_sender"])
        if hold is None:
            self.stdout.write("Nothing is held: the database knows of all that was mailed.")
            if self._said and not options["dry_run"]:
                self._note_senders()
                self.stdout.write("What you say of senders is remembered.")
            return
        act: Act = partial(_settle_with_provider, hold, now)
        if options["sent_until"] is not None:
            act = partial(_settle_by_date, read_moment(options["sent_until"], now), now)
        if options["dry_run"]:
            with transaction.atomic():
                settled, left = self._show_progress(act, now)
                transaction.set_rollback(True)
        else:
            # Chunk by chunk: what was settled stays, and the hold ends with the last of them.
            settled, left = self._show_progress(act, now)
        self._say_settled(settled, hold)
        if left:
            self.stdout.write(f"{count_of(left, 'subscriber')} left since, and left again now.")
        self.stdout.write(
            "Nothing was changed: that was a dry run."
            if options["dry_run"]
            else "The hold is over."
        )

    def _show_progress(self, act: Act, now: datetime) -> tuple[Settled, int]:
        """What was settled, and how many were unsubscribed again."""
        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("Settling"), MofNCompleteColumn())
        with Progress(
            *columns,
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress:
            bar = progress.add_task("Settling", total=None)
            try:
                # First of all: whoever left is due nothing of what follows.
                left = unsubscribe_again(now, lambda done: progress.advance(bar, done))
                self._note_senders()
                return act(lambda done: progress.advance(bar, done)), left
            except CannotTell as error:
                raise CommandError(
                    f"The provider cannot tell what was mailed: {error} Where that stays so, say "
                    "until when mail left, by your own knowledge: "
                    "manage.py reconcile --sent-until 2026-11-27T14:00"
                ) from error
            except UnknownSenders as error:
                raise CommandError(_ask_whose(error.counts)) from error

    def _note_senders(self) -> None:
        for address, is_ours in self._said.items():
            note_sender(address, is_ours=is_ours)

    def _say_settled(self, settled: Settled, hold: Hold) -> None:
        since = f"{hold.known_until:%Y-%m-%d %H:%M} UTC" if hold.known_until else "the backup"
        self.stdout.write(
            f"Mailed since {since}: {count_of(settled.sent, 'digest')}, of which {settled.known} "
            f"were planned in the backup and {settled.lost} are in no row of it: what papers those "
            "held is not known, and those that come in again are sent again."
        )
        if settled.strangers:
            self.stdout.write(
                f"{count_of(settled.strangers, 'digest')} went to addresses that are not in the "
                "backup: whoever signed up since must do so again."
            )
        if settled.waiting:
            self.stdout.write(
                f"{count_of(settled.waiting, 'digest')} of the backup left nothing behind: "
                "they are sent now."
            )


def _ask_whose(counts: Counter[str]) -> str:
    named = ", ".join(f"{sender} ({count_of(n, 'mail')})" for sender, n in counts.most_common())
    [(sender, _unused)] = counts.most_common(1)
    return (
        f"By the same account readers were mailed from addresses that nobody knows: {named}. "
        "Digests may be among them, as where DEFAULT_FROM_EMAIL was another then. The hold stays "
        f"until you say of each whose it is: manage.py reconcile --our-sender {sender} where "
        f"digests came from it, or --other-sender {sender} where it is another service's."
    )


def _settle_with_provider(hold: Hold, now: datetime, progress: Callable[[int], None]) -> Settled:
    return reconcile_with_provider(hold, now, progress)


def _settle_by_date(
    sent_until: datetime, now: datetime, progress: Callable[[int], None]
) -> Settled:
    return reconcile_by_date(sent_until, now, progress)


def read_senders_said(ours: Sequence[str], others: Sequence[str]) -> dict[str, bool]:
    """Of each address whether it is ours; CommandError for no address, and for both of one."""
    said: dict[str, bool] = {}
    for typed, is_ours in [*((one, True) for one in ours), *((one, False) for one in others)]:
        try:
            address = read_typed_sender(typed)
        except ValueError as error:
            raise CommandError(
                f"“{typed[:300]}” is no address of a sender: type one such as news@example.org."
            ) from error
        if said.setdefault(address, is_ours) != is_ours:
            raise CommandError(f"{address} is said to be ours and not ours: say one of both.")
    return said


def read_moment(said: str, now: datetime) -> datetime:
    """What was typed after --sent-until; CommandError for no time, or one that is still to come."""
    try:
        moment = read_now(said)
    except CommandError as error:
        raise CommandError(str(error).replace("--now", "--sent-until")) from error
    if moment > now:
        raise CommandError(f"“{said}” is still to come: nobody knows what will have been sent.")
    return moment
