"""What stands around the entries of a mail: subject, preheader, folio, intro, headings, footer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from digest import wording
from digest.cards import paragraph
from digest.frames import Values
from digest.models import Delivery, Paper
from subscribers.models import Subscriber

SUBJECT_CHARS = 60
LEAD_CHARS = 36  # of them for the topics: the first paper's title must have room to speak
TOPIC_CHARS = 24
PREHEADER_CHARS = 140
WHY_TOPICS = 8
WHY_TOPIC_CHARS = 60
SECTIONS = {
    "trending": "Trending in your topics",
    "again": "Once more, since it breaks out now",
    "new": "New in your topics",
    "everywhere": "Trending everywhere",
}
THANKS = "Thank you to arXiv for use of its open access interoperability."
# What a topic leaves out, its fields and quotes need not be named where there is little room.
_UNWANTED = re.compile(r"\s+[-−–—](?:[^\W\d_]+:)?(?:\"[^\"]*\"?|\S+)")
_SYNTAX = re.compile(r"\b(?:author|org|cat|title):\s*|[\"“”„]")
# What differs from mail to mail around the entries: the slots of head and tail.
VALUES = ("subject", "preheader", "folio", "intro", "why", "preferences_url", "unsubscribe_url")

Items = Sequence[Mapping[str, Any]]  # Delivery.contents["papers"]


def subject(items: Items, title: str) -> str:
    """The topics with most papers, how many of each, and the first paper, in 60 characters.

    RLHF 3 · world models 2: OmniScope compresses tokens…
    """
    counts = Counter(query for item in items for _, query, _ in item["topics"]).most_common(2)
    said = [_counted(query, count, len(items)) for query, count in counts]
    lead = " · ".join(said)
    if len(lead) > LEAD_CHARS:
        lead = said[0]
    return wording.shorten(f"{lead}: {title}", SUBJECT_CHARS)


def _counted(query: str, count: int, papers: int) -> str:
    plain = _SYNTAX.sub("", _UNWANTED.sub("", query))
    name = wording.shorten(plain or query, TOPIC_CHARS)
    return f"{name} {count}" if papers > 1 else name


def preheader(papers: Sequence[Paper]) -> str:
    """What a list of mails shows behind the subject: the other titles, else the only abstract."""
    first, *others = papers
    said = " · ".join(paper.title for paper in others) or first.summary or first.abstract
    return wording.shorten(said[: PREHEADER_CHARS * 4], PREHEADER_CHARS)


def folio(delivery: Delivery, number: int, sources: str) -> str:
    """As in a journal: No. 212 · Thursday 23 April 2026 · 171 new papers · arXiv."""
    day, seen = delivery.edition.date, delivery.contents.get("seen", 0)
    parts = [
        f"No. {number}" if number else "",
        f"{day:%A} {day.day} {day:%B %Y}",
        wording.count_of(seen, "new paper") if seen else "",
        sources,
    ]
    return " · ".join(filter(None, parts))


def intro(delivery: Delivery, items: Items) -> str:
    """How many papers there are, of which time, and how many of them are trending."""
    trending = sum(item["section"] == "trending" for item in items)
    said = f"{wording.count_of(len(items), 'paper')} in your topics"
    if delivery.contents.get("is_first"):
        said = f"Your first digest, from the last days: {said}"
    elif delivery.subscriber.cadence == Subscriber.Cadence.WEEKLY:
        said += " this week"
    return f"{said}{_trending(trending, len(items))}."


def _trending(trending: int, papers: int) -> str:
    if not trending:
        return ""
    if trending < papers:
        return f", {trending} of them trending"
    return {1: ", and it is trending", 2: ", both trending"}.get(papers, ", all of them trending")


def why(subscriber: Subscriber, items: Items) -> str:
    """Why this mail came, for the footer."""
    queries = dict.fromkeys(query for item in items for _, query, _ in item["topics"])
    said = [wording.shorten(query, WHY_TOPIC_CHARS) for query in queries]
    more = len(said) - WHY_TOPICS
    if more > 1:
        said = [*said[:WHY_TOPICS], f"{more} more topics"]
    topics = wording.in_a_row(said)
    return (
        f"You get this mail because {subscriber.email} follows {topics}. Nothing in it tracks you."
    )


def section(name: str) -> dict[str, str]:
    heading = SECTIONS[name]
    return {"section": heading, "underline": "=" * len(heading)}


def more(left_out: int) -> dict[str, str]:
    """The line for papers that have no room in the mail at all."""
    return {"more": f"{left_out} more on the web", "more_url": f"{settings.SITE_URL}/"}


def standing() -> dict[str, str]:
    """What is the same in every mail."""
    return {
        "thanks": THANKS,
        "postal_address": settings.POSTAL_ADDRESS,
        "site_url": settings.SITE_URL,
    }


def wrapped(values: Values) -> dict[str, str]:
    """The values that are paragraphs, on lines as short as a text part has them."""
    return {name: paragraph(values[name]) for name in ("preheader", "folio", "intro", "why")}
