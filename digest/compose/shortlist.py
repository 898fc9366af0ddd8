"""What compose chooses from: the news of the last days, and for each topic its best papers.

Only a topic's best papers can reach a digest, since all its papers are in one order
(digest/compose/topic_news.py). So each topic is read and sorted once, whoever follows it, as far
back as the subscribers at hand can use it, and a subscriber's digest is a join of short lists
(digest/compose/select.py). A match is held as three numbers: all of a week's have room in memory.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db.models import F, Max, Q

from digest.compose.features import TraitKeys, list_traits
from digest.compose.near_papers import NearPaper, NearPapers, find_day, spell_near_words
from digest.compose.topic_news import (
    CUT,
    NO_NEWS,
    Order,
    TopicNews,
    find_sure_strength,
    make_order,
)
from digest.match.near_meaning import NearMeaning
from digest.models import Delivery, Match, Paper, PaperQuerySet, TopicSense
from digest.models.epoch_seconds import EpochSeconds
from digest.models.papers import join_found_words
from subscribers.topics import read_weights

MOST_TOPICS = 100_000  # whose matches are kept in memory at once
MOST_ROWS = 500_000  # papers in all the lists that were cut and sorted
MOST_STRAGGLERS = 1_000  # papers that are news again
# Older news that is seen for the first time is a backlog, and keeps its own date.
BACKLOG = timedelta(days=3)
TICK = timedelta(microseconds=1)


def stamp_news(now: datetime) -> None:
    """Stamp the news that compose sees for the first time, so that it is in some digest's span.

    Papers not matched yet wait: no digest could choose them. Safe to run twice and at once.
    """
    fresh = Paper.objects.matched().filter(news_at__lte=now)
    fresh = fresh.filter(Q(available_at=None) | Q(available_at__lt=F("news_at")))
    if not fresh.order_by("news_at").values_list("pk")[:1]:
        return  # most minutes: a look into an index
    # Digests already composed at this very moment have not seen these papers.
    composed = Delivery.objects.filter(covers_until__gte=now, covers_until__lt=now + BACKLOG)
    last = composed.aggregate(at=Max("covers_until"))["at"]
    fresh.filter(news_at__lte=now - BACKLOG).update(available_at=F("news_at"))
    fresh.filter(news_at__gt=now - BACKLOG).update(available_at=last + TICK if last else now)


class _News(NamedTuple):
    """One paper, as the order of a topic's papers asks for it."""

    trend: float
    available: float  # seconds since 1970, as is the next
    first_seen: float


@dataclass(slots=True)
class _TopicMatches:
    """The matches of one topic: a paper, a strength and the found words at each place."""

    since: datetime  # they are all there that became available later
    floor: float = 0.0  # a weaker match mentions the topic in passing
    near_words: str = ""  # weights of the words that make a paper near it
    paper_ids: array[int] = field(default_factory=lambda: array("q"))
    strengths: array[float] = field(default_factory=lambda: array("d"))
    words: list[str] = field(default_factory=list)


class Shortlist:
    """The news available up to `now`, reaching back `reach` from the newest of it.

    It is large, and one is made for each chunk of readers: nothing that it holds leads back to it,
    so that it is freed as soon as nobody needs it.
    """

    def __init__(self, now: datetime, reach: timedelta) -> None:
        news = Paper.objects.filter(available_at__lte=now)
        self.newest_at: datetime = news.aggregate(at=Max("available_at"))["at"] or now
        self._news = Paper.objects.available_between(self.newest_at - reach, now)
        moments = (EpochSeconds("available_at"), EpochSeconds("first_seen_at"))
        rows = self._news.values_list("pk", "trend", *moments)
        self._papers = {pk: _News(*paper) for pk, *paper in rows}
        self._matches: dict[int, _TopicMatches] = {}  # by topic
        self._lists: dict[tuple[int, datetime, bool], TopicNews] = {}
        self._rows = 0  # in these lists
        self._words: dict[str, str] = {}  # each of the found words once
        self._counts: dict[datetime, int] = {}
        self._texts: dict[int, Sequence[Any]] = {}  # title, categories, organization
        self._traits: dict[int, TraitKeys] = {}
        self._near = NearPapers(partial(_read_forms, self._news), NearMeaning().rerank_near)
        self._near_lists: dict[tuple[int, datetime, bool], Sequence[NearPaper]] = {}
        self._near_words: dict[tuple[int, int], str] = {}  # by paper and topic
        self._days: dict[datetime, list[date]] = {}

    def load_topics(self, reaches: Mapping[int, datetime]) -> None:
        """Read the matches not read yet: a query or two for each hour that anybody reaches to."""
        own = self._matches
        missing = [pk for pk, at in reaches.items() if pk not in own or own[pk].since > at]
        if len(own.keys() | reaches.keys()) > MOST_TOPICS:
            self._matches, self._words, missing = {}, {}, list(reaches)
        by_hour: dict[datetime, list[int]] = defaultdict(list)
        for pk in missing:
            by_hour[reaches[pk].replace(minute=0, second=0, microsecond=0)].append(pk)
        for since, topic_ids in by_hour.items():
            self._read_matches(topic_ids, since)
        self._near.expect(read_weights(one.near_words) for one in self._matches.values())

    def _read_matches(self, topic_ids: Collection[int], since: datetime) -> None:
        matches = {pk: _TopicMatches(since) for pk in topic_ids}
        self._matches.update(matches)
        senses = TopicSense.objects.filter(topic_id__any_of=topic_ids)
        for pk, floor, near_words in senses.values_list("topic_id", "floor", "words"):
            matches[pk].floor, matches[pk].near_words = floor, near_words
        columns = ("topic_id", "paper_id", "strength", "where")
        for of_papers in self._select_news(since):
            rows = Match.objects.filter(of_papers, topic_id__any_of=topic_ids).order_by()
            for topic_id, paper_id, strength, where in rows.values_list(*columns).iterator():
                if paper_id in self._papers:
                    topic = matches[topic_id]
                    topic.paper_ids.append(paper_id)
                    topic.strengths.append(strength)
                    topic.words.append(self._words.setdefault(where, where))

    def _select_news(self, since: datetime) -> Iterator[Q]:
        """Conditions for the matches of all papers available after `since`, each paper once.

        New papers have the highest ids, so they are one range of the index of a topic's matches;
        those that are news again are named one by one.
        """
        after = since.timestamp()
        news = [pk for pk, paper in self._papers.items() if paper.available > after]
        # Whatever is first seen within the span, and a day before it: papers wait to be matched.
        day_before = after - timedelta(days=1).total_seconds()
        young = [pk for pk in news if self._papers[pk].first_seen > day_before]
        first = min(young or news, default=0)
        stragglers = [pk for pk in news if pk < first]
        if len(stragglers) > MOST_STRAGGLERS:
            first, stragglers = min(news), []
        if news:
            yield Q(paper_id__gte=first)
        if stragglers:
            yield Q(paper_id__any_of=stragglers)

    def find_since(self, topic_id: int, since: datetime, *, is_first: bool = False) -> TopicNews:
        """The topic's papers that became available after `since`."""
        key = (topic_id, since, is_first)
        if key not in self._lists:
            if self._rows > MOST_ROWS:
                self._lists, self._rows = {}, 0
            self._lists[key] = news = self._cut_list(topic_id, since, is_first=is_first)
            self._rows += len(news.orders)
        return self._lists[key]

    def _cut_list(self, topic_id: int, since: datetime, *, is_first: bool) -> TopicNews:
        rows = _list_rows(self._papers, self._matches[topic_id], since)
        if not rows:
            return NO_NEWS
        seen, before = (self._papers[order[3]].first_seen for order, _ in rows), since.timestamp()
        earliest = min((at for at in seen if is_first or at <= before), default=None)
        earliest_at = None if earliest is None else datetime.fromtimestamp(earliest, UTC)
        list_all = partial(_list_rows, self._papers, self._matches[topic_id], since)
        on_it = sum(not order[0] for order, _ in rows)
        return TopicNews(rows[:CUT], len(rows), earliest_at, list_all, on_it)

    def list_traits(self, paper_id: int) -> TraitKeys:
        """What the paper has in common with others; one query for the first that is asked for."""
        if not self._texts:
            columns = ("pk", "title", "categories", "organization")
            self._texts = {pk: text for pk, *text in self._news.values_list(*columns)}
        if paper_id not in self._traits:
            # A paper may have gone since: it shares nothing then.
            title, categories, organization = self._texts.get(paper_id, ("", [], ""))
            self._traits[paper_id] = _list_trait_keys(title, tuple(categories), organization)
        return self._traits[paper_id]

    def find_holding(self, paper_ids: Collection[int], phrase: str) -> AbstractSet[int]:
        """Those of the papers that hold a phrase, given by its stems; a query each time."""
        holding = Paper.objects.filter(pk__in=paper_ids, normal_form__contains=f" {phrase} ")
        return set(holding.values_list("pk", flat=True))

    def list_near(
        self, topic_id: int, since: datetime, *, is_first: bool = False
    ) -> Sequence[NearPaper]:
        """Papers near the topic, of each day since then the first few."""
        key = (topic_id, since, is_first)
        if key not in self._near_lists:
            if len(self._near_lists) > MOST_TOPICS:
                self._near_lists = {}
            self._near_lists[key] = self._rank_near(topic_id, since, is_first=is_first)
        return self._near_lists[key]

    def _rank_near(self, topic_id: int, since: datetime, *, is_first: bool) -> Sequence[NearPaper]:
        topic, after, papers = self._matches[topic_id], since.timestamp(), self._papers
        if not topic.near_words:
            return ()
        weights = read_weights(topic.near_words)
        news = self.find_since(topic_id, since, is_first=is_first)

        def is_offered(pk: int) -> bool:
            # One that was seen before may have been sent before, near or not.
            paper = papers.get(pk)
            return bool(
                paper and paper.available > after and (is_first or paper.first_seen > after)
            )

        return [
            near
            for day in self._list_days(since)
            for near in self._near.rank_day(topic_id, day, weights, news, is_offered)
        ]

    def _list_days(self, since: datetime) -> list[date]:
        """The days on which papers became available after `since`."""
        if since not in self._days:
            after = since.timestamp()
            moments = {one.available for one in self._papers.values() if one.available > after}
            self._days[since] = sorted({find_day(at) for at in moments})
        return self._days[since]

    def spell_near(self, pairs: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], str]:
        """The words that make these papers near these topics; one query for all not yet read."""
        missing = set(pairs) - self._near_words.keys()
        texts = Paper.objects.filter(pk__any_of={paper_id for paper_id, _ in missing})
        read = {pk: text for pk, *text in texts.values_list("pk", "title", "abstract")}
        for paper_id, topic_id in missing:
            weights = read_weights(self._matches[topic_id].near_words)
            words = spell_near_words(weights, *read.get(paper_id, ("", "")))
            self._near_words[paper_id, topic_id] = join_found_words(words)
        return self._near_words

    def count_since(self, since: datetime) -> int:
        """How many papers became available after `since`."""
        if since not in self._counts:
            after = since.timestamp()
            self._counts[since] = sum(one.available > after for one in self._papers.values())
        return self._counts[since]

    def count_all(self) -> int:
        """How many papers there are to choose from."""
        return len(self._papers)


def _list_rows(
    papers: Mapping[int, _News], matches: _TopicMatches, since: datetime
) -> list[tuple[Order, str]]:
    """All papers of the topic that became available after `since`, in their order."""
    after = since.timestamp()
    floor, sure = matches.floor, find_sure_strength(matches.floor, matches.near_words)
    rows: list[tuple[Order, str]] = []
    for paper_id, strength, words in zip(
        matches.paper_ids, matches.strengths, matches.words, strict=True
    ):
        paper = papers[paper_id]
        if paper.available > after:
            at = paper.available
            order = make_order(paper_id, paper.trend, strength, at, floor, sure)
            rows.append((order, words))
    rows.sort()  # by the order alone: no two have the same
    return rows


def _read_forms(news: PaperQuerySet, day: date) -> Iterable[tuple[int, str]]:
    """The normal forms of those of the papers that became available on a day."""
    start = datetime.combine(day, time(), UTC)
    of_day = news.filter(available_at__gte=start, available_at__lt=start + timedelta(1))
    return of_day.values_list("pk", "normal_form").iterator()


@lru_cache(maxsize=4_096)  # asked again in each run, as long as the paper is news
def _list_trait_keys(title: str, categories: tuple[str, ...], organization: str) -> TraitKeys:
    return tuple([trait.key for trait in list_traits(title, categories, organization)])
