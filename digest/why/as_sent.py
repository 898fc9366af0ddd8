"""For which of their topics somebody got a paper, by the digest that holds it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from digest.models import DigestItem, Section
from digest.render.paper_lines import describe_nearness, describe_reasons


def describe_item(item: DigestItem) -> str:
    """The topics that found it and the words, as its mail has them; "" where it does not say."""
    if item.section == Section.OUTSIDE:
        return _("It is from outside the topics: a strong paper that comes now and then.")
    if not item.reasons:
        return ""
    if item.section == Section.NEAR:
        return _("It is close to %(topics)s.") % {"topics": describe_nearness(item.reasons)}
    if item.section == Section.PASSING:
        said = _("It mentions %(topics)s in passing.")
    elif item.section == Section.BREAKOUT:
        said = _("It came again because it is talked about, and was found for %(topics)s.")
    else:
        said = _("It was found for %(topics)s.")
    return said % {"topics": describe_reasons(item.reasons)}
