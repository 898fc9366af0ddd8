"""The `--now` that every command which acts understands, read in one place."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.core.management.base import CommandError, CommandParser

from digest.watch import clock

NOON = time(12)
YEARS = range(1970, 2200)  # every stage reckons some weeks back and forth


def add_now(parser: CommandParser) -> None:
    """Add `--now` to a command; hand what was typed to read_now."""
    parser.add_argument(
        "--now",
        metavar="TIME",
        help="Act as at this moment: ISO 8601. Without a zone it is UTC, a bare date is its noon.",
    )


def read_now(value: str | None) -> datetime:
    """Return the aware UTC moment asked for, or the present; CommandError for what is no time."""
    return clock.read_now_or_wall() if value is None else read_typed_moment(value)


def read_typed_moment(value: str) -> datetime:
    """The moment in UTC; raises CommandError for what is no time."""
    try:
        moment = _read_iso(value.strip())
        if moment.year not in YEARS:
            raise CommandError(f"“{value}” is out of reach: --now goes from 1970 to 2199.")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"“{value}” is not a time: write 2026-04-22 or 2026-04-22T08:30+02:00 after --now."
        ) from error


def _read_iso(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), NOON, UTC)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
