"""A mail's HTML as a document of a browser: it looks the same, and may do nothing.

Mails carry their styles in attributes, which no hash but only 'unsafe-inline' (or a hash for each
of some forty values) would let through. So every value becomes a class of one style sheet, and the
policy names the hashes of this document's own sheets and nothing else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape, unescape

from django.http import HttpResponse

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
# Comments and style sheets hold no tags of the document.
_TOKEN = re.compile(
    r"""<!--.*?--> | <style\b[^>]*>(?P<sheet>.*?)</style>
    | (?P<tag><[a-z](?:"[^"]*"|'[^']*'|[^<>"'])*>)""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
# One attribute after another, so that none is found within the value of another.
_ATTRIBUTE = re.compile(
    r"""\s+(?P<name>[^\s=/>"']+)(?:\s*=\s*(?:"(?P<twice>[^"]*)"|'(?P<once>[^']*)'))?"""
)
_HEAD_END = re.compile(r"</head\s*>", re.IGNORECASE)


def framed(html: str, policy: str = POLICY) -> HttpResponse:
    """The mail as an answer; `policy` says what else holds, but for the styles."""
    document, sheets = _with_classes(html.replace("\r\n", "\n"))
    hashes = " ".join(dict.fromkeys(f"'sha256-{_hash(sheet)}'" for sheet in sheets)) or "'none'"
    response = HttpResponse(document)
    response["Content-Security-Policy"] = f"{policy}; style-src {hashes}"
    return response


def _hash(sheet: str) -> str:
    return b64encode(sha256(sheet.encode()).digest()).decode()


def _with_classes(html: str) -> tuple[str, list[str]]:
    """The document with a class for each style attribute, and all its style sheets."""
    names: dict[str, str] = {}
    document = _TOKEN.sub(lambda token: _without_style(token, names), html)
    if names:
        sheet = "\n".join(_rule(name, style) for style, name in names.items())
        # In the head, after the mail's own: an equal weight is settled by the order.
        head_end = _HEAD_END.search(document)
        place = head_end.start() if head_end else 0
        document = f"{document[:place]}<style>{sheet}</style>{document[place:]}"
    found = (token["sheet"] for token in _TOKEN.finditer(document))
    return document, [sheet for sheet in found if sheet is not None]


def _rule(name: str, style: str) -> str:
    # As heavy as an id, since an attribute outweighs every selector that is not !important.
    return f".{name}:not(#_) {{{style}}}"


def _without_style(token: re.Match[str], names: dict[str, str]) -> str:
    """What stands there, but for a tag's style, which is one of its classes now."""
    tag = token["tag"]
    found = {a["name"].lower(): _value(a) for a in _ATTRIBUTE.finditer(tag)} if tag else {}
    if "style" not in found:
        return token[0]
    classes = [found["class"]] if "class" in found else []
    style = found["style"].strip()
    # Braces and tags would end the rule or the sheet; no style of an attribute needs them.
    if style and not re.search(r"[{}<]", style):
        classes.append(names.setdefault(style, f"s{len(names)}"))
    bare = _ATTRIBUTE.sub(lambda a: "" if a["name"].lower() in ("style", "class") else a[0], tag)
    if not classes:
        return bare
    return re.sub(r"^<[^\s/>]+", lambda n: f'{n[0]} class="{escape(" ".join(classes))}"', bare)


def _value(attribute: re.Match[str]) -> str:
    return unescape(attribute["twice"] or attribute["once"] or "")
