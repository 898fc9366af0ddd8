"""What a backup says of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

FORMAT = 1
Query = Callable[[str], list[tuple[Any, ...]]]  # rows of a statement, all of one moment
# Worked out slowly, so that who finds a backup cannot try many keys.
SCRYPT: dict[str, int] = {"n": 2**14, "r": 8, "p": 1}


class ArchiveError(Exception):
    """A backup cannot be written or put in place; the message says why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """Of which database a backup is, when it was made, and what must be there to put it back."""

    engine: str  # sqlite or postgresql
    made_at: str  # ISO 8601
    release: str
    key_fingerprint: str
    installation: str
    calls: Mapping[str, int]  # by slot, as in CallCount
    migrations: list[str]  # "digest.0001_initial", all that were applied
    rows: Mapping[str, int] = field(default_factory=dict)  # by table
    sha256: str = ""  # of the database in the archive
    format: int = FORMAT

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> Manifest:
        """Raises ArchiveError for what is no manifest of a backup, or one of a later format."""
        try:
            stored = json.loads(text)
            if stored["format"] > FORMAT:
                raise ArchiveError(
                    "This backup was made by a later release of Offprint: install that one."
                )
            manifest = cls(**stored)
            UUID(manifest.installation)
            datetime.fromisoformat(manifest.made_at)
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveError("The manifest in this file is none of Offprint's.") from error
        return manifest

    @property
    def call_numbers(self) -> dict[int, int]:
        return {int(slot): number for slot, number in self.calls.items()}


def make_fingerprint(key: str) -> str:
    """Sixteen hex digits by which a SECRET_KEY is known again; nobody reads the key from them."""
    made = hashlib.scrypt(key.encode(), salt=b"offprint backup", dklen=8, **SCRYPT)
    return made.hex()


def describe_database(engine: str, query: Query, now: datetime, release: str) -> Manifest:
    """The manifest of the database that answers `query`."""
    tables = sorted(name for (name,) in query(_TABLES[engine]))
    applied = query("SELECT app, name FROM django_migrations ORDER BY app, name")
    [(installation,), *_] = query("SELECT id FROM digest_installation ORDER BY id")
    return Manifest(
        engine=engine,
        made_at=now.isoformat(),
        release=release,
        key_fingerprint=make_fingerprint(settings.SECRET_KEY),
        installation=str(UUID(str(installation))),
        calls={str(s): n for s, n in query("SELECT slot, number FROM digest_callcount")},
        migrations=[f"{app}.{name}" for app, name in applied],
        rows={name: query(f'SELECT count(*) FROM "{name}"')[0][0] for name in tables},
    )


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}
