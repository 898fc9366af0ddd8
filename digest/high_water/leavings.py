"""Who left, noted outside the database: a backup that comes back knows nothing of them.

A line for each is added to a file in VAR_DIR: when, and a keyed hash of the address, or of the
mailbox that was suppressed, from which nobody reads the address. It is only ever read by
`manage.py reconcile`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digest.high_water.hold import find_installation
from digest.high_water.marks import find_folder
from subscribers.models import Subscriber, Suppression

logger = logging.getLogger(__name__)
CHUNK = 2_000
_READ = ("pk", "email", "mailbox", "spelling", "status", "confirmed_at")


def on_subscriber_saved(sender: Any, instance: Subscriber, **_unused: Any) -> None:  # noqa: ARG001
    """Django's post_save: by whichever way somebody unsubscribed."""
    if instance.status == Subscriber.Status.UNSUBSCRIBED:
        transaction.on_commit(lambda: note_leaving(instance.email), robust=True)


def on_deletion(subscribers: Sequence[Subscriber], **_unused: Any) -> None:
    """Who never confirmed has not left, either."""
    pending = Subscriber.Status.PENDING
    hashes = [_hash_address(one.email) for one in subscribers if one.status != pending]
    if hashes:
        transaction.on_commit(lambda: _add_lines(hashes), robust=True)


def on_suppressed(sender: Any, instance: Suppression, **_unused: Any) -> None:  # noqa: ARG001
    """Django's post_save."""
    transaction.on_commit(lambda: _add_lines([instance.fingerprint]), robust=True)


def note_leaving(email: str) -> None:
    """Add a line for this address; where that cannot be done the log says so."""
    _add_lines([_hash_address(email)])


def _add_lines(hashes: Sequence[str]) -> None:
    installation = find_installation()
    if installation is None:
        return
    path = find_journal(installation)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:  # a line is short enough to be written as one
            for hashed in hashes:
                file.write(f"{timezone.now().isoformat()} {hashed}\n")
                file.flush()
    except OSError as error:
        logger.warning("That somebody left could not be noted in %s: %s", path, error)


def unsubscribe_again(now: datetime, progress: Callable[[int], None]) -> int:
    """Unsubscribe whoever left and confirmed nothing later; how many were active until now."""
    installation = find_installation()
    left = _read_journal(find_journal(installation)) if installation else {}
    done = 0
    if not left:
        return done
    active = Subscriber.objects.active().only(*_READ)
    for subscriber in active.iterator(CHUNK):
        left_at = max(filter(None, map(left.get, _list_hashes(subscriber))), default=None)
        if left_at and subscriber.confirmed_at and subscriber.confirmed_at < left_at:
            subscriber.unsubscribe(
                now, note=_("Before a backup was restored that did not know of it.")
            )
            done += 1
        progress(1)
    return done


def find_journal(installation: UUID) -> Path:
    return find_folder() / f"{installation}.left"


def _read_journal(path: Path) -> dict[str, datetime]:
    """By hash, when it left last."""
    try:
        return dict(_read_lines(path))
    except FileNotFoundError:
        return {}


def _read_lines(path: Path) -> Iterator[tuple[str, datetime]]:
    with path.open() as file:
        for line in file:
            moment, _unused, hashed = line.strip().partition(" ")
            try:
                yield hashed, datetime.fromisoformat(moment)
            except ValueError:  # a machine died while it wrote
                logger.warning("A line of %s cannot be read: %s", path, line.strip())


def _list_hashes(subscriber: Subscriber) -> Iterator[str]:
    """Of the suppressed mailbox, and of the address: now, and under the keys of before."""
    yield from filter(None, (subscriber.mailbox, subscriber.spelling))
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield _hash_address(subscriber.email, key)


def _hash_address(email: str, secret_key: str = "") -> str:
    key = hashlib.sha256(f"offprint.left {secret_key or settings.SECRET_KEY}".encode()).digest()
    return hashlib.blake2b(email.lower().encode(), key=key, digest_size=16).hexdigest()
