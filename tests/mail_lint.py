"""A lint for mail: everything that may be wrong with a message before it leaves, in words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.core.mail import EmailMultiAlternatives

LINE_BYTES = 998  # RFC 5322; a longer line is refused or cut
CLIPPED_BYTES = 90_000  # Gmail cuts near 102 KB
STYLE_CHARS = 8_192  # Gmail drops a longer style sheet whole
FORBIDDEN = {
    "script",
    "link",
    "iframe",
    "form",
    "input",
    "object",
    "embed",
    "video",
    "audio",
    "svg",
}
LOADING = {"src", "srcset", "background", "poster", "action", "formaction", "data", "ping"}
HEADINGS = ("h1", "h2", "h3", "h4")


class Page(HTMLParser):
    """The elements of a mail, its words, and what its links lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []  # tag, name, value
        self.styled: list[tuple[str, str]] = []  # tag, its own style
        self.headings: list[tuple[str, str]] = []  # tag, words
        self.words = ""
        self._heading = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.styled.append((tag, dict(attrs).get("style") or ""))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in HEADINGS:
            self._heading = tag
            self.headings.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._heading:
            self._heading = ""

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._heading:
            self.headings[-1] = (self._heading, self.headings[-1][1] + data)

    @property
    def links(self) -> list[str]:
        found = [value for tag, name, value in self.attributes if (tag, name) == ("a", "href")]
        return [link for link in found if link[:1] != "#"]

    @property
    def broken_anchors(self) -> set[str]:
        """The places within the mail that a link leads to and that are not there."""
        hrefs = [value for _, name, value in self.attributes if name == "href"]
        return {href[1:] for href in hrefs if href[:1] == "#"} - set(self.ids)

    @property
    def ids(self) -> list[str]:
        return [value for _, name, value in self.attributes if name == "id"]

    @property
    def titles(self) -> list[str]:
        return [squeezed(words) for tag, words in self.headings if tag == "h3"]

    @property
    def said(self) -> str:
        return " ".join(self.words.split())

    def pictures_without_words(self) -> int:
        return self.tags.count("img") - sum(
            (tag, name) == ("img", "alt") for tag, name, _ in self.attributes
        )

    def leaning(self) -> list[str]:
        """The elements that would look wrong where a mail program drops the style sheet."""
        styles = {"a": "color:", "mark": "color:", "ol": "margin:", "p": "margin:"}
        styles |= dict.fromkeys(HEADINGS, "margin:")
        return [tag for tag, style in self.styled if styles.get(tag, "") not in style]

    def jumping_headings(self) -> bool:
        """Whether a heading is more than one step below the one before, or there is no first."""
        levels = [int(tag[1]) for tag, _ in self.headings]
        steps = zip([0, *levels], levels, strict=False)
        return levels.count(1) != 1 or any(after - before > 1 for before, after in steps)


def squeezed(words: str) -> str:
    """Without any white space: where lines end says nothing about what is said."""
    return "".join(words.split())


def html_of(message: EmailMultiAlternatives | None) -> str:
    assert message is not None
    return str(message.alternatives[0][0])


def headers_of(message: EmailMultiAlternatives) -> list[str]:
    """Each header on one line, as typed and as sent: only folds in front of a space are undone."""
    sent = [re.sub(r"\r?\n(?=[ \t])", "", value) for value in message.message().values()]
    return [str(message.subject), *message.to, *message.extra_headers.values(), *sent]


def complaints(message: EmailMultiAlternatives) -> list[str]:
    """Everything wrong with a digest."""
    html, text = html_of(message), str(message.body)
    page, headers = Page(html), message.extra_headers
    unsubscribe = headers.get("List-Unsubscribe", "").rpartition("<")[2].rstrip(">")
    wanted = {"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"}
    checks = {
        "headers missing": wanted <= {*message.message()},
        "no way out at top and foot": page.links.count(unsubscribe) == 2 and unsubscribe in text,
        "text and HTML differ in their papers": _same_papers(page, text),
        "no links": bool(page.links),
    }
    said = [complaint for complaint, holds in checks.items() if not holds]
    return complaints_of_letter(message) + said


def complaints_of_letter(message: EmailMultiAlternatives) -> list[str]:
    """What may be wrong with any mail, digest or not."""
    html, text = html_of(message), str(message.body)
    page, sent = Page(html), message.message()
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    tables = page.tags.count("table")
    named = [value for tag, name, value in page.attributes if (tag, name) == ("table", "role")]
    checks = {
        "MJML is left over": "<mj-" not in html,
        "a template is left over": not re.search(r"\{% (?:if|for|block)|\{# cut", html + text),
        "a forbidden element": not FORBIDDEN & set(page.tags),
        "a picture without words": page.pictures_without_words() == 0,
        "an import or url()": not re.search(r"@import|url\s*\(", html, re.IGNORECASE),
        "an outside request": not [a for a in page.attributes if a[1] in LOADING],
        "an event handler": not [a for a in page.attributes if a[1].startswith("on")],
        "an href elsewhere": not [a for a in page.attributes if a[1] == "href" and a[0] != "a"],
        "a link not http(s)": all(re.match(r"https?://[^/]", link) for link in page.links),
        "a link to nowhere within the mail": not page.broken_anchors,
        "two places of one name": len(page.ids) == len(set(page.ids)),
        "no language": ("html", "lang", "en") in page.attributes,
        "no title": "title" in page.tags,
        "headings out of order": not page.jumping_headings(),
        "a table that is read out as one": named == ["presentation"] * tables,
        "no word on dark mode": 'name="color-scheme"' in html,
        "a style sheet that Gmail drops": all(len(style) < STYLE_CHARS for style in styles),
        "a look that hangs on the style sheet": not page.leaning(),
        "control characters": not re.search(r"[\x00-\x1f\x7f]", "".join(headers_of(message))),
        "a long line": all(len(line) < LINE_BYTES for line in sent.as_bytes().splitlines()),
        "a long HTML line": all(len(line.encode()) < LINE_BYTES for line in html.split("\n")),
        "a long text line": all(len(line.encode()) < LINE_BYTES for line in text.split("\n")),
        "a mail that Gmail clips": len(html.encode()) < CLIPPED_BYTES,
        "an open slot": not re.search("\ue000[0-9a-f]{16}", html + text),
    }
    return [complaint for complaint, holds in checks.items() if not holds]


def _same_papers(page: Page, text: str) -> bool:
    """Whether the text part numbers the same papers in the same order."""
    flat, places = squeezed(text), list[int]()
    for n, title in enumerate(page.titles, 1):
        # The table of contents comes first, so the entry is the last place. A title that had to be
        # cut ends in an ellipsis, which the whole one in the text does not.
        places.append(flat.rfind(f"{n}.{title.removesuffix('…')}"))
    entries = re.findall(r"^    (?:Abstract|Read it) \[\d+\]", text, re.MULTILINE)
    return -1 not in places and places == sorted(places) and len(entries) == len(places)
