from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from digest.management.carry_over import CannotCarryOver, carry_over, is_from_before
from digest.management.migration_lock import StillMigrating, hold_migration_lock
from digest.management.private_files import close_to_others


class Command(migrate.Command):
    help = (
        "Bring the database's tables to this release, one process at a time; one made before 0.2.0 "
        "keeps its rows."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        try:
            with hold_migration_lock(connection, self.stdout.write):
                self._carry_over(connection, options["verbosity"])
                super().handle(*args, **options)
                close_to_others(settings.VAR_DIR)
        except StillMigrating as error:
            raise CommandError(str(error)) from error

    def _carry_over(self, connection: BaseDatabaseWrapper, verbosity: int) -> None:
        if not is_from_before(connection):
            return
        try:
            carry_over(connection)
        except CannotCarryOver as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self.stdout.write("Tables and rows made before version 0.2.0 were carried over.")
