"""Where every mail is built, from three templates: subject, text and MJML; and its links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from subscribers import tokens
from subscribers.mail_links import unsubscribe_url

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
