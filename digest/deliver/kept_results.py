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
from uuid import uuid4

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
    """Each file with its rows, the oldest first; what cannot be read is put aside."""
    paths = sorted(_find_folder().glob("*.json"), key=_find_moment)
    for path in paths[:MOST_AT_ONCE]:
        try:
            rows = [_load_row(row) for row in json.loads(path.read_text())]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            logger.error("What became of some mails cannot be read in %s: %s", path, error)
            path.rename(path.with_suffix(".unreadable"))
            continue
        except FileNotFoundError:  # another process of this machine has just marked it
            continue
        yield path, rows


def _find_moment(path: Path) -> float:
    """When it was written, in seconds since 1970; 0 where another process has just marked it."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0


def _load_row(row: dict[str, Any]) -> dict[str, Any]:
    dates = {name: row[name] and datetime.fromisoformat(row[name]) for name in DATES}
    return {"key": row["key"]} | dates | {name: row[name] for name in OTHERS}


def _find_folder() -> Path:
    return Path(settings.VAR_DIR) / "results"
