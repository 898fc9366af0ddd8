"""A database made before version 0.2.0 keeps its rows, or is refused with a sentence."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from digest.management.carry_over import _move_provider_pause
from digest.models import HostTurn, ProviderPause
from tests.factories import NOW, make_delivery

ROOT = Path(__file__).parents[3]
# Written by `manage.py migrate` and a few rows of the last commit before version 0.2.0.
BEFORE = Path(__file__).with_name("before_0_2.sql")
# One process carries a database over for both, and neither changes it.
TOGETHER = pytest.mark.xdist_group("carry_over")
SECOND_WISH = '{"topics": ["modèle du monde"], "max_papers": 3}'


def manage(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with this folder's database."""
    own = {"DATABASE_URL": f"sqlite:///{folder / 'offprint.sqlite3'}", "VAR_DIR": str(folder)}
    env = os.environ | own | {"ENV_FILE": "", "SECRET_KEY": "only-for-tests", "REDIS_URL": ""}
    command = [sys.executable, "-W", "ignore", "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


def open_database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "offprint.sqlite3")


def read_schema(folder: Path) -> dict[str, list[str]]:
    """The columns of each table, and each index and constraint by name, in no order."""
    database = open_database(folder)
    schema = {}
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in names:
        columns = database.execute(f"PRAGMA table_info({name})").fetchall()
        schema[name] = sorted(f"{column[1:4]}" for column in columns)
        (text,) = database.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", [name]
        ).fetchone()
        schema[name] += sorted(word for word in text.split('"') if word.startswith(f"{name[:6]}"))
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    schema["indexes"] = sorted(name for (name,) in rows if "autoindex" not in name)
    return schema


def make_database_of_before(folder: Path) -> Path:
    """A folder with the database as it was."""
    folder.mkdir()
    database = open_database(folder)
    database.executescript(BEFORE.read_text())
    # One who asked twice: each mail is about its own wish.
    database.execute(
        "UPDATE subscribers_subscriber SET letters = json_insert(letters,"
        " '$.\"2026-04-21T07:30:00.000000+00:00\"', json(?)) WHERE id = 2",
        [SECOND_WISH],
    )
    database.execute("INSERT INTO digest_encore VALUES (1, 1, 1, 1)")
    database.commit()
    database.close()
    return folder


@pytest.fixture(scope="module")
def carried_over(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Such a folder after `migrate`, and what that said."""
    folder = make_database_of_before(tmp_path_factory.mktemp("carried") / "before")
    done = manage(folder, "migrate")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@TOGETHER
def test_tables_are_as_new_ones_and_rows_are_kept(
    carried_over: tuple[Path, str], tmp_path: Path
) -> None:
    before, said = carried_over
    assert "made before version 0.2.0 were carried over" in said
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert manage(fresh, "migrate", "-v0").returncode == 0
    assert read_schema(before) == read_schema(fresh)

    database = open_database(before)
    wish, asked_at = database.execute(
        "SELECT wishes, wish_asked_at FROM subscribers_subscriber WHERE id = 2"
    ).fetchone()
    assert '"topics": ["RAG"]' in wish
    assert "asked_at" not in wish
    assert asked_at.startswith("2026-04-22 08:00:00")
    kept = database.execute(
        "SELECT sent_at, wish FROM subscribers_confirmation ORDER BY sent_at"
    ).fetchall()
    assert [sent_at[:16] for sent_at, _ in kept] == ["2026-04-21 07:30", "2026-04-22 08:00"]
    assert ["RAG" in wish for _, wish in kept] == [False, True]
    assert not database.execute("SELECT 1 FROM digest_hostturn WHERE host = 'provider'").fetchall()
    [pause] = database.execute("SELECT provider, until FROM digest_providerpause").fetchall()
    assert pause == ("anymail.backends.postmark.EmailBackend", "2026-04-22 08:15:00")
    assert database.execute("SELECT count(*) FROM digest_delivery").fetchone() == (1,)
    again = database.execute("SELECT subscriber_id, paper_id FROM digest_sentbreakout").fetchall()
    assert again == [(1, 1)]


@TOGETHER
@pytest.mark.thorough
def test_what_was_carried_over_works_and_is_not_carried_over_twice(
    carried_over: tuple[Path, str],
) -> None:
    before, _ = carried_over
    again = manage(before, "migrate")
    assert again.returncode == 0
    assert "carried over" not in again.stdout
    assert manage(before, "migrate", "--check").returncode == 0
    audit = manage(before, "audit")
    assert "planned 1 = sent 1" in audit.stdout, audit.stderr


def test_a_database_that_stands_halfway_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    before = make_database_of_before(tmp_path / "before")
    database = open_database(before)
    database.execute("DELETE FROM django_migrations WHERE name = '0008_former_addresses'")
    database.commit()
    tables = read_schema(before)
    done = manage(before, "migrate")
    assert done.returncode == 1
    assert "Move it away" in done.stderr
    assert "Traceback" not in done.stderr
    assert read_schema(before) == tables


@pytest.mark.django_db
def test_the_pause_goes_to_the_account_that_was_called_last() -> None:
    HostTurn.objects.create(host="arxiv.org", free_at=NOW)
    HostTurn.objects.create(host="provider", free_at=NOW)
    make_delivery(provider="Brevo 00000000", claimed_at=NOW - timedelta(minutes=1))
    make_delivery(provider="Postmark 00000000", claimed_at=NOW)
    make_delivery()
    _move_provider_pause()
    assert ProviderPause.objects.get().provider == "Postmark 00000000"
    assert [turn.host for turn in HostTurn.objects.all()] == ["arxiv.org"]


@pytest.mark.django_db
def test_without_any_call_there_was_no_pause_to_carry_over() -> None:
    HostTurn.objects.create(host="provider", free_at=NOW)
    make_delivery()
    _move_provider_pause()
    assert not ProviderPause.objects.exists()
    assert not HostTurn.objects.exists()
