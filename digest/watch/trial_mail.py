"""What the provider reports of a mail that an operator sent to see it come back.

The report reaches a web process and is awaited by a command, so it goes through the cache.
"""

from __future__ import annotations

import hashlib
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType

from subscribers import forgiving_cache

KEPT_SECONDS = 3600.0
# In this order the first one tells most.
_TELLING = (
    *(EventType.COMPLAINED, EventType.BOUNCED, EventType.REJECTED, EventType.FAILED),
    *(EventType.DELIVERED, EventType.DEFERRED, EventType.SENT, EventType.QUEUED),
)
GOOD = {EventType.DELIVERED, EventType.DEFERRED, EventType.SENT, EventType.QUEUED}


def expect_report(address: str) -> None:
    """From now on, for an hour, keep what is reported of mail to this address."""
    for name in _list_names(address).values():
        forgiving_cache.delete_value(name)
    forgiving_cache.write_value(_name_entry(address), True, KEPT_SECONDS)


def on_tracking_event(sender: Any, event: AnymailTrackingEvent, **kwargs: Any) -> None:  # noqa: ARG001
    """Keep one event from anymail's webhook views, if somebody waits for it."""
    if not isinstance(event.recipient, str):
        return  # a report on no mail, or an odd one
    names = _list_names(event.recipient)
    if event.event_type in names and forgiving_cache.read_value(_name_entry(event.recipient)):
        metadata = event.metadata if isinstance(event.metadata, dict) else {}
        tags = event.tags if isinstance(event.tags, list) else []
        ours = [str(one) for one in (metadata.get("delivery"), *tags)]
        said = (event.message_id or "", ours)
        forgiving_cache.write_value(names[event.event_type], said, KEPT_SECONDS)


def read_report(address: str, message_id: str, key: str) -> str:
    """anymail's word for what was reported of the mail with this id or key of ours; "" so far."""
    names = _list_names(address)
    kept = forgiving_cache.read_values(names.values())
    for event_type, name in names.items():
        theirs, ours = kept.get(name, ("", []))
        if (theirs and theirs == message_id) or key in ours:
            return event_type
    return ""


def _name_entry(address: str | None) -> str:
    said = (address or "").lower().encode("utf-8", "replace")  # half of an emoji is no text
    return f"digest.trial.{hashlib.sha256(said).hexdigest()}"


def _list_names(address: str) -> dict[str, str]:
    """An entry of the cache for each kind of event: two at once do not overwrite each other."""
    return {event_type: f"{_name_entry(address)}.{event_type}" for event_type in _TELLING}
