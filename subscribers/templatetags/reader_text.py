"""What pages say of a subscriber: an address that may be longer than a line, and a time zone.

And what a template says on several lines that a page must say on one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, urlencode

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

LONG = 24  # characters of an address that a phone's line may be too short for
_JOINTS = re.compile(r"(?<=@)|(?<!^)(?=[.+_])")
_LINE_ENDS = re.compile(r"[ \t]*\n\s*")

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


@register.filter(is_safe=True)
def one_line(text: str) -> str:
    """The text with a space in place of each line end, for a title or an attribute's value."""
    return _LINE_ENDS.sub(" ", text).strip()


@register.filter
def link_topics(topics: Iterable[str]) -> SafeString:
    """The topics in a row, each with the way to a sign-up for it."""
    links = ((quote(topic, safe=""), topic) for topic in topics)
    return format_html_join(", ", '<a href="/subscribe/?t={}">{}</a>', links)


@register.filter
def link_query(topics: Iterable[str]) -> str:
    """What follows the question mark of the sign-up's address that chooses all of them."""
    return urlencode([("t", topic) for topic in topics], quote_via=quote, safe="")


# What sums up a sign-up as it is filled in, by what is known of it.
_PROMISES = {
    "": gettext_lazy("%(often)s at %(hour)s, at most %(most)s papers."),
    "topics": gettext_lazy("%(often)s at %(hour)s, at most %(most)s papers on %(topics)s."),
    "many": gettext_lazy(
        "%(often)s at %(hour)s, at most %(most)s papers on your %(count)s topics."
    ),
    "zone": gettext_lazy("%(often)s at %(hour)s in %(zone)s, at most %(most)s papers."),
    "zone topics": gettext_lazy(
        "%(often)s at %(hour)s in %(zone)s, at most %(most)s papers on %(topics)s."
    ),
    "zone many": gettext_lazy(
        "%(often)s at %(hour)s in %(zone)s, at most %(most)s papers on your %(count)s topics."
    ),
}


@register.simple_tag
def list_promises() -> str:
    """The sentences that static/offprint.js sums up a sign-up with, as JSON for an attribute."""
    said = {kind: str(sentence) for kind, sentence in _PROMISES.items()}
    return json.dumps(said | {"often": gettext("Every day")}, ensure_ascii=False)
