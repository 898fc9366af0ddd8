"""How a migration adds an index to a table that may be large: nobody who writes has to wait.

PostgreSQL's CREATE INDEX lets nobody write to the table until all of it was read, which is minutes
for tens of millions of deliveries. CONCURRENTLY reads it twice and lets others write meanwhile.
SQLite knows no such thing, and its one writer makes an index in place.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexUnlocked(AddIndexConcurrently):
    """AddIndex for a table that holds rows already, in a migration with `atomic = False`.

    It may be run again after it was cut off: PostgreSQL leaves an index then which is written to
    and never asked, and which is dropped first. Raises NotSupportedError within a transaction on
    PostgreSQL.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        self._ensure_not_in_transaction(schema_editor)
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, *states)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, *states)
