from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from digest.management.carry_over import CannotCarryOver, carry_over, is_from_before


class Command(migrate.Command):
    help = "Bring the database's tables to this release; one made before 0.2.0 keeps its rows."

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        is_only_asked = options["plan"] or options["check_unapplied"]
        if not is_only_asked and is_from_before(connection):
            try:
                carry_over(connection)
            except CannotCarryOver as error:
                raise CommandError(str(error)) from error
            if options["verbosity"]:
                self.stdout.write("Tables and rows made before version 0.2.0 were carried over.")
        super().handle(*args, **options)
