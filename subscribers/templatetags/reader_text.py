"""What pages say of a reader: an address that may be longer than a line, and a time zone."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

LONG = 24  # characters of an address that a phone's line may be too short for
_JOINTS = re.compile(r"(?<=@)|(?<!^)(?=[.+_])")

register = template.Library()


@register.filter
def address(email: str) -> SafeString:
    """The address, set so that a long one breaks behind its @ and before its dots."""
    breaks = "<wbr>" if len(email) > LONG else ""
    parts = _JOINTS.split(email)
    # Every part is escaped.
    return format_html(
        '<span class="address">{}</span>', mark_safe(breaks.join(map(escape, parts)))
    )


@register.filter
def city(zone: str) -> str:
    """The time zone as the sign-up form says it: Sao Paulo for America/Sao_Paulo."""
    return zone.rpartition("/")[2].replace("_", " ")
