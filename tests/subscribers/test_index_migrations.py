"""A migration that adds an index to a table with rows keeps nobody from writing to it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import NotSupportedError, connection, models, transaction
from django.db.migrations import AddConstraint, AddField, AddIndex, AlterField, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from digest.models import Delivery
from subscribers.index_migrations import AddIndexUnlocked

# The last migrations of releases whose tables nobody had filled yet.
EARLIER = {"digest": 28, "subscribers": 21}
# A handful of rows each: an index on these is there at once.
SMALL = {"source", "edition", "webhook", "listimport", "passkey", "managementtoken", "sitelook"}


def indexes_what_is_stored(operation: Operation, before: ProjectState, app: str) -> bool:
    """Whether PostgreSQL would read a whole table for it while nobody may write to it."""
    if isinstance(operation, AddIndexUnlocked):
        return False
    name = getattr(operation, "model_name", "").lower()
    if name in SMALL or (app, name) not in before.models:
        return False
    if isinstance(operation, AddConstraint):
        return isinstance(operation.constraint, models.UniqueConstraint)
    if isinstance(operation, AddField):
        return is_indexed(operation.field)
    if isinstance(operation, AlterField):
        then = before.models[app, name].fields[operation.name]
        return is_indexed(operation.field) and not is_indexed(then)
    return isinstance(operation, AddIndex)


def is_indexed(field: models.Field[object, object]) -> bool:
    return not field.many_to_many and bool(field.unique or field.db_index)


def list_locking_operations(app: str) -> Iterator[str]:
    """One after the other, those of new migrations upon tables that an earlier one made."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for key in sorted(key for key in loader.disk_migrations if key[0] == app):
        if int(key[1][:4]) > EARLIER[app]:
            before = loader.project_state(key, at_end=False)
            for operation in loader.disk_migrations[key].operations:
                if indexes_what_is_stored(operation, before, app):
                    yield f"{key[1]}: {operation.describe()}"


@pytest.mark.parametrize("app", sorted(EARLIER))
def test_no_migration_from_now_on_locks_a_large_table_for_an_index(app: str) -> None:
    assert not list(list_locking_operations(app)), "see subscribers/index_migrations.py"


def test_what_would_lock_a_table_is_noticed() -> None:
    before = MigrationLoader(None, ignore_no_migrations=True).project_state()
    number: models.Field[object, object] = models.IntegerField(db_index=True)
    plain: models.Field[object, object] = models.IntegerField()
    index = models.Index(fields=["status"], name="found")
    unique = models.UniqueConstraint(fields=["status"], name="found")
    locking = [
        AddIndex("Delivery", index),
        AddField("delivery", "number", number),
        AddConstraint("delivery", unique),
        AlterField("delivery", "attempts", number),
    ]
    assert all(indexes_what_is_stored(one, before, "digest") for one in locking)
    harmless = [
        AddIndexUnlocked("delivery", index),
        AddIndex("source", index),
        AddIndex("new", index),
        AddField("delivery", "number", plain),
        AlterField("delivery", "key", models.UUIDField(unique=True, verbose_name="key")),
        CreateModel("new", [("number", number)]),
    ]
    assert not any(indexes_what_is_stored(one, before, "digest") for one in harmless)


def list_indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Delivery._meta.db_table))


def run_0029(*, is_forwards: bool = True) -> list[str]:
    """Only what it does to the database; the statements that it made."""
    migration = import_module("digest.migrations.0029_delivery_unusual").Migration("0029", "digest")
    loader = MigrationLoader(None, ignore_no_migrations=True)
    before = loader.project_state(("digest", "0029_delivery_unusual"), at_end=False)
    run = migration.apply if is_forwards else migration.unapply
    editor = connection.schema_editor(atomic=migration.atomic)
    with CaptureQueriesContext(connection) as queries, editor:
        run(before, editor)
    return [query["sql"] for query in queries]


@pytest.mark.django_db(transaction=True)
def test_the_index_is_made_and_dropped_again_on_both_databases() -> None:
    run_0029(is_forwards=False)
    assert "delivery_unusual" not in list_indexes()
    said = run_0029()
    assert "delivery_unusual" in list_indexes()
    is_concurrent = any(sql.startswith("CREATE INDEX CONCURRENTLY") for sql in said)
    assert is_concurrent == (connection.vendor == "postgresql")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_build_that_was_cut_off_is_made_anew() -> None:
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'delivery_unusual'::regclass"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'delivery_unusual'::regclass"
        )
        run_0029()
        cursor.execute(valid)
        assert cursor.fetchone() == (True,)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_it_is_refused_before_anything_is_dropped() -> None:
    with pytest.raises(NotSupportedError), transaction.atomic():
        run_0029()
    assert "delivery_unusual" in list_indexes()
