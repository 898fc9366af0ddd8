"""Signed links: the only proof of identity we ask of a subscriber.

A link's salt is its purpose, so that a link for one purpose is worthless for another. The links in
every mail carry no date: they work for ever, and a mail sent again has the same bytes. The link
that confirms carries the moment at which it was issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature, Signer

CONFIRM = "subscribers.confirm"
PREFERENCES = "subscribers.preferences"
UNSUBSCRIBE = "subscribers.unsubscribe"
FEEDBACK = "subscribers.feedback"
READING_LIST = "subscribers.reading-list"
READING_FEED = "subscribers.reading-feed"  # reads the list, and can change nothing
CONFIRMATION_LIFETIME = timedelta(hours=48)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Confirmation:
    """Whom a confirmation link is for, and when it was issued."""

    subscriber_id: int
    issued_at: datetime

    def is_expired(self, now: datetime) -> bool:
        return now - self.issued_at > CONFIRMATION_LIFETIME


def sign(purpose: str, subscriber_id: int) -> str:
    """A token that never expires, and is the same every time."""
    return _signer(purpose).sign(str(subscriber_id))


def read(purpose: str, token: str) -> int | None:
    """The subscriber's id, or None when the token is forged or meant for something else."""
    try:
        return int(_signer(purpose).unsign(token))
    except BadSignature:
        return None


def sign_confirmation(subscriber_id: int, issued_at: datetime) -> str:
    return _signer(CONFIRM).sign(f"{subscriber_id}-{(issued_at - _EPOCH) // _MICROSECOND}")


def read_confirmation(token: str) -> Confirmation | None:
    """What the token says, expired or not; None when it is forged or meant for something else."""
    try:
        subscriber_id, microseconds = _signer(CONFIRM).unsign(token).split("-")
    except BadSignature:
        return None
    return Confirmation(int(subscriber_id), _EPOCH + int(microseconds) * _MICROSECOND)


def _signer(purpose: str) -> Signer:
    return Signer(salt=purpose, sep=".")
