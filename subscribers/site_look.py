"""The name, colours and words of the site, for whoever renders a page or a mail.

Read from the database once in a few seconds by each process, whatever is rendered meanwhile.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from subscribers.models.site_look import ACCENT, ACCENT_DARK, NAME, SiteLook

FRESH_SECONDS = 5.0
_WORDS: tuple[str, ...] = ("name", "tagline", "accent", "accent_dark", "footer", "reply_to")
_WORDS += ("imprint", "contact", "privacy")
_WHITE, _INK = "#ffffff", "#171614"
_SHIPPED = re.compile(f"{ACCENT}|{ACCENT_DARK}")


@dataclass(frozen=True)
class Look:
    """What is shown; as shipped where nothing was typed."""

    name: str = NAME
    tagline: str = ""
    accent: str = ACCENT
    accent_dark: str = ACCENT_DARK
    footer: str = ""
    topics: tuple[str, ...] = ()
    reply_to: str = ""
    imprint: str = ""
    contact: str = ""
    privacy: str = ""
    has_logo: bool = False
    stamp: str = "shipped"  # another one after each change

    @property
    def has_colors(self) -> bool:
        return (self.accent, self.accent_dark) != (ACCENT, ACCENT_DARK)

    def dye(self, html: str) -> str:
        """A mail in the site's colours: they stand in its styles as those that are shipped."""
        if not self.has_colors:
            return html
        own = {ACCENT: self.accent, ACCENT_DARK: self.accent_dark}
        # In one pass: either colour may be the other one as it is shipped.
        return _SHIPPED.sub(lambda found: own[found[0]], html)

    def write_stylesheet(self) -> str:
        day = f"--accent:{self.accent};--on-accent:{choose_text_color(self.accent)}"
        night = f"--accent:{self.accent_dark};--on-accent:{choose_text_color(self.accent_dark)}"
        return f":root{{{day}}}\n@media (prefers-color-scheme:dark){{:root{{{night}}}}}\n"


class _KeptLook:
    """What was read last, and until which second of the monotonic clock it is fresh."""

    def __init__(self) -> None:
        self.look, self.fresh_until = Look(), float("-inf")


kept = _KeptLook()


def read_look() -> Look:
    """The present look, some seconds old at most; the last one while the database is away."""
    if time.monotonic() >= kept.fresh_until:
        try:
            row = SiteLook.objects.first()
            kept.look = fill_in_texts(make_look(row) if row else Look())
        except DatabaseError:
            pass  # a page of an error is shown all the same
        kept.fresh_until = time.monotonic() + FRESH_SECONDS
    return kept.look


def make_look(row: SiteLook) -> Look:
    said = {word: getattr(row, word).strip() for word in _WORDS}
    state = repr([*said.values(), row.topics, bytes(row.logo or b"")])
    return Look(
        **said,
        topics=tuple(line.strip() for line in row.topics.splitlines() if line.strip()),
        has_logo=bool(row.logo),
        stamp=_make_stamp(state),
    )


def fill_in_texts(look: Look) -> Look:
    """With the texts of the environment where none was typed."""
    filled = replace(
        look,
        imprint=look.imprint or _join(settings.IMPRINT_TEXT),
        contact=look.contact or _join(settings.CONTACT_TEXT),
        privacy=look.privacy or _join(settings.PRIVACY_TEXT),
    )
    return look if filled == look else replace(filled, stamp=_make_stamp(repr(filled)))


def _make_stamp(state: str) -> str:
    return blake2b(state.encode(), digest_size=6).hexdigest()


def _join(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def forget_look(**_signal: Any) -> None:
    """Read it anew the next time; for the signal that it was saved."""
    kept.fresh_until = float("-inf")


def choose_text_color(background: str) -> str:
    """White or ink, whichever is read more easily on the colour."""
    return max(_WHITE, _INK, key=lambda color: compute_contrast(color, background))


def compute_contrast(one: str, other: str) -> float:
    """From 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    low, high = sorted((_compute_luminance(one), _compute_luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _compute_luminance(color: str) -> float:
    """Of `#rrggbb`: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
