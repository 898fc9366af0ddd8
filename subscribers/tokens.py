"""Signed links: the only proof of identity we ask of a subscriber.

A link's keys are its purpose's, so that a link for one purpose is worthless for another. The links
in every mail carry no date: they work for ever, and a mail sent again has the same bytes. What
could not be taken back asks for a dated link: the one that confirms works for 48 hours, the one to
a subscriber's account for an hour. tests/test_old_tokens.py has tokens that must go on working.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from django.core.signing import BadSignature, Signer

from subscribers.seals import SEALED, seal, unseal

CONFIRM = "subscribers.confirm"
ACCOUNT = "subscribers.account"
MOVE = "subscribers.move"
MOVE_BACK = "subscribers.move-back"  # signs the row of the address that was left
FRESH = "subscribers.fresh"  # beside a link to preferences: it came in a letter of these days
BROWSER = "subscribers.browser"  # in a cookie: since when a browser has had the links of somebody
FORM = "subscribers.form"
PREFERENCES = "subscribers.preferences"
UNSUBSCRIBE = "subscribers.unsubscribe"
BACK = "subscribers.back"
FEEDBACK = "subscribers.feedback"
READING_LIST = "subscribers.reading-list"
ALL_PAPERS = "subscribers.all-papers"  # shows what is in their topics, and can change nothing
READING_FEED = "subscribers.reading-feed"  # reads the list, and can change nothing
LIFETIMES = {
    CONFIRM: timedelta(hours=48),
    ACCOUNT: timedelta(hours=1),
    MOVE: timedelta(hours=48),
    FRESH: timedelta(hours=48),
    BACK: timedelta(days=1),
}
_NUMBER_BYTES, _VERSION_BYTES, _MOMENT_BYTES = 6, 3, 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class DatedLink:
    """What a dated token says: whom it is for, and when it was issued."""

    subscriber_id: int
    issued_at: datetime
    purpose: str = CONFIRM
    # Of the address it was sent to; "" where that does not matter. Of a browser, how it got it.
    # Of a confirmation the version of the subscriber's links, but for the first of them.
    address_mark: str = ""

    def is_expired(self, now: datetime) -> bool:
        return now - self.issued_at > LIFETIMES[self.purpose]

    def is_for(self, email: str, version: int) -> bool:
        """Whether it was sent to this address, and not to one that the digests have left, since
        links of an earlier version were ended."""
        mark = _mark_address(self.subscriber_id, self.issued_at, email, version)
        return hmac.compare_digest(self.address_mark, mark)

    def is_of_version(self, version: int) -> bool:
        """Whether a confirmation was sent since links of an earlier version were ended."""
        return self.address_mark == _write_version(version)


@dataclass(frozen=True)
class MoveLink(DatedLink):
    """What the token in a mail to a new address says; the address is part of it."""

    purpose: str = MOVE
    new_email: str = ""
    version: int = 0


def sign(purpose: str, subscriber_id: int, version: int = 0) -> str:
    """A token that never expires and is the same every time, such as `~N4MmCVtiwGW6DYx3…`.

    `version` is the subscriber's link_version: another one once links were ended.
    """
    return seal(purpose, _write_number(subscriber_id) + version.to_bytes(_VERSION_BYTES))


def read(purpose: str, token: str) -> int | None:
    """The subscriber's id, whatever the version; None when the token is forged or signed for
    another purpose."""
    link = read_version(purpose, token)
    return link[0] if link else None


def read_version(purpose: str, token: str) -> tuple[int, int] | None:
    """The subscriber's id and the version of the link; None as for `read`."""
    if token.startswith(SEALED):
        said = unseal(purpose, token)
        if said is None or len(said) != _NUMBER_BYTES + _VERSION_BYTES:
            return None
        return int.from_bytes(said[:_NUMBER_BYTES]), int.from_bytes(said[_NUMBER_BYTES:])
    try:
        subscriber_id, _, version = _get_signer(purpose).unsign(token).partition("-")
        return int(subscriber_id), int(version or 0)
    except (BadSignature, ValueError):
        return None


def sign_confirmation(subscriber_id: int, issued_at: datetime, version: int = 0) -> str:
    """A dated token that is worth something only as long as links of this version are."""
    return sign_dated(CONFIRM, subscriber_id, issued_at, _write_version(version))


def sign_dated(purpose: str, subscriber_id: int, issued_at: datetime, mark: str = "") -> str:
    """A token that says when it was made; how long it lasts is for whoever reads it to say."""
    return seal(purpose, _write_dated(subscriber_id, issued_at, mark))


def sign_account(
    subscriber_id: int, issued_at: datetime, email: str, version: int = 0, purpose: str = ACCOUNT
) -> str:
    """A dated token that is worth something only as long as this is the subscriber's address, and
    this the version of their links."""
    mark = _mark_address(subscriber_id, issued_at, email, version)
    return sign_dated(purpose, subscriber_id, issued_at, mark)


def read_dated(purpose: str, token: str) -> DatedLink | None:
    """What the token says, expired or not; None when it is forged or for another purpose."""
    if token.startswith(SEALED):
        said = _read_sealed_dated(purpose, token)
        return said and DatedLink(said[0], said[1], purpose, said[2])
    try:
        subscriber_id, microseconds, *mark = _get_signer(purpose).unsign(token).split("-", 2)
    except (BadSignature, ValueError):
        return None
    return DatedLink(int(subscriber_id), _read_moment(int(microseconds)), purpose, *mark)


def sign_move(subscriber_id: int, issued_at: datetime, new_email: str, version: int = 0) -> str:
    """The token that moves the digests to `new_email`, which nobody else can put in its place."""
    said = f"{new_email} {_write_version(version)}".rstrip()
    return seal(MOVE, _write_dated(subscriber_id, issued_at, said))


def read_move(token: str) -> MoveLink | None:
    """What a token of `sign_move` says; as `read_dated`."""
    if token.startswith(SEALED):
        said = _read_sealed_dated(MOVE, token)
        if said is None:
            return None
        email, _, version = said[2].rpartition(" ")  # what follows an @ holds no space
        is_first = "@" in version
        whose = said[2] if is_first else email
        return MoveLink(said[0], said[1], new_email=whose, version=0 if is_first else int(version))
    try:
        subscriber_id, microseconds, new_email = _get_signer(MOVE).unsign_object(token)
    except BadSignature:
        return None
    return MoveLink(subscriber_id, _read_moment(microseconds), new_email=new_email)


def sign_before(subscriber_id: int, chosen: str, before: str, now: datetime) -> str:
    """The token in an undo button: what was `before` the subscriber chose `chosen`."""
    return seal(BACK, _write_dated(subscriber_id, now, f"{chosen}\n{before}"))


def read_before(token: str, subscriber_id: int, chosen: str, now: datetime) -> str | None:
    """What was before this choice, made within the last day; None for any other token."""
    if token.startswith(SEALED):
        said = _read_sealed_dated(BACK, token)
        if said is None:
            return None
        made_at, (for_what, _, before) = said[1], said[2].partition("\n")
        whose = [said[0], for_what]
    else:
        try:
            *whose, before, microseconds = _get_signer(BACK).unsign_object(token)
        except BadSignature:
            return None
        made_at = _read_moment(microseconds)
    is_fresh = now - made_at <= LIFETIMES[BACK]
    return str(before) if is_fresh and whose == [subscriber_id, chosen] else None


def sign_stamp(now: datetime) -> str:
    """The stamp in a form's hidden field: when it was shown, and which of those shown then."""
    return _get_signer(FORM).sign(f"{_count_microseconds(now)}-{token_hex(6)}")


def read_stamp(stamp: str) -> datetime | None:
    """When the form was shown; None when the stamp is not ours."""
    try:
        return _read_moment(int(_get_signer(FORM).unsign(stamp).partition("-")[0]))
    except BadSignature:
        return None


def _count_microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _write_version(version: int) -> str:
    """The version of a link in words; nothing for the first, as earlier releases had it."""
    return str(version or "")


def _mark_address(subscriber_id: int, issued_at: datetime, email: str, version: int) -> str:
    """Sixteen hexadecimal digits that stand for address and version in this one link."""
    whose = f"{email} {_write_version(version)}".rstrip()
    text = f"{subscriber_id}-{_count_microseconds(issued_at)}-{whose}"
    return sha256(text.encode()).hexdigest()[:16]


def _read_moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


# What a token says is sealed: whoever holds one learns no row's number, and cannot tell whether two
# links of different purposes are one reader's.


def _write_number(number: int) -> bytes:
    return number.to_bytes(_NUMBER_BYTES)


def _write_dated(subscriber_id: int, moment: datetime, text: str = "") -> bytes:
    microseconds = _count_microseconds(moment).to_bytes(_MOMENT_BYTES)
    return _write_number(subscriber_id) + microseconds + text.encode()


def _read_sealed_dated(purpose: str, token: str) -> tuple[int, datetime, str] | None:
    """The number, the moment and the text of `_write_dated`."""
    said = unseal(purpose, token)
    if said is None or len(said) < _NUMBER_BYTES + _MOMENT_BYTES:
        return None
    number, rest = said[:_NUMBER_BYTES], said[_NUMBER_BYTES:]
    moment = _read_moment(int.from_bytes(rest[:_MOMENT_BYTES]))
    return int.from_bytes(number), moment, rest[_MOMENT_BYTES:].decode()


# What earlier releases signed; forms are still stamped so.


def _get_signer(purpose: str) -> Signer:
    return Signer(salt=purpose, sep=".")
