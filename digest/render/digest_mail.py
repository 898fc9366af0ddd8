"""A digest as a message of Django's, whose bodies may be kept as JSON quotes them.

What goes to a provider's HTTP interface goes as JSON, and quoting two bodies costs as much as all
else about a mail that is joined of kept pieces. So the pieces are kept quoted, and joined so.
Whoever asks for the bodies all the same gets them as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import EmailAlternative

from digest.models import Delivery
from subscribers.mail import emails


@dataclass(frozen=True, slots=True)
class Bodies:
    """The HTML and the text of a mail, quoted as within a string of JSON or as they are."""

    html: str
    text: str
    is_quoted: bool = False

    def unquote(self) -> Bodies:
        """As they are."""
        return Bodies(unquote(self.html), unquote(self.text)) if self.is_quoted else self


class DigestMail(EmailMultiAlternatives):
    """The mail of a delivery; `metadata` is what anymail hands to the provider beside it.

    `quoted` are its bodies in JSON, and None once anybody asked for what they are: whoever has
    them in hand may change them.
    """

    quoted: Bodies | None = None

    def __init__(
        self, delivery: Delivery, subject: str, bodies: Bodies, headers: Mapping[str, str]
    ) -> None:
        super().__init__(
            subject,
            to=[emails.clean_header(delivery.subscriber.email)],
            headers=dict(headers),
            reply_to=emails.list_reply_to(),
        )
        self.metadata = {"delivery": str(delivery.key)}
        del self.body, self.alternatives
        if bodies.is_quoted:
            self.quoted = bodies
        else:
            self._set_bodies(bodies)

    def make_plain(self) -> EmailMultiAlternatives:
        """The same mail as one of Django's own; this one is left as it is."""
        bodies = self.quoted.unquote() if self.quoted else None
        plain = EmailMultiAlternatives(
            self.subject,
            bodies.text if bodies else self.body,
            self.from_email,
            list(self.to),
            headers=dict(self.extra_headers),
            reply_to=list(self.reply_to),
        )
        plain.alternatives = (
            [EmailAlternative(bodies.html, "text/html")] if bodies else list(self.alternatives)
        )
        plain.metadata = dict(self.metadata)  # type: ignore[attr-defined]
        return plain

    @property
    def size(self) -> int:
        """How many bytes its quoted bodies have, which are ASCII; 0 of one that is not quoted."""
        return len(self.quoted.html) + len(self.quoted.text) if self.quoted else 0

    @property
    def is_as_made(self) -> bool:
        """Whether nobody asked for its bodies, or gave it anything else since it was made."""
        return bool(self.quoted) and vars(self).keys() == _list_names()

    def __getattr__(self, name: str) -> Any:
        """What is not there yet: the bodies, once they are asked for."""
        if name not in ("body", "alternatives") or self.quoted is None:
            raise AttributeError(name)
        bodies, self.quoted = self.quoted, None
        self._set_bodies(bodies.unquote())
        return vars(self)[name]

    def _set_bodies(self, bodies: Bodies) -> None:
        """Those that nobody has set meanwhile."""
        vars(self).setdefault("body", bodies.text)
        html = EmailAlternative(bodies.html, "text/html")
        vars(self).setdefault("alternatives", [html])


@cache
def _list_names() -> frozenset[str]:
    """The attributes of a mail with quoted bodies."""
    names = vars(EmailMultiAlternatives()).keys() - {"body", "alternatives"}
    return frozenset(names | {"quoted", "metadata"})


def unquote(text: str) -> str:
    """What was quoted as within a string of JSON."""
    return str(json.loads(f'"{text}"'))
