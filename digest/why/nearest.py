"""How near a paper came to the topics that did not match: which of their words it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from digest.match.paper_text import paper_to_text
from digest.match.process_cache import process_cache
from digest.models import Paper
from subscribers.topics import (
    Reading,
    TopicError,
    find_near,
    is_topic_in,
    parse_topic,
    read_text,
)


def describe_nearest(queries: Sequence[str], paper: Paper, now: datetime) -> str:
    """A sentence on the topic that came nearest, with its words that the paper holds."""
    learned = process_cache.get_learned(now)
    reading = read_text(paper_to_text(paper), learned.acronyms, learned.statistics)
    read = [_read_query(query, reading) for query in queries]
    nearest = max(read, key=lambda one: one[0])
    count = len(queries)
    which = (
        _("the topic they follow")
        if count == 1
        else _("any of the %(count)s topics they follow") % {"count": count}
    )
    return (
        _("It is not in %(which)s. %(nearest)s") % {"which": which, "nearest": nearest[1]}
    ).strip()


def _read_query(query: str, reading: Reading) -> tuple[float, str]:
    """How near it is, the greater the nearer, and in which words."""
    try:
        parsed = parse_topic(query)
    except TopicError:
        return 0.0, ""
    if is_topic_in(replace(parsed, unwanted=()), reading):
        return 4.0, (
            _("“%(query)s” would have found it, but for what it leaves out (-).") % {"query": query}
            if parsed.unwanted
            else _("“%(query)s” finds it now: it was asked for, or the paper changed, since.")
            % {"query": query}
        )
    if near := find_near(parsed, reading):
        words = ", ".join(f"“{word}”" for word in near.words)
        if len(near.words) < len(parsed.stems):
            return 1.0 + near.strength, _say_only(query, words)
        return 2.0 + near.strength, (
            _("Nearest is “%(query)s”: %(words)s stand in it, but apart from each other.")
            % {"query": query, "words": words}
        )
    held = [word for word in query.split() if _is_word_in(word, reading)]
    if held:
        words = ", ".join(f"“{word}”" for word in held)
        share = len(held) / max(1, len(query.split()))
        return share, _say_only(query, words)
    return 0.0, _("It holds no word of them.")


def _say_only(query: str, words: str) -> str:
    return _("Nearest is “%(query)s”, of which it holds only %(words)s.") % {
        "query": query,
        "words": words,
    }


def _is_word_in(word: str, reading: Reading) -> bool:
    try:
        return is_topic_in(parse_topic(word), reading)
    except TopicError:
        return False
