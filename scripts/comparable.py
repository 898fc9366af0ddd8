"""Mails and pages of two checkouts as lines that can be compared: only what truly differs goes.

What two runs of one checkout say differently, and what becomes of it here:

* a mail's Message-ID and the boundary between its parts are drawn by lot: `MESSAGE-ID` and
  `BOUNDARY` take their places, on the outbox page too;
* a UUID (a delivery's key, which names its file in the outbox) is drawn by lot: what it stands for
  takes its place, such as `mail-of-2026-04-20-agents@example.org`;
* the folder of the run and the port of the replaying program: `RUN-FOLDER` and `REPLAY` are put
  in their places (both are in the names that a run hands over);
* Django's CSRF token in a form of the admin is drawn by lot: `TOKEN` takes its place;
* when a row was claimed and sent, in what readers export: the seconds are those of the clock;
* the stamp of a sign-up form, one for each form, is drawn by lot: `STAMP` takes its place;
* Last-Modified and ETag of a static file tell when the checkout was made: left out;
* Set-Cookie says the same token, or a session's key: only the cookie's name is kept;
* a delivery's provider has some letters that stand for the account, which for the outbox is the
  run's folder: `outbox ACCOUNT`;
* where Python shows an object for want of a text, it shows its place in memory: `0xPLACE`;
* django-csp names the directives of Content-Security-Policy in the order of a set, and so does
  the admin's theme with the names in `class`; that changes from process to process: both are
  sorted, for their order means nothing.

Everything else is equal in two runs, the signed links and the date of a mail included, because
both runs have one secret key and a clock that stands still.

What may differ though both mean the same, and how it is put:

* white space in HTML next to the edge of a block, such as `<td>`: left out. Elsewhere a run of it
  is one space, for a browser shows it so; in <pre>, <textarea> and <script> it stays as it is.
  Within a tag it is one space between attributes, and within the values of `class` and `style`.
  In <style> it is one space, and none next to `{`, `}` and `;`.
* the headers that follow from the bytes of an HTML or XML page, Content-Length and ETag: left
  out.
* white space between the values of JSON, and text that is white space alone between tags of XML.
"""

from __future__ import annotations

import email
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, EmailPolicy
from functools import lru_cache
from typing import Any

# A browser shows no white space next to the edges of these; `!doctype` and Outlook's conditions
# stand between blocks in the same way.
_BLOCKS_SAID = (
    "html head body title meta link base style script template div p h1 h2 h3 h4 h5 h6 ul ol li dl"
    " dt dd table caption colgroup col thead tbody tfoot tr td th form fieldset legend section"
    " article header footer main nav aside figure figcaption details summary hr br select optgroup"
    " option datalist blockquote pre center noscript svg g path rect line circle polyline polygon"
    " xml !doctype ?xml"
)
_BLOCKS = frozenset(_BLOCKS_SAID.split())
_TOKEN = re.compile(
    r"""(?P<condition><!--\[if[^\]]*\]>(?:<!-->)?|(?:<!--)?<!\[endif\]-->)
    | (?P<comment><!--.*?-->|<!\[CDATA\[.*?\]\]>)
    | (?P<raw><(?P<name>script|style|pre|textarea)\b(?:"[^"]*"|'[^']*'|[^'">])*>)
      (?P<content>.*?)(?P<end></(?P=name)\s*>)
    | (?P<tag><[/!?]?[a-zA-Z](?:"[^"]*"|'[^']*'|[^'">])*>)
    | (?P<text>[^<]+|<)""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_TAG_NAME = re.compile(r"<([/!?]?)([\w:-]+)")
_ATTRIBUTE = re.compile(r"""(\s+)|([\w:@.-]+)=("[^"]*"|'[^']*')""")
_LINK = re.compile(r"""\s(?:href|src|action|value|alt|aria-label)=("[^"]*"|'[^']*')""")
_CSP = "content-security-policy"
_CSRF = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*')
_STAMP = re.compile(r"\b\d{16}-[0-9a-f]{12}\.[\w-]{43}(?![\w-])")  # one serves one form
# While mails are handed over, time goes on from the moment that stands still.
_WHILE_SENT = re.compile(r'("(?:claimed|sent)_at": "[\d-]+T\d\d:\d\d):[\d.]+Z')
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_BOUNDARY = re.compile(r"={15}\d{19}==")  # as Python's email package makes them
_MESSAGE_ID = re.compile(r"\b\d+\.\d+\.\d+@localhost\b")  # time, process and lot, by Django
_FOLLOW_FROM_BYTES = {"content-length", "etag"}
_FOLLOW_FROM_FILES = {"last-modified", "etag"}
_IN_MEMORY = re.compile(r"\bobject at 0x[0-9a-f]+")
_ACCOUNT = re.compile(r"\boutbox [0-9a-f]{8}\b")
_POLICY: EmailPolicy[EmailMessage] = SMTP.clone(max_line_length=None)


def name_lots(text: str, names: Mapping[str, str]) -> str:
    """Put what they stand for in the place of UUIDs, and of the other names of one run."""
    for lot in names.keys() - set(_UUID.findall(" ".join(names))):
        text = text.replace(lot, names[lot])
    text = _MESSAGE_ID.sub("MESSAGE-ID", _BOUNDARY.sub("BOUNDARY", text))
    text = _ACCOUNT.sub("outbox ACCOUNT", _IN_MEMORY.sub("object at 0xPLACE", text))
    return _UUID.sub(lambda found: names.get(found[0], "UUID"), text)


def describe_mail(raw: str) -> list[str]:
    """The lines of an .eml file: its headers, unfolded, then each part's headers and content."""
    return list(_describe_part(_parse_mail(raw)))


def read_body(raw: str, kind: str) -> str:
    """The text of an .eml file, `kind` being plain or html; "" where it has none."""
    part = _parse_mail(raw).get_body((kind,))
    return str(part.get_content()) if part else ""


def _parse_mail(raw: str) -> EmailMessage:
    return email.message_from_bytes(raw.encode("utf-8", "surrogateescape"), policy=_POLICY)


def _describe_part(part: MIMEPart) -> Iterator[str]:
    yield from (f"{name}: {str(value).strip()}" for name, value in part.items())
    if part.is_multipart():
        for inner in part.iter_parts():
            yield from ["", *_describe_part(inner)]
    elif part.get_content_type() == "text/html":
        yield from ["", *describe_html(part.get_content())]
    else:
        yield from ["", *str(part.get_content()).split("\n")]


def describe_page(page: Mapping[str, Any]) -> list[str]:
    """The lines of an answer: its status, its headers in the order of their names, its body."""
    headers = {name.lower(): value for name, value in page["headers"]}
    kind = headers.get("content-type", "").partition(";")[0]
    if kind in ("text/html", "application/xml"):
        headers = {name: headers[name] for name in headers.keys() - _FOLLOW_FROM_BYTES}
    if page["path"].startswith("/static/"):
        headers = {name: headers[name] for name in headers.keys() - _FOLLOW_FROM_FILES}
    if policy := headers.get(_CSP):
        headers[_CSP] = "; ".join(sorted(policy.split("; ")))
    said = [f"{name}: {value}" for name, value in sorted(headers.items())]
    return [f"status: {page['status']}", *said, "", *_describe_body(kind, page["body"])]


def list_page_words(page: Mapping[str, Any]) -> list[str]:
    """What a visitor reads and follows on a page: its status, its words, its links, line by line.

    Headers and white space say nothing here, nor do classes; scripts and styles are left out.
    """
    lines = describe_page(page)
    body = lines[lines.index("") + 1 :]
    words = [word for line in body if not line.startswith("<") for word in line.split()]
    links = [found[1] for line in body for found in _LINK.finditer(line) if line.startswith("<")]
    return [lines[0], *words, *links]


def _describe_body(kind: str, body: str) -> list[str]:
    if kind == "text/html":
        return list(describe_html(_STAMP.sub("STAMP", _CSRF.sub(r"\1TOKEN", body))))
    if kind.endswith("json"):
        with suppress(ValueError):  # else it is compared as it is
            said = json.dumps(json.loads(body), indent=1, ensure_ascii=False)
            return _WHILE_SENT.sub(r"\1:SECONDS", said).split("\n")
    if kind.endswith("xml"):
        return describe_xml(body)
    return body.split("\n")


@lru_cache(10_000)  # most pages are equal in both checkouts
def describe_html(html: str) -> tuple[str, ...]:
    """Every tag and every text on a line of its own, without the white space nobody sees."""
    lines: list[str] = []
    text = ""
    is_after_block = True
    for token in _TOKEN.finditer(html):
        if token["text"]:
            text += token["text"]
            continue
        is_block = _is_block(token)
        lines += _describe_text(text, is_after_block, is_block)
        text, is_after_block = "", is_block
        lines.append(_describe_tag(token))
    return (*lines, *_describe_text(text, is_after_block, True))


def describe_xml(xml: str) -> list[str]:
    """Every tag and every text on a line of its own; text that is only white space is left out."""
    tokens = [found[0] for found in re.finditer(r"<!--.*?-->|<[^>]*>|[^<]+", xml, re.DOTALL)]
    return [" ".join(t.split()) if t[0] == "<" else t for t in tokens if t.strip()]


def _is_block(token: re.Match[str]) -> bool:
    if token["condition"] or token["comment"]:
        return bool(token["condition"])
    if token["name"]:
        return token["name"].lower() != "textarea"
    found = _TAG_NAME.match(token[0])
    if found is None:
        return False
    mark = "" if found[1] == "/" else found[1]
    return f"{mark}{found[2]}".lower() in _BLOCKS


def _describe_text(text: str, is_after_block: bool, is_before_block: bool) -> list[str]:
    said = re.sub(r"[ \t\r\n\f]+", " ", text)
    if is_after_block:
        said = said.removeprefix(" ")
    if is_before_block:
        said = said.removesuffix(" ")
    return [said] if said else []


def _describe_tag(token: re.Match[str]) -> str:
    if token["name"]:
        content = token["content"]
        if token["name"].lower() == "style":
            content = re.sub(r" ?([{};]) ?", r"\1", " ".join(content.split()))
        return f"{_join_attributes(token['raw'])}{content}{token['end']}"
    return _join_attributes(token["tag"]) if token["tag"] else token[0]


def _join_attributes(tag: str) -> str:
    """The same tag with one space between attributes, and within the values of two of them."""
    joined = _ATTRIBUTE.sub(_describe_attribute, tag)
    return re.sub(r"\s+(/?>)$", r"\1", joined)


def _describe_attribute(found: re.Match[str]) -> str:
    if found[1]:
        return " "
    name, words = found[2], found[3][1:-1].split()
    if name.lower() == "class":
        return f'{name}="{" ".join(sorted(words))}"'
    return f'{name}="{" ".join(words)}"' if name.lower() == "style" else found[0]
