"""Papers close to a topic, for its page: the nearest of the newest day that had papers."""

from __future__ import annotations

from datetime import UTC, datetime

from digest.compose.near_papers import FoundPapers, NearPapers, choose_near, spell_near_words
from digest.match.near_meaning import NearMeaning
from digest.match.process_cache import process_cache
from digest.models import Match, Paper, TopicSense
from digest.web.near_listings import NearListing
from subscribers.models import Topic
from subscribers.topics import TopicError, parse_once, read_weights
from subscribers.topics.kinds import list_kinds, mark_kinds


def list_kind_names(topic: Topic) -> list[str]:
    """Other names and kinds of a topic, by which digests find papers that begin with them."""
    try:
        marks = mark_kinds(parse_once(topic.query))
    except TopicError:  # an older release understood it
        return []
    return [kind.spelled for mark in marks for kind in list_kinds(mark)]


def list_near(topic: Topic, now: datetime) -> list[NearListing]:
    """The papers near the topic, of the newest day up to now that had papers; [] for none.

    First those that it finds by a kind of it, however many, then the others.
    """
    stored = TopicSense.objects.filter(topic=topic).values_list("words", flat=True).first()
    if not stored:
        return []
    weights, recent = read_weights(stored), process_cache.get_recent_papers(now)
    newest_at = max((recent.get_news_at(i) for i in recent.positions), default=None)
    if newest_at is None:
        return []
    found = frozenset(Match.objects.filter(topic=topic).values_list("paper_id", flat=True))
    day = datetime.fromtimestamp(newest_at, UTC).date()
    ranked = NearPapers(recent.list_day, NearMeaning().rerank_near).rank_day(
        topic.pk, day, weights, FoundPapers(found), lambda _: True
    )
    # Memory has a paper that was deleted until it is read anew.
    papers = Paper.objects.in_bulk([one.paper_id for one in ranked])
    finds = [one.paper_id for one in ranked if one.is_find and one.paper_id in papers]
    others = choose_near([ranked], lambda pk: pk in finds or pk not in papers, topics=1)
    return [
        NearListing(
            papers[pk],
            spell_near_words(weights, papers[pk].title, papers[pk].abstract),
            is_find=pk in finds,
        )
        for pk in (*finds, *(one.paper_id for one in others))
    ]
