"""Dumping a PostgreSQL database and putting a dump in its place, by PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from digest.management.archive.manifest import ArchiveError, Query

DEBIAN = Path("/usr/lib/postgresql")
# How libpq's settings are called in the environment.
# https://www.postgresql.org/docs/current/libpq-envars.html
VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


@contextmanager
def open_snapshot() -> Iterator[tuple[Query, str]]:
    """How to ask the rows as they are at this moment, and the name of it for dump_database."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_export_snapshot()")
            (name,) = cursor.fetchone()

        def query(statement: str) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())

        yield query, name


@contextmanager
def dump_database(snapshot: str) -> Iterator[IO[bytes]]:
    """A dump of that moment in PostgreSQL's custom format, to be read to its end."""
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [find_program("pg_dump"), *words],
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=_make_environment(),
        )
        assert process.stdout
        with process:
            yield process.stdout
        if process.returncode:
            raise ArchiveError(f"pg_dump failed: {_read_end(complaints)}")


def put_dump_in_place(dump: Path) -> None:
    """Replace all tables by those of the dump, in one transaction. Raises ArchiveError."""
    find_program("pg_restore")  # before anything is begun
    words = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with tempfile.TemporaryFile() as complaints:
        psql = subprocess.Popen(
            [find_program("psql"), *words],
            stdin=subprocess.PIPE,
            stderr=complaints,
            env=_make_environment(),
        )
        assert psql.stdin
        try:
            psql.stdin.write(f"BEGIN;\n{_write_drops()}".encode())
            psql.stdin.flush()
            is_whole = _write_statements(dump, psql.stdin, complaints)
            # Without this word PostgreSQL takes all of it back when the connection ends.
            psql.stdin.write(b"\nCOMMIT;\n" if is_whole else b"\nROLLBACK;\n")
            psql.stdin.close()
        except BrokenPipeError:
            is_whole = False  # psql ended at an error, which it has said
        if psql.wait() or not is_whole:
            raise ArchiveError(
                "PostgreSQL could not put the backup in place; nothing has changed. It said: "
                f"{_read_end(complaints)}"
            )


_OUR_FUNCTIONS = """
SELECT function.oid::regprocedure::text FROM pg_proc AS function
WHERE function.pronamespace = current_schema()::regnamespace AND NOT EXISTS (
    SELECT 1 FROM pg_depend WHERE objid = function.oid AND deptype = 'e'  -- of an extension
)
"""


def _write_drops() -> str:
    """Statements that drop every table and function of ours, those the dump does not have too."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        cursor.execute(_OUR_FUNCTIONS)
        functions = [function for (function,) in cursor.fetchall()]
    # Others wait at most so long for us, and we for them.
    drops = "".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in names)
    drops += "".join(f"DROP FUNCTION IF EXISTS {function} CASCADE;\n" for function in functions)
    return f"SET lock_timeout = '60s';\n{drops}"


def _write_statements(dump: Path, target: IO[bytes], complaints: IO[bytes]) -> bool:
    """Let pg_restore write the dump as statements; whether it came to its end."""
    words = ["--no-owner", "--no-privileges", "--file=-", str(dump)]
    done = subprocess.run(
        [find_program("pg_restore"), *words], stdout=target, stderr=complaints, check=False
    )
    return done.returncode == 0


def find_program(name: str) -> str:
    """The path of pg_dump, pg_restore or psql, no older than the server. Raises ArchiveError."""
    server = read_server_version()
    newest = sorted(DEBIAN.glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    on_path = shutil.which(name)
    candidates = [Path(on_path)] if on_path else []
    candidates += [path / name for path in newest if (path / name).exists()]
    versions = {path: _read_version(path) for path in candidates}
    for path, version in versions.items():
        if version >= server:
            return str(path)
    found = f"is of version {max(versions.values())}" if versions else "is not installed"
    raise ArchiveError(
        f"{name} {found}, and the server is PostgreSQL {server}. Install the client programs of "
        f"PostgreSQL {server} (Debian's package postgresql-client-{server}; apt.postgresql.org has "
        "it for every release), or use the image of the Dockerfile, which has them."
    )


def read_server_version() -> int:
    """The number before the point: 18."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def _read_version(program: Path) -> int:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)\.?\d*", done.stdout)
    return int(found[1]) if found else 0


def _make_environment() -> dict[str, str]:
    """The environment in which those programs reach our database; no password on a command line."""
    connection.ensure_connection()
    info = connection.connection.info
    stated = {
        variable: str(value)
        for name, variable in VARIABLES.items()
        if (value := info.get_parameters().get(name))
    }
    return os.environ | stated | ({"PGPASSWORD": info.password} if info.password else {})


def _read_end(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    return " ".join(complaints.read().decode(errors="replace").split())[-600:] or "nothing"
