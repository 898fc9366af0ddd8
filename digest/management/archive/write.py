"""Writing a backup: under another name until it is whole, for nobody's eyes but its owner's."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

from django.db import DatabaseError, connection

from digest.high_water.hold import name_installation
from digest.management.archive import postgresql_dump, sqlite_copy
from digest.management.archive.manifest import ArchiveError, Manifest, describe_database

MANIFEST, DATABASE = "manifest.json", "database"
BLOCK = 1 << 20
Progress = Callable[[int], None]  # bytes that were done since the last word


def write_backup(path: Path, now: datetime, progress: Progress) -> Manifest:
    """Write the database as it is now to `path`. Raises ArchiveError where it cannot be done."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        name_installation()  # it has none only where somebody emptied all its tables
    except DatabaseError as error:
        raise ArchiveError("The database lacks tables: run manage.py migrate first.") from error
    try:
        with _open_private(partial) as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                manifest = _write_members(archive, now, progress, path.parent)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return manifest


def _write_members(
    archive: zipfile.ZipFile, now: datetime, progress: Progress, folder: Path
) -> Manifest:
    release = read_release()
    if connection.vendor == "sqlite":
        with _copy_sqlite(folder) as copy:
            query, close = sqlite_copy.open_query(copy)
            manifest = describe_database("sqlite", query, now, release)
            close()
            with copy.open("rb") as source:
                digest = _write_member(archive, source, progress)
    else:
        with postgresql_dump.open_snapshot() as (query, snapshot):
            manifest = describe_database("postgresql", query, now, release)
            with postgresql_dump.dump_database(snapshot) as source:
                digest = _write_member(archive, source, progress)
    manifest = replace(manifest, sha256=digest)
    archive.writestr(MANIFEST, manifest.to_json())
    return manifest


@contextmanager
def _copy_sqlite(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".offprint-backup-", dir=folder) as inside:
        copy = Path(inside) / "copy.sqlite3"
        sqlite_copy.copy_out(Path(connection.settings_dict["NAME"]), copy)
        yield copy


def _write_member(archive: zipfile.ZipFile, source: IO[bytes], progress: Progress) -> str:
    """Copy the database into the archive; its SHA-256."""
    digest = hashlib.sha256()
    with archive.open(DATABASE, "w", force_zip64=True) as target:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
            progress(len(block))
    return digest.hexdigest()


def _open_private(path: Path) -> IO[bytes]:
    """A new file that its owner alone may read: it holds every reader's address."""
    with suppress(FileNotFoundError):
        path.unlink()
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def read_release() -> str:
    try:
        return version("offprint")
    except PackageNotFoundError:
        return "a checkout"
