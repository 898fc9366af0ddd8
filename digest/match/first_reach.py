"""One reader's new topics, matched as far back as their first digest may go.

All stay unmatched, and what is learned of them due: the next run matches them with all papers of 30
days, as if nothing had been done. A first digest takes the papers of the last day, and goes back up
to a week only to be full (compose/select.py). What it waits for follows how many papers hold a
topic:

- ENOUGH_OF_A_DAY of the last day: it is matched with those alone, as long as they fill the digest;
- fewer than FEWEST_RECENT of a week: with all of 30 days, which are soon read;
- else with those of the week, which tell how its strengths spread.

The papers of a topic that MANY_OF_A_DAY hold are not asked of the index of words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q, QuerySet

from digest.match.learned import Learned
from digest.match.new_topics import (
    KEPT_FOR,
    find_dated_papers,
    find_papers,
    match_candidates,
    parse_queries,
)
from digest.match.senses import WEEKS, learn_senses
from digest.models import Match, Paper
from subscribers.models import Interest, Subscriber, Topic
from subscribers.topics import ParsedTopic

FIRST_REACH = timedelta(days=7)  # how far a first digest looks back from the newest paper
SHORTEST_REACH = timedelta(days=1)  # and how far at first
FEWEST_RECENT = 50
# Of so many finds of a day a topic's floor is told as well as another's of as many of a week.
ENOUGH_OF_A_DAY = FEWEST_RECENT
MANY_OF_A_DAY = 300
_LEAST_SHARE = 0.02  # of all papers hold a word: no topic of rarer ones is one of these


def match_recent(subscriber_id: int, now: datetime, learned: Learned) -> frozenset[int]:
    """Match one subscriber's new topics as far back as a first digest goes; return their ids."""
    new = Topic.objects.unmatched().filter(interests__subscriber=subscriber_id)
    topics = parse_queries(dict(new.values_list("pk", "query")))
    newest = _find_newest(now)

    def learn(some: Mapping[int, ParsedTopic], span: timedelta) -> None:
        moment = now if span == WEEKS else newest
        learn_senses(some, now, learned, newest=moment, span=span, due_at=now)

    broad = _match_broad(topics, newest - SHORTEST_REACH, now, learned)
    learn(broad, SHORTEST_REACH)
    others = {pk: topic for pk, topic in topics.items() if pk not in broad}
    common, rare = _match_week(others, newest, now, learned)
    learn(common, SHORTEST_REACH)
    learn(rare, WEEKS)
    told = common.keys() | rare.keys()
    learn({pk: topic for pk, topic in others.items() if pk not in told}, FIRST_REACH)
    broad |= common
    if broad and not _is_full(subscriber_id, newest - SHORTEST_REACH):
        week = find_papers(broad, now - KEPT_FOR, learned, newest - FIRST_REACH)
        match_candidates(week, broad, now, learned)
        learn(broad, FIRST_REACH)
    return frozenset(topics)


def _find_newest(now: datetime) -> datetime:
    """From when on a first digest looks back."""
    papers = Paper.objects.filter(available_at__lte=now)
    return papers.aggregate(at=Max("available_at"))["at"] or now


def _match_broad(
    topics: Mapping[int, ParsedTopic], since: datetime, now: datetime, learned: Learned
) -> dict[int, ParsedTopic]:
    """Match the topics that MANY_OF_A_DAY of the papers hold that came or became news since then.

    Return them. Which they may be is told by how many papers hold their words. So many are read one
    by one: the index of words would have to tell all there are of a month.
    """
    shares = {pk: _estimate_share(topic, learned) for pk, topic in topics.items()}
    if not any(shares.values()):
        return {}
    ids = list(_select_news(since))
    common = {pk: topics[pk] for pk, share in shares.items() if share * len(ids) >= MANY_OF_A_DAY}
    if not common:
        return {}
    match_candidates({pk: list(common) for pk in ids}, common, now, learned)
    return _select_found(common, MANY_OF_A_DAY)


def _select_found(topics: Mapping[int, ParsedTopic], least: int) -> dict[int, ParsedTopic]:
    """Those of the topics that so many papers were found to hold."""
    if not topics:
        return {}
    finds = Match.objects.filter(topic__in=topics).order_by().values_list("topic_id")
    counts = dict(finds.annotate(count=Count("pk")))
    return {pk: topic for pk, topic in topics.items() if counts.get(pk, 0) >= least}


def _select_news(since: datetime) -> QuerySet[Paper, int]:
    """The ids of papers that came or became news since then.

    Each condition by its own index, in one statement: SQLite reads all papers for them together.
    """
    # What compose has not seen yet becomes available when it does.
    unseen = Q(available_at=None) | Q(available_at__lt=F("news_at"))
    came = [Q(first_seen_at__gt=since), Q(available_at__gt=since), Q(news_at__gt=since)]
    first, *others = [
        Paper.objects.filter(one).order_by().values_list("pk", flat=True)
        for one in (*came, unseen & Q(news_at__isnull=False))
    ]
    return first.union(*others)


def _estimate_share(topic: ParsedTopic, learned: Learned) -> float:
    """The share of papers that hold the rarest of a topic's words; 0 for phrases and names."""
    if any(term.field or len(term.stems) > 1 for term in topic.wanted):
        return 0.0
    share = learned.statistics.measure_share(topic.stems)
    return share if share >= _LEAST_SHARE else 0.0


def _match_week(
    topics: Mapping[int, ParsedTopic], newest: datetime, now: datetime, learned: Learned
) -> tuple[dict[int, ParsedTopic], dict[int, ParsedTopic]]:
    """Match with the papers that came or became news in the week before `newest`.

    Return the topics that were matched with those of a day alone, as enough of them hold these, and
    those that were matched with the papers of 30 days, since few of the week hold them.
    """
    week, day = newest - FIRST_REACH, newest - SHORTEST_REACH
    topics_of, of_day = find_dated_papers(topics, now - KEPT_FOR, learned, week, day)
    common = _match_day({pk: topics_of[pk] for pk in of_day}, topics, now, learned)
    topics_of = _leave_out(common, topics_of)
    counts = Counter(topic_id for ids in topics_of.values() for topic_id in ids)
    others = {pk: topic for pk, topic in topics.items() if pk not in common}
    rare = {pk: topic for pk, topic in others.items() if counts[pk] < FEWEST_RECENT}
    if rare:
        for paper_id, ids in find_papers(rare, now - KEPT_FOR, learned).items():
            topics_of[paper_id] = sorted({*topics_of.get(paper_id, ()), *ids})
    match_candidates(topics_of, others, now, learned)
    return common, rare


def _match_day(
    topics_of: Mapping[int, Sequence[int]],
    topics: Mapping[int, ParsedTopic],
    now: datetime,
    learned: Learned,
) -> dict[int, ParsedTopic]:
    """Match with these papers of a day the topics that enough may hold; return those they do."""
    counts = Counter(topic_id for ids in topics_of.values() for topic_id in ids)
    likely = {pk: topic for pk, topic in topics.items() if counts[pk] >= ENOUGH_OF_A_DAY}
    unlikely = topics.keys() - likely.keys()
    match_candidates(_leave_out(unlikely, topics_of), likely, now, learned)
    return _select_found(likely, ENOUGH_OF_A_DAY)


def _leave_out(
    left_out: Container[int], topics_of: Mapping[int, Sequence[int]]
) -> dict[int, list[int]]:
    """The papers with the topics of each that are not left out; none without any."""
    kept = {paper: [pk for pk in ids if pk not in left_out] for paper, ids in topics_of.items()}
    return {paper: ids for paper, ids in kept.items() if ids}


def _is_full(subscriber_id: int, since: datetime) -> bool:
    """Whether the papers that became available after this moment fill a first digest."""
    wishes = Subscriber.objects.filter(pk=subscriber_id)
    max_papers, wants_passing = wishes.values_list("max_papers", "wants_passing").get()
    own = Interest.objects.filter(subscriber=subscriber_id)
    muted = Match.objects.filter(topic__in=own.mutes().values("topic"))
    finds = Match.objects.filter(
        topic__in=own.follows().values("topic"), paper__available_at__gt=since
    ).exclude(paper__in=muted.values("paper"))
    if not wants_passing:
        finds = finds.filter(strength__gte=F("topic__sense__floor"))
    return finds.order_by().values("paper").distinct()[:max_papers].count() == max_papers
