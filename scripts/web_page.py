"""What a visitor finds in a page's HTML: links, and forms with what stands in them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_LINK = re.compile(r"""\s(?:href|src)=(?:"([^"]+)"|'([^']+)')""")
Attributes = Mapping[str, str | None]


def read_links(page: str) -> list[str]:
    """Where a page leads to and what it loads, as it says it, each once and in their order."""
    found = (html.unescape(link or other) for link, other in _LINK.findall(page))
    return list(dict.fromkeys(found))


@dataclass
class Button:
    """One that sends its form; `name` may be empty."""

    name: str
    value: str
    text: str = ""


@dataclass
class Form:
    """A form as it stands on the page; `action` is empty where it goes to the page itself."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


class FormReader(HTMLParser):
    """The forms of one page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._select: str = ""
        self._area: tuple[str, list[str]] | None = None
        self.feed(page)
        self.close()

    def find_button(self, text: str) -> tuple[Form, Button] | None:
        """The first button whose words begin so, and its form."""
        found = ((form, b) for form in self.forms for b in form.buttons if b.text.startswith(text))
        return next(found, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: Attributes = dict(attrs)
        if tag == "form":
            self._form = Form(said.get("action") or "", (said.get("method") or "get").lower())
            self.forms.append(self._form)
        if self._form is not None:
            self._read_field(tag, said, self._form)

    def _read_field(self, tag: str, said: Attributes, form: Form) -> None:
        name, value = said.get("name") or "", said.get("value")
        if tag == "button" and said.get("type") == "submit":
            self._button = Button(name, value or "")
            form.buttons.append(self._button)
        elif tag == "input" and name and said.get("type") in ("checkbox", "radio"):
            if "checked" in said:
                form.add(name, "on" if value is None else value)
        elif tag == "input" and name:
            form.add(name, value or "")
        elif tag == "textarea":
            self._area = (name, [])
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in said and self._select:
            form.add(self._select, value or "")

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.text += data
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None
        elif tag == "textarea" and self._area and self._form is not None:
            self._form.add(self._area[0], "".join(self._area[1]).removeprefix("\n"))
            self._area = None
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._form = None
