"""Putting a backup in place, all of it or nothing."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from digest.high_water.hold import start_hold
from digest.high_water.marks import Marks, read_marks
from digest.management.archive import postgresql_dump, sqlite_copy
from digest.management.archive.manifest import ArchiveError, Manifest, make_fingerprint
from digest.management.archive.write import BLOCK, DATABASE, MANIFEST

Progress = Callable[[int], None]  # bytes that were done since the last word
# A database with rows in one of these is in use.
TELLING = ("subscribers_subscriber", "subscribers_suppression", "digest_paper", "digest_delivery")


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself. Raises ArchiveError."""
    with _open_archive(path) as archive:
        return _read_manifest(archive)


def restore_backup(
    path: Path, now: datetime, progress: Progress, *, other_key: bool, replace: bool
) -> Manifest:
    """Put the backup in the place of the database, which is then held until it is reconciled.

    `other_key` takes one that was made under another SECRET_KEY, `replace` drops what is there.
    Raises ArchiveError where it may not or cannot be done: then nothing has changed.
    """
    with _open_archive(path) as archive:
        manifest = _read_manifest(archive)
        _check_manifest(manifest, other_key=other_key)
        if not replace and (rows := _count_rows_in_use()):
            raise ArchiveError(
                f"The database is not empty: it has {rows} readers, papers, deliveries and "
                "suppressions. Make a backup of it, then add --replace to drop them."
            )
        with _extract_database(archive, manifest, progress, path.parent) as database:
            # First of all: whatever happens from here on, what comes back is held.
            _hold_what_comes(manifest, now)
            _put_in_place(database)
    return manifest


def list_pending(manifest: Manifest) -> int:
    """How many migrations of this release the backup does not have yet."""
    return len(_read_own_migrations() - set(manifest.migrations))


@contextmanager
def _open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise ArchiveError(
            f"{path} is no whole backup of Offprint: it is damaged, or was cut off."
        ) from error
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}.") from error


def _read_manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        return Manifest.from_json(archive.read(MANIFEST))
    except (KeyError, zlib.error) as error:
        raise ArchiveError("This file is no backup of Offprint: it has no manifest.") from error


def _check_manifest(manifest: Manifest, *, other_key: bool) -> None:
    if manifest.engine != connection.vendor:
        raise ArchiveError(
            f"This backup is of {manifest.engine}, and DATABASE_URL names {connection.vendor}: a "
            "backup goes back into a database of its own kind."
        )
    if unknown := sorted(set(manifest.migrations) - _read_own_migrations()):
        raise ArchiveError(
            f"This backup was made by a later release ({manifest.release}): it has tables that "
            f"this one does not know ({unknown[-1]}). Install that release first."
        )
    if manifest.key_fingerprint != make_fingerprint(settings.SECRET_KEY) and not other_key:
        raise ArchiveError(
            "This backup was made under another SECRET_KEY: with this one every link in every mail "
            "already sent is dead, to unsubscribe too. Set the SECRET_KEY of then; or add "
            "--other-key if it is lost."
        )


def _read_own_migrations() -> set[str]:
    """All that this release has, of whatever app, and those that its squashed ones stand for."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    for migration in loader.disk_migrations.values():
        known |= {f"{app}.{name}" for app, name in migration.replaces}
    return known


def _count_rows_in_use() -> int:
    try:
        with connection.cursor() as cursor:
            there = set(connection.introspection.table_names(cursor))
            total = 0
            for name in there.intersection(TELLING):
                cursor.execute(f'SELECT count(*) FROM "{name}"')
                total += cursor.fetchone()[0]
            return total
    except DatabaseError as error:
        raise ArchiveError(
            f"The database does not answer: {' '.join(str(error).split())}"
        ) from error


@contextmanager
def _extract_database(
    archive: zipfile.ZipFile, manifest: Manifest, progress: Progress, folder: Path
) -> Iterator[Path]:
    """The database as a file of its own, checked against the manifest to the byte."""
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix=".offprint-restore-", dir=folder) as inside:
        path = Path(inside) / DATABASE
        try:
            with archive.open(DATABASE) as source, path.open("wb") as target:
                while block := source.read(BLOCK):
                    digest.update(block)
                    target.write(block)
                    progress(len(block))
        except (KeyError, zlib.error, EOFError) as error:
            raise ArchiveError("The database in this backup is damaged.") from error
        if digest.hexdigest() != manifest.sha256:
            raise ArchiveError("The database in this backup is damaged: its checksum is another.")
        yield path


def _hold_what_comes(manifest: Manifest, now: datetime) -> None:
    installation = UUID(manifest.installation)
    # Where the marks tell when the last call began, they go on telling it.
    last = None if read_marks(installation).noted_at else now
    start_hold(installation, Marks(manifest.call_numbers), last)


def _put_in_place(database: Path) -> None:
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        connection.close()
        sqlite_copy.copy_in(database, target)
    else:
        postgresql_dump.put_dump_in_place(database)
