"""Builds every mail from three templates: subject, text and MJML."""

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
from subscribers.mail.mail_links import unsubscribe_url
from subscribers.site_look import read_look

# RFC 5322 allows lines of 998 bytes; the rest is for a word that crosses the mark.
_LINE_BYTES = 600
_LONGEST_LINE_BYTES = 900
# Comments and style sheets are left as they are: a new line within could change their meaning.
_TOKEN = re.compile(
    r"""<!--.*?--> | <style\b.*?</style> | (?P<tag><[a-z/](?:"[^"]*"|'[^']*'|[^<>"'])*>)
    | (?P<text>[^<]+|<)""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*")
# A space between a tag's attributes; those within quotes belong to a value.
_ATTRIBUTE_GAP = re.compile(r""" (?=(?:[^"']|"[^"]*"|'[^']*')*$)""")


def make_unsubscribe_headers(
    subscriber_id: int, version: int = 0, page: str = ""
) -> dict[str, str]:
    """The headers that RFC 8058, RFC 2919 and RFC 3834 ask of automatic mail to many.

    `version` is that of the subscriber's links; `page` is their unsubscribe_url, where it was
    signed before.
    """
    page = page or unsubscribe_url(subscriber_id, version)
    urls = _list_unsubscribe_urls(subscriber_id, version, page)
    return {
        "List-Unsubscribe": ", ".join([f"<{url}>" for url in urls]),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"{name_list()} <digest.{urlsplit(settings.SITE_URL).hostname}>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
    }


def name_list() -> str:
    """The site's name as a header may have it, which is ASCII."""
    name = read_look().name
    return name if _PLAIN_NAME.fullmatch(name) else "Digest"


def list_reply_to() -> list[str]:
    """Where an answer goes; [] for the sender."""
    return [address] if (address := read_look().reply_to) else []


def _list_unsubscribe_urls(subscriber_id: int, version: int, page: str) -> list[str]:
    """The values of List-Unsubscribe: an address, where mail can be received, and the page."""
    if not settings.UNSUBSCRIBE_MAILTO:
        return [page]
    token = tokens.sign(tokens.UNSUBSCRIBE, subscriber_id, version)
    return [f"mailto:{settings.UNSUBSCRIBE_MAILTO}?subject=unsubscribe%20{token}", page]


def clean_header(text: str) -> str:
    """One line without control and invisible characters, which not every backend refuses.

    Format characters such as joiners leave no space behind, all others do.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _replace_hidden(c) for c in text)
    return " ".join(text.split())


def _replace_hidden(hidden: str) -> str:
    return "" if unicodedata.category(hidden) == "Cf" else " "


def fold_lines(text: str) -> str:
    """The same text or HTML with line ends for some spaces, where a line is over 900 bytes.

    Only spaces that mean the same as a line end are replaced: between words, and between a tag's
    attributes, never within their values. A single word keeps its length.
    """
    if all(len(line) <= _LONGEST_LINE_BYTES for line in text.encode().split(b"\n")):
        return text
    folded, length = [], 0
    for is_after_space, piece in _cut_at_spaces(text):
        gap = " " if is_after_space else ""
        if is_after_space and length + len(piece.encode()) > _LINE_BYTES:
            gap = "\n"
        folded += [gap, piece]
        last_line = f"{gap}{piece}".rpartition("\n")
        length = len(last_line[2].encode()) + (0 if last_line[1] else length)
    return "".join(folded)


def _cut_at_spaces(text: str) -> Iterator[tuple[bool, str]]:
    """The text cut at every space that may become a line end: (does it follow one, piece)."""
    for token in _TOKEN.finditer(text):
        if token["tag"]:
            pieces = _ATTRIBUTE_GAP.split(token[0])
        else:
            pieces = token[0].split(" ") if token["text"] else [token[0]]
        yield from ((index > 0, piece) for index, piece in enumerate(pieces))


def build_mail(
    name: str, to: str, context: Mapping[str, Any], headers: Mapping[str, str]
) -> EmailMultiAlternatives:
    """The mail of templates/emails/<name>/, ready to send."""
    look = read_look()
    context = {"site_url": settings.SITE_URL, "site_name": look.name, "footer": look.footer} | {
        **context
    }
    message = EmailMultiAlternatives(
        subject=clean_header(render_to_string(f"emails/{name}/subject.txt", context)),
        body=fold_lines(render_to_string(f"emails/{name}/body.txt", context)),
        to=[clean_header(to)],
        headers={clean_header(key): clean_header(value) for key, value in headers.items()},
        reply_to=list_reply_to(),
    )
    html = render_to_string(f"emails/{name}/body.mjml", context, using="mjml")
    message.attach_alternative(fold_lines(look.dye(html)), "text/html")
    return message
