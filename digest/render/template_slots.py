"""A digest's template, cut at its marks into pieces that are rendered apart and joined.

The templates under emails/digest/ are whole Django templates: a loop over the entries between a
head and a tail. Their comments `{# cut:name #}` say where to cut, so that what is the same in
thousands of mails is rendered once; what follows `{# cut:whole #}`, the loops themselves, belongs
to the whole template alone. Joined pieces and the template rendered whole give equal bytes.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, Literal

from django.template import Context, Engine, Template, engines

Kind = Literal["html", "text"]
Values = Mapping[str, str]

CUT = re.compile(r"\{# cut:(\w+) #\}")
# A line for each element: mail servers refuse long lines, and pay for folding them.
NEW_LINE = re.compile(r"(?<=>)(?=<(?:tr|td|div|table|p|h\d|meta|style|body|head)\b)")
# No text that comes in from outside can hold this, so nothing but a slot is ever filled.
_KEY = secrets.token_hex(8)
_SLOT = re.compile(f"\ue000{_KEY}(\\w+)\ue001")


def make_slot(name: str) -> str:
    """A mark that survives rendering, to be filled later."""
    return f"\ue000{_KEY}{name}\ue001"


class Frame:
    """Rendered text with open slots: filling it costs a join, not a template.

    `slots` names them as they come; `size` is how many bytes it takes, its slots left out, and
    `addresses` how many of them are the subscriber's own address.
    """

    def __init__(self, rendered: str) -> None:
        self._pieces = _SLOT.split(rendered)
        self.slots = tuple(self._pieces[1::2])
        # One slot more than there is: so the getter always gives a tuple.
        self._get = itemgetter(*self.slots, self.slots[0]) if self.slots else None
        self.addresses = self.slots.count("feedback_url")
        self.size = sum(len(piece.encode()) for piece in self._pieces[::2])

    def fill(self, values: Values) -> str:
        """The text with every slot filled; KeyError names a slot that has no value."""
        return "".join(self.fill_pieces(values))

    def fill_pieces(self, values: Values) -> list[str]:
        """The same in pieces, for whoever joins them with others."""
        if self._get is None:
            return self._pieces
        pieces = self._pieces.copy()
        pieces[1::2] = self._get(values)[:-1]
        return pieces


@dataclass(frozen=True)
class Sheet:
    """One template, whole and in its pieces: head, line, section, card, note, more, tail."""

    whole: Template
    pieces: Mapping[str, Template]

    def make_frame(self, piece: str, context: Mapping[str, Any]) -> Frame:
        return Frame(self.render_piece(piece, context))

    def render_piece(self, piece: str, context: Mapping[str, Any]) -> str:
        made = Context(dict(context), autoescape=self._does_escape)
        return str(self.pieces[piece].render(made))

    def render_whole(self, context: Mapping[str, Any]) -> str:
        """The whole template with Django, as joined frames must come out too."""
        return str(self.whole.render(Context(dict(context), autoescape=self._does_escape)))

    @property
    def _does_escape(self) -> bool:
        return self.whole.engine.autoescape


@cache
def load_sheet(kind: Kind) -> Sheet:
    """The digest's HTML sheet, compiled from MJML, or its text sheet."""
    using, name = ("mjml", "body.mjml") if kind == "html" else ("django", "body.txt")
    loaded = engines[using].get_template(f"emails/digest/{name}")
    source = loaded.template.source  # type: ignore[attr-defined]
    if kind == "html":
        source = NEW_LINE.sub("\n", source)
    engine = Engine(autoescape=kind == "html")  # plain text means itself
    names = ["head", *CUT.findall(source)]
    pieces = zip(names, CUT.split(source)[::2], strict=True)
    return Sheet(
        whole=engine.from_string(source),
        pieces={n: engine.from_string(piece) for n, piece in pieces if n != "whole"},
    )
