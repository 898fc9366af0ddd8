"""The topics that somebody follows or mutes: of a million those that papers at hand may hold."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator

from django.db import connection

from subscribers.models import Topic
from subscribers.topics import ParsedTopic, TopicError, parse_stored

logger = logging.getLogger(__name__)

_AT_ONCE = 5_000
_MOST_QUERIES = 200_000

# Of thousands of ids as one value the client makes no thousands of placeholders: a tenth of its
# time, and half of PostgreSQL's.
_SELECT_FOLLOWED = """
    SELECT id, query FROM subscribers_topic topic
     WHERE id = ANY(%s::bigint[])
       AND EXISTS (SELECT 1 FROM subscribers_interest WHERE topic_id = topic.id)
"""


class FollowedTopics:
    """Topics by id, by what was typed: the index of topics has neither that nor who follows.

    Kept for one run, whose papers have mostly the same topics.
    """

    def __init__(self) -> None:
        self._queries: dict[int, str] = {}

    def read(self, topic_ids: set[int]) -> None:
        """Make ready for these topics. Those that nobody followed are asked for each time."""
        missing = topic_ids - self._queries.keys()
        if len(self._queries) + len(missing) > _MOST_QUERIES:
            self._queries, missing = {}, topic_ids
        if missing:
            self._queries.update(_read_queries(missing))

    def get(self, topic_id: int) -> ParsedTopic | None:
        """The topic; None where nobody follows it, or where this release cannot look for it."""
        query = self._queries.get(topic_id)
        if not query:
            return None
        try:
            return parse_stored(query)
        except TopicError as error:
            logger.warning("Topic %s cannot be looked for: %s", topic_id, error)
            self._queries[topic_id] = ""  # said once in a run
            return None


def _read_queries(topic_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """The ids and queries of those that somebody follows or mutes."""
    ids = sorted(topic_ids)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_SELECT_FOLLOWED, [ids])
            yield from cursor.fetchall()
        return
    followed = Topic.objects.followed().order_by()
    for start in range(0, len(ids), _AT_ONCE):
        some = followed.filter(pk__in=ids[start : start + _AT_ONCE])
        yield from some.values_list("pk", "query")
