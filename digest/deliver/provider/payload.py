"""anymail's payload for a message, with what all messages have in common worked out once.

anymail parses every address anew with Python's parser of header fields, our own sender's included:
that is most of what a payload costs beside its JSON. Here its own payload class is made with the
same attributes in the same order, and only reads an address that needs no parser by itself.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache, partial
from typing import Any

from anymail.utils import EmailAddress, parse_address_list
from django.core.mail import EmailMultiAlternatives

from digest.deliver.provider.outcomes import Outcome, SendResult
from subscribers.mail.emails import clean_header

# An address without a name, quotes, comments or letters beyond ASCII: what is on either side of
# the @ is what a parser would find (dot-atom of https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3).
_ATOMS = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
_PLAIN = re.compile(rf"({_ATOMS})@({_ATOMS})")


class PayloadMaker:
    """Makes the payloads of one of anymail's backends."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._kind: Any = None

    def make_payload(self, message: EmailMultiAlternatives) -> Any:
        """As the backend's build_message_payload; raises what that raises.

        The first is made by the backend itself, which so tells of which class its payloads are.
        """
        if self._kind is None:
            payload = self._backend.build_message_payload(message, self._backend.send_defaults)
            self._kind = derive_payload(payload.__class__)
            return payload
        return self._kind(message, self._backend.send_defaults, self._backend)


@cache
def derive_payload(kind: Any) -> Any:
    """The payload class with quick parsers of addresses; it is the same in all else."""
    attributes = tuple(
        (name, combine, partial(parse_addresses, field=name) if is_list else convert)
        for name, combine, convert in kind.base_message_attrs
        for is_list in [convert is parse_address_list]
    )
    return type(kind.__name__, (kind,), {"base_message_attrs": attributes})


def parse_addresses(addresses: Any, field: str) -> list[EmailAddress]:
    """As anymail's parse_address_list, whose errors name the field."""
    if addresses == []:
        return []
    if isinstance(addresses, str):  # our own sender, the same in all messages
        return list(_parse_sender(addresses, field))
    if isinstance(addresses, list) and len(addresses) == 1:
        found = _PLAIN.fullmatch(str(addresses[0]))
        if found:
            return [EmailAddress(username=found[1], domain=found[2])]
    parsed: list[EmailAddress] = parse_address_list(addresses, field=field)
    return parsed


@lru_cache(64)
def _parse_sender(address: str, field: str) -> tuple[EmailAddress, ...]:
    return tuple(parse_address_list(address, field=field))


def clean_message(message: EmailMultiAlternatives) -> SendResult | None:
    """Take control characters out of subject and headers; reject addresses that hold any.

    anymail's API backends put them into the call as they are: Django refuses line breaks only
    where it makes the message's bytes itself.
    """
    message.subject = clean_header(str(message.subject))
    headers = message.extra_headers.items()
    message.extra_headers = {clean_header(k): clean_header(str(v)) for k, v in headers}
    if all(address.isprintable() for address in message.recipients()):
        return None
    error = "The address holds characters that no address may hold."
    return SendResult(Outcome.REJECTED, error=error)
