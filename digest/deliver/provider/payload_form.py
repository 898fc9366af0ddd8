"""The call that anymail makes for a digest, learned once as a form: text with a few blanks.

anymail's payload of one digest differs from that of the next only in what stands in places of its
own: whom it goes to, what it says, one header and the key. So anymail makes the call once, of a
mail with a name of ours in each of these places; where the names come out in its JSON, any other
mail's words may stand. Whatever else there is, be it a default of anymail's settings, is part of
the form.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMultiAlternatives

from digest.deliver.provider.batch_call import Call
from digest.render.digest_mail import DigestMail
from digest.render.template_slots import quote

OWN_HEADER = "List-Unsubscribe"  # the only one that is another in each mail
BLANKS = ("to", "subject", "text", "html", "header", "key")
# Letters and digits stand in JSON, and in JSON within JSON, as they are.
_KEY = f"q{secrets.token_hex(12)}"
_NAMES = {blank: f"{_KEY}{place}z" for place, blank in enumerate(BLANKS)}
_NAME = re.compile(rf"{_KEY}(\d)z(?:@{_KEY}\.example)?")
_ATOMS = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
# An address that anymail hands on as it is: what is on either side of the @ is what a parser would
# find (dot-atom of https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3).
PLAIN_ADDRESS = re.compile(rf"({_ATOMS})@({_ATOMS})")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9-]+")


class PayloadForm:
    """The call for any digest of the same sender, other headers and address for answers."""

    def __init__(self, call: Call, pieces: list[str]) -> None:
        """The pieces are text and the names of blanks by turns."""
        self._call, self._pieces = call, pieces

    def fill(self, mail: DigestMail) -> Call:
        """The call for this mail alone, to the byte as anymail would make it."""
        assert mail.quoted
        words = {
            "to": mail.to[0],
            "subject": quote(str(mail.subject)),
            "text": mail.quoted.text,
            "html": mail.quoted.html,
            "header": quote(mail.extra_headers[OWN_HEADER]),
            "key": mail.metadata["delivery"],
        }
        pieces = self._pieces.copy()
        pieces[1::2] = [words[blank] for blank in pieces[1::2]]
        return {**self._call, "data": "".join(pieces)}


def name_form(mail: DigestMail) -> tuple[Any, ...] | None:
    """What mails of one form have in common; None for one whose call only anymail can make."""
    headers, key = mail.extra_headers, mail.metadata.get("delivery", "")
    is_usual = (
        mail.is_as_made
        and not (mail.cc or mail.bcc or mail.attachments)
        and len(mail.to) == len(mail.metadata) == 1
        and OWN_HEADER in headers
        and _PLAIN_KEY.fullmatch(key)
        and PLAIN_ADDRESS.fullmatch(mail.to[0])
    )
    if not is_usual:
        return None
    others = [(name, "" if name == OWN_HEADER else value) for name, value in headers.items()]
    return mail.from_email, *mail.reply_to, *others


def learn_form(
    mail: DigestMail, build: Callable[[EmailMultiAlternatives], Call]
) -> PayloadForm | None:
    """The form of the call that `build` makes for this mail and those like it.

    None where a blank does not come out once, or the call is no text. Raises what `build` raises.
    """
    named = EmailMultiAlternatives(
        _NAMES["subject"],
        _NAMES["text"],
        mail.from_email,
        [f"{_NAMES['to']}@{_KEY}.example"],
        headers={**mail.extra_headers, OWN_HEADER: _NAMES["header"]},
        reply_to=mail.reply_to,
    )
    named.attach_alternative(_NAMES["html"], "text/html")
    named.metadata = {"delivery": _NAMES["key"]}  # type: ignore[attr-defined]
    call = build(named)
    if not isinstance(call["data"], str):
        return None
    pieces = _NAME.split(call["data"])
    pieces[1::2] = [BLANKS[int(place)] for place in pieces[1::2]]
    if sorted(pieces[1::2]) != sorted(BLANKS):
        return None
    return PayloadForm(call, pieces)
