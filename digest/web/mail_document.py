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
_NONE = "'none'"
_HEAD_END = re.compile(r"</head\s*>", re.IGNORECASE)


def make_mail_response(html: str, policy: str = POLICY) -> HttpResponse:
    """Return the mail as a page whose content security policy allows its own styles alone.

    `policy` is the rest of the policy, all but `style-src`.
    """
    document, sheets = _replace_styles(html.replace("\r\n", "\n"))
    hashes = dict.fromkeys(f"'sha256-{_hash_sheet(sheet)}'" for sheet in sheets)
    response = HttpResponse(document)
    response["Content-Security-Policy"] = f"{policy}; style-src {' '.join(hashes) or _NONE}"
    return response


def _hash_sheet(sheet: str) -> str:
    return b64encode(sha256(sheet.encode()).digest()).decode()


def _replace_styles(html: str) -> tuple[str, list[str]]:
    """The document with a class for each style attribute, and all its style sheets."""
    names: dict[str, str] = {}
    document = _TOKEN.sub(lambda token: _replace_style(token, names), html)
    if names:
        sheet = "\n".join(_write_rule(name, style) for style, name in names.items())
        # In the head, after the mail's own: an equal weight is settled by the order.
        head_end = _HEAD_END.search(document)
        at = head_end.start() if head_end else 0
        document = f"{document[:at]}<style>{sheet}</style>{document[at:]}"
    sheets = (token["sheet"] for token in _TOKEN.finditer(document))
    return document, [sheet for sheet in sheets if sheet is not None]


def _write_rule(name: str, style: str) -> str:
    # As heavy as an id, since an attribute outweighs every selector that is not !important.
    return f".{name}:not(#_) {{{style}}}"


def _replace_style(token: re.Match[str], names: dict[str, str]) -> str:
    """The token with a class instead of a tag's style; `names` gathers the classes by style."""
    tag = token["tag"] or ""
    attributes = {a["name"].lower(): _read_attribute(a) for a in _ATTRIBUTE.finditer(tag)}
    if "style" not in attributes:
        return token[0]
    classes = [attributes["class"]] if "class" in attributes else []
    style = attributes["style"].strip()
    # Braces and tags would end the rule or the sheet; no style of an attribute needs them.
    if style and not re.search(r"[{}<]", style):
        classes.append(names.setdefault(style, f"s{len(names)}"))
    bare = _ATTRIBUTE.sub(lambda a: "" if a["name"].lower() in ("style", "class") else a[0], tag)
    if not classes:
        return bare
    return re.sub(r"^<[^\s/>]+", lambda n: f'{n[0]} class="{escape(" ".join(classes))}"', bare)


def _read_attribute(attribute: re.Match[str]) -> str:
    return unescape(attribute["twice"] or attribute["once"] or "")
