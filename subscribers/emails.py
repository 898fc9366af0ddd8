"""Where every mail is built, from three templates: subject, text and MJML; and its links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from subscribers import tokens
from subscribers.models import Subscriber

# Mail servers refuse lines of 998 bytes and more; the rest is for a word that crosses the mark.
_LINE_BYTES = 600
_LONGEST_LINE_BYTES = 900
# Comments and style sheets are left as they are: a new line within could change their meaning.
_TOKEN = re.compile(
    r"""<!--.*?--> | <style\b.*?</style> | (?P<tag><[a-z/](?:"[^"]*"|'[^']*'|[^<>"'])*>)
    | (?P<text>[^<]+|<)""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
# A space between a tag's attributes; those within quotes belong to a value.
_ATTRIBUTE_GAP = re.compile(r""" (?=(?:[^"']|"[^"]*"|'[^']*')*$)""")

_ANY_TOKEN = "any-token"


def confirm_url(subscriber: Subscriber) -> str:
    """The link that confirms; its 48 hours start when the confirmation was last sent."""
    issued_at = subscriber.confirmation_sent_at or timezone.now()
    return _link("confirm", tokens.sign_dated(tokens.CONFIRM, subscriber.pk, issued_at))


def account_url(subscriber: Subscriber, issued_at: datetime) -> str:
    """Where a reader moves, takes their data, or deletes it: for an hour, and till they move."""
    token = tokens.sign_account(subscriber.pk, issued_at, subscriber.email)
    return _link("account", token)


def move_url(subscriber_id: int, issued_at: datetime, new_email: str) -> str:
    """The link in a letter to a new address; pressing its button moves the digests there."""
    return _link("move", tokens.sign_move(subscriber_id, issued_at, new_email))


def move_back_url(former_address_id: int) -> str:
    """The link in the notice to an address that the digests have left."""
    return _link("move-back", tokens.sign(tokens.MOVE_BACK, former_address_id))


def preferences_url(subscriber_id: int) -> str:
    return _link("preferences", tokens.sign(tokens.PREFERENCES, subscriber_id))


def unsubscribe_url(subscriber_id: int) -> str:
    return _link("unsubscribe", tokens.sign(tokens.UNSUBSCRIBE, subscriber_id))


def feedback_url(subscriber_id: int) -> str:
    """Where a reader says what they want more of, without signing in; it ends in a slash.

    Below it stand more/<id>/, less/<id>/, save/<id>/ and mute/<id>/, each with a paper's primary
    key. One signature serves a whole mail, is the same every time and never expires: what is
    behind it only reorders, mutes and keeps, and only when a button is pressed.
    """
    return f"{settings.SITE_URL}/feedback/{tokens.sign(tokens.FEEDBACK, subscriber_id)}/"


def reading_list_url(subscriber_id: int) -> str:
    """Where a reader's saved papers are: whoever has the address can remove some."""
    return f"{settings.SITE_URL}/reading-list/{tokens.sign(tokens.READING_LIST, subscriber_id)}/"


def reading_feed_url(subscriber_id: int, name: str) -> str:
    """The same list for programs, `name` being atom.xml or offprint.bib; it can only be read."""
    token = tokens.sign(tokens.READING_FEED, subscriber_id)
    return f"{settings.SITE_URL}/reading-list/{token}/{name}"


def unsubscribe_headers(subscriber_id: int) -> dict[str, str]:
    """What RFC 8058, RFC 2919 and RFC 3834 ask of mail that machines send to many."""
    return {
        "List-Unsubscribe": ", ".join(f"<{way}>" for way in _ways_out(subscriber_id)),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"Offprint <digest.{urlsplit(settings.SITE_URL).hostname}>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
    }


def _ways_out(subscriber_id: int) -> list[str]:
    """A mail to us where we can receive one, and the page that a mailbox posts to."""
    page = unsubscribe_url(subscriber_id)
    if not settings.UNSUBSCRIBE_MAILTO:
        return [page]
    token = tokens.sign(tokens.UNSUBSCRIBE, subscriber_id)
    return [f"mailto:{settings.UNSUBSCRIBE_MAILTO}?subject=unsubscribe%20{token}", page]


def clean_header(text: str) -> str:
    """One line without control or invisible characters: not every backend refuses them.

    Those that only shape what stands beside them leave no gap: a joined emoji comes apart.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _in_place_of(c) for c in text)
    return " ".join(text.split())


def _in_place_of(hidden: str) -> str:
    return "" if unicodedata.category(hidden) == "Cf" else " "


def fold_lines(text: str) -> str:
    """The same text or HTML with line ends in place of some spaces, where a line is too long.

    Only spaces that mean no more than a line end are taken: between words, and between a tag's
    attributes, never within their values. A single word keeps its length.
    """
    if all(len(line) <= _LONGEST_LINE_BYTES for line in text.encode().split(b"\n")):
        return text
    folded, length = [], 0
    for is_after_space, piece in _pieces(text):
        gap = " " if is_after_space else ""
        if is_after_space and length + len(piece.encode()) > _LINE_BYTES:
            gap = "\n"
        folded += [gap, piece]
        last_line = f"{gap}{piece}".rpartition("\n")
        length = len(last_line[2].encode()) + (0 if last_line[1] else length)
    return "".join(folded)


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The text cut at every space that may become a line end: (it follows such a space, piece)."""
    for token in _TOKEN.finditer(text):
        if token["tag"]:
            pieces = _ATTRIBUTE_GAP.split(token[0])
        else:
            pieces = token[0].split(" ") if token["text"] else [token[0]]
        yield from ((place > 0, piece) for place, piece in enumerate(pieces))


def build(
    name: str, to: str, context: Mapping[str, Any], headers: Mapping[str, str]
) -> EmailMultiAlternatives:
    """The mail of templates/emails/<name>/, ready to send."""
    context = {"site_url": settings.SITE_URL, **context}
    message = EmailMultiAlternatives(
        subject=clean_header(render_to_string(f"emails/{name}/subject.txt", context)),
        body=fold_lines(render_to_string(f"emails/{name}/body.txt", context)),
        to=[clean_header(to)],
        headers={clean_header(key): clean_header(value) for key, value in headers.items()},
    )
    html = render_to_string(f"emails/{name}/body.mjml", context, using="mjml")
    message.attach_alternative(fold_lines(html), "text/html")
    return message


def _link(page: str, token: str) -> str:
    return f"{settings.SITE_URL}{_path_to(page).replace(_ANY_TOKEN, token)}"


@cache  # five links a mail, and looking an address up costs as much as signing it
def _path_to(page: str) -> str:
    return reverse(f"subscribers:{page}", args=[_ANY_TOKEN])
