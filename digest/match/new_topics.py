"""Topics that nobody followed before, matched with the papers of the last 30 days.

Where somebody waits for a first digest, their topics are matched first with the papers that it may
hold (first_reach.py). What a topic costs follows what it finds: each paper's text is read, and its
match written.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from digest.match.learned import Learned
from digest.match.match_rows import MatchRow, make_match_row, write_matches
from digest.match.paper_text import read_columns, select_texts
from digest.match.senses import learn_senses
from digest.match.word_index import find_candidates, list_keys
from digest.models import Paper
from subscribers.models import Topic
from subscribers.topics import ParsedTopic, TopicError, find_topic, parse_once
from subscribers.topics.all_forms import list_all_forms

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
_TOPICS_AT_ONCE = 50  # one question each, in one statement
_PAPERS_AT_ONCE = 500


def match_new_topics(now: datetime, learned: Learned) -> tuple[int, int]:
    """Match topics never matched with the papers of 30 days; return how many, and the matches."""
    topics = written = 0
    new = Topic.objects.followed().unmatched().order_by("pk")
    while rows := dict(new.values_list("pk", "query")[:_TOPICS_AT_ONCE]):
        parsed = parse_queries(rows)
        written += _match_topics(parsed, now, learned)
        learn_senses(parsed, now, learned)
        topics += Topic.objects.filter(pk__in=rows).update(matched_at=now)
    return topics, written


def parse_queries(queries: Mapping[int, str]) -> dict[int, ParsedTopic]:
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
    return match_candidates(find_papers(topics, now - KEPT_FOR, learned), topics, now, learned)


def match_candidates(
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
            papers = list(select_texts(locked, topics.values()))
            written += write_matches(list(_make_rows(papers, topics, topics_of, learned)), now)
    return written


def find_papers(
    topics: Mapping[int, ParsedTopic],
    since: datetime,
    learned: Learned,
    news_since: datetime | None = None,
) -> dict[int, list[int]]:
    """For each paper first seen after `since` that may hold some of the topics: their ids.

    Where `news_since` is given, only of papers that came or became news after it.
    """
    return find_dated_papers(topics, since, learned, news_since)[0]


def find_dated_papers(
    topics: Mapping[int, ParsedTopic],
    since: datetime,
    learned: Learned,
    news_since: datetime | None = None,
    newest_since: datetime | None = None,
) -> tuple[dict[int, list[int]], set[int]]:
    """The same, and the ids of those papers that came or became news after `newest_since`."""
    if not topics:
        return {}, set()
    # Another worker may be at these, with an index of topics that lacks the new ones. They are
    # asked for first: one that is done meanwhile is in the index of words.
    unread = Paper.objects.unmatched().filter(first_seen_at__gt=since)
    unread_ids = list(unread.values_list("pk", flat=True))
    topics_of, newest = defaultdict[int, list[int]](list), set(unread_ids)
    found = find_candidates(topics, since, learned.acronyms, news_since, newest_since)
    for topic_id, paper_id, is_newest in found:
        topics_of[paper_id].append(topic_id)
        if is_newest:
            newest.add(paper_id)
    return topics_of | {paper_id: list(topics) for paper_id in unread_ids}, newest


def _make_rows(
    papers: Sequence[tuple[Any, ...]],
    topics: Mapping[int, ParsedTopic],
    topics_of: Mapping[int, Sequence[int]],
    learned: Learned,
) -> Iterator[MatchRow]:
    phrases = {pk: _list_phrases(topic, learned) for pk, topic in topics.items()}
    for pk, *columns in papers:
        reading = read_columns(columns, learned)
        for topic_id in topics_of[pk]:
            if not _may_hold(reading.stored_form, phrases[topic_id]):
                continue
            if match := find_topic(topics[topic_id], reading):
                yield make_match_row(pk, topic_id, match)


def _list_phrases(topic: ParsedTopic, learned: Learned) -> list[list[str]]:
    """For each wanted term but names the phrases, padded, of which a normal form must hold one."""
    terms = [term for term in topic.wanted if not list_keys(term)]
    return [[f" {form} " for form in list_all_forms(term, learned.acronyms)] for term in terms]


def _may_hold(form: str, phrases: Sequence[Sequence[str]]) -> bool:
    """Whether the topic of these phrases may be in a paper: of most that are read it is told here.

    Of one whose normal form is not stored, "", only its text tells.
    """
    return not form or all(any(phrase in form for phrase in one) for one in phrases)
