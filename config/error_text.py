"""What a person is told where a command finds settings, or a database, that cannot work; and what
the log says of an error."""

from __future__ import annotations

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor


def describe_error(error: Exception) -> str:
    """The sentence for an error of the surroundings; empty where the fault is ours."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error as unreachable:
        return describe_unreachable(unreachable)
    if missing:
        return (
            f"The database lacks {missing} migration{'s' if missing > 1 else ''}: "
            "run `python manage.py migrate` first."
        )
    return describe_unreachable(error) if isinstance(error, OperationalError) else ""


def describe_unreachable(error: Exception) -> str:
    """What is wrong where the database does not answer, and which setting to look at."""
    said = " ".join(str(error).split())
    return f"The database does not answer: {said}\nLook at DATABASE_URL."


class DropTraceback(logging.Filter):
    """Leaves of an error its one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True
