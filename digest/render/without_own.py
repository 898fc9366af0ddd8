"""A mail's page on the web, without what belongs to its reader, since links get passed on.

The mail's own links act for its reader, whoever presses them, and its foot has the address. On the
page neither stands: whoever was sent its address sees the papers, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

# In the place of each address that acts for the reader; no other begins so.
_OWN = "own:"
OWN_ADDRESSES = ("preferences_url", "unsubscribe_url", "feedback_url")
# Whose it is, at which hour and in which time zone it comes, and links that show more of that.
OWN_WORDS = ("why", "welcome", "browser_url", "all_url")
_LINK = re.compile(
    rf'<a\b[^>]*\bhref="{_OWN}[^"]*"[^>]*>(?:(?!</a>).)*</a>(?:\s|&middot;)*', re.DOTALL
)
# What nothing is left in: the line of links at the top, and a paper's.
_EMPTY = (
    re.compile(r"<span\b[^>]*>\s*</span>"),
    re.compile(r"<br\b[^>]*>\s*(?=</p>)"),
    re.compile(r"<p\b[^>]*>\s*</p>"),
)
_LAST_POINT = re.compile(r"&middot;\s*(?=</p>)")
SAID = _("This is a digest as its reader got it, without the links that act for them.")


def mark_own_addresses(values: Mapping[str, str]) -> dict[str, str]:
    """The values of a mail, of which `drop_own` will find what is to go."""
    marked = dict.fromkeys(OWN_ADDRESSES, _OWN)
    return {**values, **marked, **dict.fromkeys(OWN_WORDS, ""), "private": str(SAID)}


def drop_own(html: str) -> str:
    """The page without the links whose addresses were marked, and the points between them."""
    html = _LINK.sub("", html)
    for empty in _EMPTY:
        html = empty.sub("", html)
    return _LAST_POINT.sub("", html)
