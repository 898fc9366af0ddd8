"""What became of a call, kept in files while the database is away.

A file is written as soon as a mark fails and is gone when it was made; what a process leaves behind
is marked by the next run or sweep on this machine (call_marks.py). So an answer that was heard is
not lost with the process, nor with a database that is away for hours. A file names deliveries by
their keys and holds no address of ours.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from digest.models import Delivery

logger = logging.getLogger(__name__)

DATES = ("claimed_at", "sent_at", "retry_at", "maybe_sent_at")
OTHERS = ("status", "error", "attempts", "message_id")
MOST_AT_ONCE = 1000  # files that one look goes through


def keep_results(deliveries: Sequence[Delivery]) -> Path | None:
    """Write down what is set on the rows and not yet in the database; None where nothing can be."""
    folder = _find_folder()
    path = folder / f"{uuid4()}.json"
    rows = [_dump_row(delivery) for delivery in deliveries]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            json.dump(rows, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as error:
        logger.error("What became of %s mails cannot be kept in a file: %s", len(rows), error)
        return None
    return path


def _dump_row(delivery: Delivery) -> dict[str, Any]:
    row = {name: getattr(delivery, name) for name in DATES}
    row = {name: moment and moment.isoformat() for name, moment in row.items()}
    return {"key": str(delivery.key), **row} | {n: getattr(delivery, n) for n in OTHERS}


def list_kept_results() -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Each file with its rows, the oldest first; what says nothing is put aside.

    Never raises for a file: one of another user's, as a command run by root leaves it, is left
    alone with a line in the log, since delivery must not stop for it.
    """
    paths = sorted(_find_folder().glob("*.json"), key=_read_age)
    for path in paths[:MOST_AT_ONCE]:
        try:
            rows = [_load_row(row) for row in json.loads(path.read_text())]
        except FileNotFoundError:  # another process of this machine has just marked it
            continue
        except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
            logger.error("What became of some mails cannot be read in %s: %s", path, error)
            if not isinstance(error, OSError):
                with suppress(OSError):
                    path.rename(path.with_suffix(".unreadable"))
            continue
        yield path, rows


def drop_kept(path: Path) -> None:
    """Drop a file that was marked; one that cannot be dropped is marked again, which is safe."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.error("%s was marked and cannot be deleted: %s", path, error)


def _read_age(path: Path) -> float:
    """When it was written; another process of this machine may have dropped it just now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _load_row(row: dict[str, Any]) -> dict[str, Any]:
    dates = {name: row[name] and datetime.fromisoformat(row[name]) for name in DATES}
    return {"key": str(UUID(row["key"]))} | dates | {name: row[name] for name in OTHERS}


def _find_folder() -> Path:
    return Path(settings.VAR_DIR) / "results"
