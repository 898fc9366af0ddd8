"""Papers close to a topic, for its page: the nearest of the newest day that had papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from digest.compose.near_papers import PLACES, NearPapers, choose_near, spell_near_words
from digest.match.process_cache import process_cache
from digest.models import Match, Paper, TopicSense
from subscribers.models import Topic
from subscribers.topics import read_weights


@dataclass(frozen=True)
class NearListing:
    """A paper near a topic, and the words that show it, as the paper spells them."""

    paper: Paper
    words: Sequence[str]


def list_near(topic: Topic, now: datetime) -> list[NearListing]:
    """The papers near the topic, of the newest day up to now that had papers; [] for none."""
    stored = TopicSense.objects.filter(topic=topic).values_list("words", flat=True).first()
    if not stored:
        return []
    weights, recent = read_weights(stored), process_cache.get_recent_papers(now)
    newest_at = max((recent.get_news_at(i) for i in recent.positions), default=None)
    if newest_at is None:
        return []
    found = frozenset(Match.objects.filter(topic=topic).values_list("paper_id", flat=True))
    day = datetime.fromtimestamp(newest_at, UTC).date()
    ranked = NearPapers(recent.list_day).rank_day(topic.pk, day, weights, found, lambda _: True)
    ids = [one.paper_id for one in choose_near([ranked], lambda _: False)][:PLACES]
    papers = Paper.objects.in_bulk(ids)
    return [
        NearListing(papers[pk], spell_near_words(weights, papers[pk].title, papers[pk].abstract))
        for pk in ids
        if pk in papers
    ]
