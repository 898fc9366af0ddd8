"""Reads what anymail hands on into a report of ours; past this door nothing is odd any more."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType
from django.utils.crypto import salted_hmac

from digest.models import Verdict
from digest.track.classify import classify_report

MAX_ADDRESS_CHARS = 254
MAX_ID_CHARS = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class OddReport(ValueError):
    """The report is in no shape that a provider gives it; the webhook answers 400."""


@dataclass(frozen=True)
class Report:
    """One event of one mail to one address."""

    provider: str
    event_id: str  # the provider's own, or a keyed hash of the whole report
    kind: str  # anymail's word
    verdict: Verdict
    said: str  # the provider's word, or the server's reply
    happened_at: datetime  # never later than now
    message_id: str
    key: UUID | None  # ours, where the provider hands back the metadata or the tag that we sent
    address: str

    @property
    def message_ids(self) -> set[str]:
        """Its spellings: Brevo and Mailgun write the same id with and without brackets."""
        bare = self.message_id.strip("<>")
        return {bare, f"<{bare}>"} if bare else set()


def read_report(event: AnymailTrackingEvent, provider: str, now: datetime) -> Report:
    """Raises OddReport for an event whose address, id or time is none."""
    kind = _read_kind(event, provider)
    # Accounts report more than mails, as Resend does of contacts: that is new to anymail, not odd.
    if kind != EventType.UNKNOWN and not (event.recipient or event.message_id):
        raise OddReport("A report is about no mail.")
    reply = _read_text(event.mta_response) or _read_text(event.description)
    verdict, word = classify_report(provider, kind, event.esp_event, reply, event.reject_reason)
    said = ": ".join(filter(None, [word, reply]))
    return Report(
        provider=provider,
        event_id=_name_event(event, provider),
        kind=kind[:16],
        verdict=verdict,
        said=said[:300],
        happened_at=_read_moment(event.timestamp, now),
        message_id=_read_text(event.message_id)[:255],
        key=_read_key(event),
        address=_read_address(event.recipient),
    )


def _read_text(value: object) -> str:
    """Text in one line; PostgreSQL takes no NUL, and nobody needs the others."""
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise OddReport(f"A report has {type(value).__name__} where text belongs.")
    # Half of an emoji is no text that a database takes.
    whole = str(value).encode("utf-8", "replace").decode()
    return _CONTROLS.sub(" ", whole).strip()


def _read_address(value: object) -> str:
    if isinstance(value, int):
        raise OddReport("A report has a number where an address belongs.")
    address = _read_text(value).lower()
    if len(address) > MAX_ADDRESS_CHARS:
        raise OddReport("A report is about an address that none can have.")
    return address


def _read_moment(moment: object, now: datetime) -> datetime:
    """When it happened; by our clock where the provider does not say, or says what is to come."""
    if moment is None:
        return now
    if not isinstance(moment, datetime):
        raise OddReport("A report has a date that is none.")
    # A time without a zone is meant as UTC.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return min(aware.astimezone(UTC), now)
    except OverflowError:  # the first or the last hours of the calendar, in another zone
        raise OddReport("A report has a date that is none.") from None


def _read_kind(event: AnymailTrackingEvent, provider: str) -> str:
    """anymail's word; it does not know that Mandrill reports deliveries, too.

    https://mailchimp.com/developer/transactional/docs/webhooks/
    """
    kind = _read_text(event.event_type)
    is_new = provider == "Mandrill" and kind == EventType.UNKNOWN
    if is_new and isinstance(event.esp_event, dict) and event.esp_event.get("event") == "delivered":
        return str(EventType.DELIVERED)
    return kind


def _read_key(event: AnymailTrackingEvent) -> UUID | None:
    """Our key in the metadata of the mail, or where none can be sent, its tag."""
    found = event.metadata.get("delivery") if isinstance(event.metadata, dict) else None
    tags = event.tags if isinstance(event.tags, list) else []
    for text in (found, *tags):
        with suppress(ValueError):
            if isinstance(text, str):
                return UUID(text)
    return None


def _name_event(event: AnymailTrackingEvent, provider: str) -> str:
    """The provider's own id of the event, or what is the same whenever the same report comes."""
    own = _find_own_id(event, provider)
    if 0 < len(own) <= MAX_ID_CHARS:
        return own
    return f"hash {salted_hmac('digest.track.event', _dump(event), algorithm='sha256').hexdigest()}"


def _find_own_id(event: AnymailTrackingEvent, provider: str) -> str:
    if provider == "Mailgun" and isinstance(event.esp_event, dict):
        # anymail takes the signature's token, which need not be that of an earlier try. The event's
        # id is "unique within a day": https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure
        data = event.esp_event.get("event-data")
        if isinstance(data, dict) and data.get("id") and data.get("timestamp"):
            return f"{_read_text(data['id'])} {str(data['timestamp'])[:40]}"
    return _read_text(event.event_id)


def _dump(event: AnymailTrackingEvent) -> str:
    raw = event.esp_event
    raw = dict(raw.lists()) if hasattr(raw, "lists") else raw  # a form, as Mailgun posted once
    same = [event.event_type, event.message_id, event.recipient, event.timestamp, raw]
    return json.dumps(same, sort_keys=True, default=str)


def hash_mailbox(address: str) -> str:
    """A keyed hash of an address as it was mailed to: without our key it says nothing."""
    return salted_hmac("digest.track.mailbox", address.lower(), algorithm="sha256").hexdigest()


def hash_mail(name: str, address: str) -> str:
    """A keyed hash of a mail, by the provider's id of it or our key, and its address together."""
    mail = hashlib.sha256(name.strip("<>").encode()).hexdigest() + address.lower()
    return salted_hmac("digest.track.mail", mail, algorithm="sha256").hexdigest()
