"""A database made before version 0.2.0, brought to today's tables by `manage.py migrate`.

Its nineteen migrations have become one for each app. What the tables lacked then is added here, and
what was written in another shape is written anew; then the new migrations count as applied.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from digest.models import Delivery, HostTurn, ProviderPause, SentBreakout
from subscribers.models import Confirmation, Subscriber

_DIGEST_BEFORE = (
    "0003_encore 0004_replies 0005_merger 0006_delivery_provider 0007_delivery_call"
    " 0008_feedback_moves 0009_feedback_outlives_papers 0010_feedback_titles 0011_matched_index"
)
_SUBSCRIBERS_BEFORE = (
    "0002_wants_everywhere 0003_leanings 0004_acronyms 0005_links_and_mailboxes 0006_anchors"
    " 0007_letters 0008_former_addresses"
)
LAST_BEFORE = {("digest", "0011_matched_index"), ("subscribers", "0008_former_addresses")}
BEFORE = {
    *(("digest", name) for name in _DIGEST_BEFORE.split()),
    *(("subscribers", name) for name in _SUBSCRIBERS_BEFORE.split()),
}
# What its tables are brought to; later migrations are then applied as to any database.
TODAY = {
    ("digest", "0001_initial"),
    ("digest", "0002_default_sources"),
    ("subscribers", "0001_initial"),
}
OLD_PAUSE = "provider"  # the provider's pause stood among the hosts of sources
OLD_BREAKOUTS = "digest_encore"

Row = tuple[int, str, str]  # subscriber id, wishes and letters as JSON


class CannotCarryOver(Exception):
    """The database stands between two development versions; the message says what to do."""


def is_from_before(connection: BaseDatabaseWrapper) -> bool:
    """Whether migrations of ours are applied that are no longer there."""
    return bool(_applied_before(connection) & BEFORE)


def carry_over(connection: BaseDatabaseWrapper) -> None:
    """Bring the tables and rows to today's shape, all of it or nothing.

    Raises CannotCarryOver for a database that was not at the last migration before 0.2.0.
    """
    applied = _applied_before(connection)
    if {max(row for row in applied if row[0] == app) for app, _ in applied} != LAST_BEFORE:
        raise CannotCarryOver(
            "This database was made by a development version of Offprint and stands halfway. "
            "Move it away (the folder var/, or the database that DATABASE_URL names) and start "
            "anew, or run `manage.py migrate` once with the last commit before version 0.2.0."
        )
    with connection.schema_editor() as editor:
        rows = _read_wishes(connection)
        _change_tables(editor)
        for pk, wishes, letters in rows:
            _write_wishes(pk, json.loads(wishes), json.loads(letters))
        _move_provider_pause()
        _move_breakouts(connection)
        _record_migrations(connection)


def _applied_before(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {(app, name) for app, name in applied if app in ("digest", "subscribers")}


def _read_wishes(connection: BaseDatabaseWrapper) -> list[Row]:
    """Those who asked for something that is not confirmed yet, with columns of the old table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, CAST(wishes AS text), CAST(letters AS text) FROM subscribers_subscriber"
        )
        return [row for row in cursor.fetchall() if row[1:] != ("{}", "{}")]


def _change_tables(editor: BaseDatabaseSchemaEditor) -> None:
    """All tables before any row: PostgreSQL alters no table that has rows to be checked."""
    editor.create_model(Confirmation)
    editor.create_model(ProviderPause)
    editor.create_model(SentBreakout)
    editor.execute("ALTER TABLE subscribers_subscriber DROP COLUMN letters")
    editor.add_field(Subscriber, Subscriber._meta.get_field("wish_asked_at"))
    for index in Subscriber._meta.indexes:
        if index.name == "subscriber_wish_asked":
            editor.add_index(Subscriber, index)
    for constraint in Subscriber._meta.constraints:
        if constraint.name == "subscriber_who_waits_has_a_wish":
            editor.add_constraint(Subscriber, constraint)


def _write_wishes(pk: int, wishes: dict[str, Any], letters: dict[str, dict[str, Any]]) -> None:
    asked_at = _take_date(wishes)
    Subscriber.objects.filter(pk=pk).update(wishes=wishes, wish_asked_at=asked_at)
    for sent_at, wish in letters.items():
        _take_date(wish)
        if wish:
            moment = datetime.fromisoformat(sent_at)
            Confirmation.objects.create(subscriber_id=pk, sent_at=moment, wish=wish)


def _take_date(wish: dict[str, Any]) -> datetime | None:
    """Take out when it was asked for; the rest is the wish."""
    asked_at = wish.pop("asked_at", None)
    return datetime.fromisoformat(asked_at) if asked_at else None


def _move_provider_pause() -> None:
    """The pause was that of the account to which the last call went."""
    turn = HostTurn.objects.filter(host=OLD_PAUSE).first()
    # One column alone: others are added by the migrations that follow.
    named = Delivery.objects.exclude(provider="").order_by("-claimed_at", "-pk")
    provider = named.values_list("provider", flat=True).first()
    if turn and provider:
        paused_at = min(timezone.now(), turn.free_at)
        ProviderPause.objects.create(provider=provider, paused_at=paused_at, until=turn.free_at)
    HostTurn.objects.filter(host=OLD_PAUSE).delete()


def _move_breakouts(connection: BaseDatabaseWrapper) -> None:
    """What broke out and was sent again had a table of another name."""
    table = SentBreakout._meta.db_table
    columns = "subscriber_id, paper_id, delivery_id"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {OLD_BREAKOUTS}")
        cursor.execute(f"DROP TABLE {OLD_BREAKOUTS}")


def _record_migrations(connection: BaseDatabaseWrapper) -> None:
    recorder = MigrationRecorder(connection)
    for app, name in _applied_before(connection):
        recorder.record_unapplied(app, name)
    for app, name in sorted(TODAY):
        recorder.record_applied(app, name)
