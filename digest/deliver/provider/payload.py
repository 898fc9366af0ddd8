"""anymail's payload for a message, with what all messages have in common worked out once.

The call for a digest is filled into a form that anymail's own payload gave (payload_form.py), and
compared with that payload now and then. For any other message anymail makes it. It parses every
address anew with Python's parser of header fields, our own sender's included: that is most of what
a payload costs beside its JSON. Here its own payload class is made with the same attributes in the
same order, and only reads an address that needs no parser by itself.
"""

from __future__ import annotations

import logging
from functools import cache, lru_cache, partial
from typing import Any

from anymail.utils import EmailAddress, parse_address_list
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from digest.deliver.provider.batch_call import Call
from digest.deliver.provider.outcomes import Outcome, SendResult
from digest.deliver.provider.payload_form import (
    PLAIN_ADDRESS,
    PayloadForm,
    learn_form,
    name_form,
)
from digest.render.digest_mail import DigestMail
from subscribers.mail.emails import clean_header

logger = logging.getLogger(__name__)
MOST_FORMS = 32  # a change of the site's look makes another


class PayloadMaker:
    """Makes the payloads of one of anymail's backends."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._kind: Any = None
        self._forms: dict[Any, PayloadForm | None] = {}
        self._calls = 0  # that were begun

    def choose_checked(self, count: int) -> list[int]:
        """Which of so many messages of the next call are checked, before the others are made.

        Of the first call it is the first and the last, of any other one of them by turns.
        """
        ends = sorted({0, count - 1}) if count else []
        self._calls += 1
        return ends if self._calls == 1 or not ends else [ends[-(self._calls % 2)]]

    def make_call(self, message: EmailMultiAlternatives, *, is_checked: bool = False) -> Call:
        """What Session.request takes for this message alone; raises what anymail raises.

        Where it `is_checked`, what a form gives is held against what anymail makes of the message:
        a form that is wrong once is never used again.
        """
        if not isinstance(message, DigestMail) or not (name := name_form(message)):
            return self._make_whole_call(message)
        form = self._find_form(name, message)
        if form is None:
            return self._make_whole_call(message)
        call = form.fill(message)
        if is_checked and call != (whole := self._make_whole_call(message.make_plain())):
            logger.warning("anymail's calls follow no form here: each is made by itself.")
            self._forms[name] = None
            return whole
        return call

    def _find_form(self, name: Any, mail: DigestMail) -> PayloadForm | None:
        if name not in self._forms:
            if len(self._forms) >= MOST_FORMS:
                self._forms.clear()
            self._forms[name] = learn_form(mail, self._make_whole_call)
        return self._forms[name]

    def _make_whole_call(self, message: EmailMultiAlternatives) -> Call:
        call: Call = self.make_payload(message).get_request_params(self._backend.api_url)
        return call

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
        found = PLAIN_ADDRESS.fullmatch(str(addresses[0]))
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
    error = _("The address holds characters that no address may hold.")
    return SendResult(Outcome.REJECTED, error=error, is_ours=True)
