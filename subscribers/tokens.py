"""Signed links: the only proof of identity we ask of a subscriber.

A link's salt is its purpose, so that a link for one purpose is worthless for another. The links in
every mail carry no date: they work for ever, and a mail sent again has the same bytes. What could
not be taken back asks for a dated link: the one that confirms works for 48 hours, the one to a
reader's account for an hour.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.encoding import force_bytes

CONFIRM = "subscribers.confirm"
ACCOUNT = "subscribers.account"
MOVE = "subscribers.move"
MOVE_BACK = "subscribers.move-back"  # signs the row of the address that was left
FORM = "subscribers.form"
PREFERENCES = "subscribers.preferences"
UNSUBSCRIBE = "subscribers.unsubscribe"
BACK = "subscribers.back"
FEEDBACK = "subscribers.feedback"
READING_LIST = "subscribers.reading-list"
READING_FEED = "subscribers.reading-feed"  # reads the list, and can change nothing
LIFETIMES = {
    CONFIRM: timedelta(hours=48),
    ACCOUNT: timedelta(hours=1),
    MOVE: timedelta(hours=48),
    BACK: timedelta(days=1),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class DatedLink:
    """Whom a link is for, and when it was issued."""

    subscriber_id: int
    issued_at: datetime
    purpose: str = CONFIRM
    address_mark: str = ""  # of the address it was sent to; "" where that does not matter

    def is_expired(self, now: datetime) -> bool:
        return now - self.issued_at > LIFETIMES[self.purpose]

    def is_for(self, email: str) -> bool:
        """Whether it was sent to this address, and not to one that the digests have left."""
        mark = _address_mark(self.subscriber_id, self.issued_at, email)
        return hmac.compare_digest(self.address_mark, mark)


@dataclass(frozen=True)
class MoveLink(DatedLink):
    """A link that went to a new address, and says which."""

    purpose: str = MOVE
    new_email: str = ""


def sign(purpose: str, subscriber_id: int) -> str:
    """A token that never expires, and is the same every time."""
    return _signer(purpose).sign(str(subscriber_id))


def read(purpose: str, token: str) -> int | None:
    """The subscriber's id, or None when the token is forged or meant for something else."""
    try:
        return int(_signer(purpose).unsign(token))
    except BadSignature:
        return None


def sign_dated(purpose: str, subscriber_id: int, issued_at: datetime) -> str:
    return _signer(purpose).sign(f"{subscriber_id}-{_microseconds(issued_at)}")


def sign_account(subscriber_id: int, issued_at: datetime, email: str) -> str:
    """A dated token that opens the account only as long as this is the subscriber's address."""
    mark = _address_mark(subscriber_id, issued_at, email)
    return _signer(ACCOUNT).sign(f"{subscriber_id}-{_microseconds(issued_at)}-{mark}")


def read_dated(purpose: str, token: str) -> DatedLink | None:
    """What the token says, expired or not; None when it is forged or meant for something else."""
    try:
        subscriber_id, microseconds, *mark = _signer(purpose).unsign(token).split("-", 2)
    except (BadSignature, ValueError):
        return None
    return DatedLink(int(subscriber_id), _moment(int(microseconds)), purpose, *mark)


def sign_move(subscriber_id: int, issued_at: datetime, new_email: str) -> str:
    said = [subscriber_id, _microseconds(issued_at), new_email]
    return _signer(MOVE).sign_object(said)


def read_move(token: str) -> MoveLink | None:
    """As `read_dated`."""
    try:
        subscriber_id, microseconds, new_email = _signer(MOVE).unsign_object(token)
    except BadSignature:
        return None
    return MoveLink(subscriber_id, _moment(microseconds), new_email=new_email)


def sign_before(subscriber_id: int, chosen: str, before: str, now: datetime) -> str:
    """What an undo button carries: how it was before the subscriber chose something."""
    return _signer(BACK).sign_object([subscriber_id, chosen, before, _microseconds(now)])


def read_before(token: str, subscriber_id: int, chosen: str, now: datetime) -> str | None:
    """How it was before this very choice of the last day; None when no page of ours said so."""
    try:
        *whose, before, microseconds = _signer(BACK).unsign_object(token)
    except BadSignature:
        return None
    is_fresh = now - _moment(microseconds) <= LIFETIMES[BACK]
    return str(before) if is_fresh and whose == [subscriber_id, chosen] else None


def stamp(now: datetime) -> str:
    """What a form carries to say when it was shown."""
    return _signer(FORM).sign(str(_microseconds(now)))


def read_stamp(stamp: str) -> datetime | None:
    """When the form was shown; None when nobody of ours stamped it."""
    try:
        return _moment(int(_signer(FORM).unsign(stamp)))
    except BadSignature:
        return None


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _address_mark(subscriber_id: int, issued_at: datetime, email: str) -> str:
    """Sixteen letters and digits that stand for the address in this one link."""
    said = f"{subscriber_id}-{_microseconds(issued_at)}-{email}"
    return sha256(said.encode()).hexdigest()[:16]


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


def _signer(purpose: str) -> Signer:
    return _kept_signer(purpose, settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


class _QuickSigner(Signer):
    """Django's signer, with equal signatures: it derives the key of a purpose once, not each time.

    A mail has four signed links, and deriving is most of what a signature costs.
    """

    def signature(self, value: bytes | str, key: bytes | str | None = None) -> str:
        derived = _derived_key(self.salt, force_bytes(key or self.key))
        made = hmac.digest(derived, force_bytes(value), "sha256")
        return urlsafe_b64encode(made).rstrip(b"=").decode()


@lru_cache(64)
def _derived_key(salt: str, key: bytes) -> bytes:
    return sha256(f"{salt}signer".encode() + key).digest()


@lru_cache(64)
def _kept_signer(purpose: str, key: str, fallbacks: tuple[str, ...]) -> Signer:
    return _QuickSigner(key=key, salt=purpose, sep=".", fallback_keys=list(fallbacks))
