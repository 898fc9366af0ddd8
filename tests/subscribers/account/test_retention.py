"""What is deleted stands in no file of the database within an hour either."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from subscribers import tasks
from subscribers.account import address, retention
from tests.factories import make_reader

WHOSE = "zenobia.of.palmyra@example.org"


def is_in_files() -> bool:
    main = Path(str(connection.settings_dict["NAME"]))
    files = [main, main.with_name(f"{main.name}-wal")]
    return any(WHOSE.encode() in file.read_bytes() for file in files if file.exists())


@pytest.mark.django_db(transaction=True)
def test_the_journal_of_sqlite_forgets_whoever_is_deleted() -> None:
    if connection.vendor != "sqlite":
        retention.clear_journal()  # which asks another database nothing
        return
    reader = make_reader("agents", email=WHOSE)
    assert is_in_files()
    address.delete_subscriber(reader)
    assert is_in_files()
    tasks.forget_unconfirmed()
    assert not is_in_files()
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] >= 20_000
        assert cursor.execute("PRAGMA secure_delete").fetchone()[0] == 1
