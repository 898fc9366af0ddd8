"""A digest's template, cut at its marks into pieces that are rendered apart and joined.

The templates under emails/digest/ are whole Django templates: a loop over the entries between a
head and a tail. Their comments `{# cut:name #}` say where to cut, so that what is the same in
thousands of mails is rendered once; what follows `{# cut:whole #}`, the loops themselves, belongs
to the whole template alone. Joined pieces and the template rendered whole give equal bytes.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any, Literal, Self

from django.template import Context, Engine, Template, engines

Kind = Literal["html", "text"]
Values = Mapping[str, str]
Getter = Callable[[Values], tuple[str, ...]]

CUT = re.compile(r"\{# cut:(\w+) #\}")
# A line for each element: mail servers refuse long lines, and pay for folding them.
NEW_LINE = re.compile(r"(?<=>)(?=<(?:tr|td|div|table|p|h\d|meta|style|body|head)\b)")
# No text that comes in from outside can hold this, so nothing but a slot is ever filled.
_KEY = secrets.token_hex(8)
_SLOT = re.compile(f"\ue000{_KEY}(\\w+)\ue001")


def make_slot(name: str) -> str:
    """A mark that survives rendering, to be filled later."""
    return f"\ue000{_KEY}{name}\ue001"


class SlottedText:
    """Rendered text with open slots: filling it costs a join, not a template.

    `slots` names them as they come; `size` is how many bytes it takes, its slots left out, and
    `addresses` how many of them are the subscriber's own address.
    """

    __slots__ = ("_get", "_pieces", "_quoted", "_size", "addresses", "slots")

    def __init__(self, pieces: list[str]) -> None:
        """The pieces are text and the names of slots by turns; the first and the last are text."""
        self._pieces = pieces
        self.slots, self._get, self.addresses = _share_names(tuple(pieces[1::2]))
        self._size: int | None = None
        self._quoted: SlottedText | None = None

    @classmethod
    def read(cls, rendered: str) -> Self:
        """A rendered text that has the marks of make_slot in it."""
        return cls(_SLOT.split(rendered))

    @property
    def size(self) -> int:
        if self._size is None:
            self._size = sum([len(piece.encode()) for piece in self._pieces[::2]])
        return self._size

    @property
    def quoted(self) -> SlottedText:
        """The same as it stands within a string of JSON."""
        if self._quoted is None:
            pieces = self._pieces.copy()
            pieces[::2] = map(quote, pieces[::2])
            self._quoted = QuotedText(pieces, self.size)
        return self._quoted

    def measure(self, lengths: Mapping[str, int]) -> int:
        """How many bytes it takes where its slots are filled with values of these lengths."""
        return self.size + sum([lengths[name] for name in self.slots])

    def fill(self, values: Values) -> str:
        """The text with every slot filled; KeyError names a slot that has no value."""
        return "".join(self.fill_pieces(values))

    def fill_pieces(self, values: Values) -> list[str]:
        """The same in pieces, for whoever joins them with others."""
        if self._get is None:
            return self._pieces
        pieces = self._pieces.copy()
        filled = self._get(values)
        pieces[1::2] = filled if len(self.slots) > 1 else filled[:1]
        return pieces

    def fill_some(self, values: Values) -> SlottedText:
        """The text with the slots of these names filled for good; the others stay open."""
        return SlottedText(self._fill_in(values))

    def _fill_in(self, values: Values) -> list[str]:
        pieces = self._pieces[:1]
        for name, text in zip(self._pieces[1::2], self._pieces[2::2], strict=True):
            if name in values:
                pieces[-1] += f"{values[name]}{text}"
            else:
                pieces += [name, text]
        return pieces


class QuotedText(SlottedText):
    """Such a text as it stands within a string of JSON; `size` is that of the text itself.

    What `fill` puts into it is quoted before, so that it is done once for a whole mail.
    """

    __slots__ = ()

    def __init__(self, pieces: list[str], size: int) -> None:
        super().__init__(pieces)
        self._size = size

    @property
    def quoted(self) -> SlottedText:
        return self

    def fill_some(self, values: Values) -> SlottedText:
        """As of any other text: the values are quoted here."""
        added = [len(values[name].encode()) for name in self.slots if name in values]
        pieces = self._fill_in({name: quote(value) for name, value in values.items()})
        return QuotedText(pieces, self.size + sum(added))


@lru_cache(4096)
def _share_names(names: tuple[str, ...]) -> tuple[tuple[str, ...], Getter | None, int]:
    """The names of slots, what gets their values, and how many are the subscriber's own address.

    One for all texts with these slots: there are thousands of them.
    """
    # Of two names or more the getter gives a tuple: a single one is asked for twice.
    asked = names * 2 if len(names) == 1 else names
    return names, itemgetter(*asked) if asked else None, names.count("feedback_url")


def quote(text: str) -> str:
    """The text as it stands within a string of JSON, as Python's json writes it.

    The quoted pieces of a text, joined, are the quoted text.
    """
    return encode_basestring_ascii(text)[1:-1]


@dataclass(frozen=True)
class DigestTemplate:
    """One template, whole and in its pieces: head, line, section, card, note, more, tail."""

    whole: Template
    pieces: Mapping[str, Template]

    def make_text(self, piece: str, context: Mapping[str, Any]) -> SlottedText:
        return SlottedText.read(self.render_piece(piece, context))

    def render_piece(self, piece: str, context: Mapping[str, Any]) -> str:
        made = Context(dict(context), autoescape=self._does_escape)
        return str(self.pieces[piece].render(made))

    def render_whole(self, context: Mapping[str, Any]) -> str:
        """The whole template with Django, as joined pieces must come out too."""
        return str(self.whole.render(Context(dict(context), autoescape=self._does_escape)))

    @property
    def _does_escape(self) -> bool:
        return self.whole.engine.autoescape


@cache
def load_template(kind: Kind) -> DigestTemplate:
    """The digest's template for its HTML part, compiled from MJML, or for its text part."""
    using, name = ("mjml", "body.mjml") if kind == "html" else ("django", "body.txt")
    loaded = engines[using].get_template(f"emails/digest/{name}")
    source = loaded.template.source  # type: ignore[attr-defined]
    if kind == "html":
        source = NEW_LINE.sub("\n", source)
    # Plain text means itself.
    engine = Engine(autoescape=kind == "html", builtins=["django.templatetags.i18n"])
    names = ["head", *CUT.findall(source)]
    pieces = zip(names, CUT.split(source)[::2], strict=True)
    return DigestTemplate(
        whole=engine.from_string(source),
        pieces={n: engine.from_string(piece) for n, piece in pieces if n != "whole"},
    )


@lru_cache(1024)
def make_entry_text(kind: Kind, piece: str, names: tuple[str, ...]) -> SlottedText:
    """A piece for an entry that has these values, and a slot for each of them.

    A template asks of an entry's values only whether they are there, so that all entries with the
    same ones share this text, and Django renders it once.
    """
    entry = {name: make_slot(name) for name in names}
    open_slots = {name: make_slot(name) for name in ("place", "feedback_url")}
    context = {"entry": open_slots | entry, "feedback_url": open_slots["feedback_url"]}
    return load_template(kind).make_text(piece, context)
