"""One number that changes with everything that the public pages show.

The database itself keeps it, by triggers on the tables that are shown (page_triggers.py), so that
no writer can forget it: not the stages, the admin, a command, COPY, or somebody at psql. Whoever
keeps a page asks for the number before making it, and uses the page only while it is the same.
"""

from __future__ import annotations

from django.db import connection, models


class PageVersion(models.Model):
    """A random number that is replaced when something shown has changed.

    SQLite has one row. PostgreSQL has several, and a transaction replaces one that no other holds:
    writers never wait for each other here. What counts is the sum of all of them: it is another one
    as soon as a change is committed. Random, and not counted up, since a backup that comes back
    must not meet a number again under which something else was shown.
    """

    token = models.BigIntegerField()

    class Meta:
        default_permissions = ()  # nobody edits it

    def __str__(self) -> str:
        return str(self.token)


def read_page_version() -> str:
    """Return the number of what is committed now, as text; one query of a few rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT SUM(token) FROM digest_pageversion")
        return str(cursor.fetchone()[0])
