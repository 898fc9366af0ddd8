"""Topics that nobody followed before, matched with the papers of the last 30 days.

Where somebody waits for a first digest, their topics are matched as far back as it goes, a week,
and stay unmatched: the next run matches them as if nothing had been done (`match_recent`).

What a topic costs follows what it finds: over 100,000 papers on PostgreSQL some 40 ms of CPU, ours
and the database's, where that is nothing, and some 0.5 to 0.7 ms more for each paper, on a machine
that others shared: its text is read, and its match written. Twelve topics that found 1,000 papers
each cost 700 ms each, of which a first digest waits for 240.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from digest.match.learned import Learned
from digest.match.match_rows import MatchRow, make_match_row, write_matches
from digest.match.paper_text import TEXT_COLUMNS, read_paper
from digest.match.senses import learn_senses
from digest.match.word_index import find_candidates
from digest.models import Paper
from subscribers.models import Topic
from subscribers.topics import ParsedTopic, TopicError, find_topic, parse_once

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
FIRST_REACH = timedelta(days=7)  # how far a first digest looks back from the newest paper
# Papers of that week that may hold a topic and tell how its strengths spread. Where there are
# fewer, all there are of 30 days are soon read.
FEWEST_RECENT = 50
_TOPICS_AT_ONCE = 50  # one question each, in one statement
_PAPERS_AT_ONCE = 200


def match_new_topics(now: datetime, learned: Learned) -> tuple[int, int]:
    """Match topics never matched with the papers of 30 days; return how many, and the matches."""
    topics = written = 0
    new = Topic.objects.followed().unmatched().order_by("pk")
    while rows := dict(new.values_list("pk", "query")[:_TOPICS_AT_ONCE]):
        parsed = _parse_queries(rows)
        written += _match_topics(parsed, now, learned)
        learn_senses(parsed, now, learned)
        topics += Topic.objects.filter(pk__in=rows).update(matched_at=now)
    return topics, written


def _parse_queries(queries: Mapping[int, str]) -> dict[int, ParsedTopic]:
    """The topics by id; one that an older release understood is left out, and said."""
    parsed = {}
    for pk, query in queries.items():
        try:
            parsed[pk] = parse_once(query)
        except TopicError as error:
            logger.warning("Topic %s cannot be looked for: %s", pk, error)
    return parsed


def _match_topics(topics: Mapping[int, ParsedTopic], now: datetime, learned: Learned) -> int:
    """Write the matches of these topics with the papers of 30 days; return how many are new."""
    return _match_candidates(
        _find_candidates(topics, now - KEPT_FOR, learned), topics, now, learned
    )


def match_recent(subscriber_id: int, now: datetime, learned: Learned) -> frozenset[int]:
    """Match one subscriber's new topics as far back as a first digest goes; return their ids.

    A topic that few papers hold is matched with all of them. All stay unmatched, and what is
    learned of them due, so that the next run leaves what it leaves of every new topic.
    """
    new = Topic.objects.unmatched().filter(interests__subscriber=subscriber_id)
    topics = _parse_queries(dict(new.values_list("pk", "query")))
    topics_of = _find_candidates(topics, now - KEPT_FOR, learned)
    since = _find_first_reach(now)
    cut = _leave_old_out(topics_of, since)
    _match_candidates(topics_of, topics, now, learned)
    learn_senses({pk: topics[pk] for pk in topics.keys() - cut}, now, learned, due_at=now)
    of_week = {pk: topics[pk] for pk in cut}
    learn_senses(of_week, now, learned, since=since, due_at=now)
    return frozenset(topics)


def _find_first_reach(now: datetime) -> datetime:
    """From when on papers become available that a first digest may hold (compose/select.py)."""
    papers = Paper.objects.filter(available_at__lte=now)
    return (papers.aggregate(at=Max("available_at"))["at"] or now) - FIRST_REACH


def _leave_old_out(topics_of: dict[int, list[int]], since: datetime) -> set[int]:
    """Take out the topics with many papers available since then from all others; return them."""
    young = Q(first_seen_at__gt=since) | Q(available_at__gt=since) | Q(news_at__gt=since)
    rows = Paper.objects.filter(young, pk__any_of=topics_of.keys())
    recent = set(rows.values_list("pk", flat=True))
    counts = Counter(topic_id for pk in recent for topic_id in topics_of[pk])
    cut = {topic_id for topic_id, count in counts.items() if count >= FEWEST_RECENT}
    for pk in topics_of.keys() - recent:
        topics_of[pk] = [topic_id for topic_id in topics_of[pk] if topic_id not in cut]
        if not topics_of[pk]:
            del topics_of[pk]
    return cut


def _match_candidates(
    topics_of: Mapping[int, Sequence[int]],
    topics: Mapping[int, ParsedTopic],
    now: datetime,
    learned: Learned,
) -> int:
    """Write the matches of these papers, by id, with the topics of each; return the new ones."""
    newest_first, written = sorted(topics_of, reverse=True), 0
    for start in range(0, len(newest_first), _PAPERS_AT_ONCE):
        ids = newest_first[start : start + _PAPERS_AT_ONCE]
        with transaction.atomic():
            # No source changes their text meanwhile.
            locked = Paper.objects.filter(pk__in=ids).select_for_update().order_by("pk")
            papers = list(locked.only(*TEXT_COLUMNS))
            written += write_matches(list(_make_rows(papers, topics, topics_of, learned)), now)
    return written


def _find_candidates(
    topics: Mapping[int, ParsedTopic], since: datetime, learned: Learned
) -> dict[int, list[int]]:
    """For each paper first seen after `since` that may hold some of the topics: their ids."""
    # Another worker may be at these, with an index of topics that lacks the new ones. They are
    # asked for first: one that is done meanwhile is in the index of words.
    unread = Paper.objects.unmatched().filter(first_seen_at__gt=since)
    unread_ids = list(unread.values_list("pk", flat=True))
    topics_of = defaultdict[int, list[int]](list)
    for topic_id, paper_id in find_candidates(topics, since, learned.acronyms):
        topics_of[paper_id].append(topic_id)
    return topics_of | {paper_id: list(topics) for paper_id in unread_ids}


def _make_rows(
    papers: Sequence[Paper],
    topics: Mapping[int, ParsedTopic],
    topics_of: Mapping[int, Sequence[int]],
    learned: Learned,
) -> Iterator[MatchRow]:
    for paper in papers:
        reading = read_paper(paper, learned)
        for topic_id in topics_of[paper.pk]:
            if match := find_topic(topics[topic_id], reading):
                yield make_match_row(paper.pk, topic_id, match)
