"""What compose chooses from: the news of the last days, and for each topic its best papers.

Only a topic's best papers can reach a digest, since all its papers are in one order: by trend,
then by strength. So each topic is sorted once, whoever follows it, and a subscriber's digest is a
join of short lists (digest/compose/select.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import F, Max, Q

from digest.compose.features import TraitKeys, list_traits
from digest.models import Delivery, Match, Merger, Paper, Section, TopicReason
from digest.models.contents import list_paper_ids

MOST_TOPICS = 100_000  # lists kept in memory at once
# Older news that is seen for the first time is a backlog, and keeps its own date.
BACKLOG = timedelta(days=3)
TICK = timedelta(microseconds=1)

Order = tuple[float, float, float, int]  # what comes first has the smallest


@dataclass(frozen=True)
class Candidate:
    """One paper as one topic sees it."""

    paper_id: int
    trend: float
    strength: float
    where: str  # the found words, as Match.where has them
    available_at: datetime
    first_seen_at: datetime

    @property
    def order(self) -> Order:
        return self.order_at(1.0)

    def order_at(self, times: float) -> Order:
        """The same for a subscriber for whom trend and strength count so many times."""
        at = -self.available_at.timestamp()
        return (-self.trend * times, -self.strength * times, at, self.paper_id)


@dataclass(frozen=True, slots=True)
class Choice:
    """One paper chosen for one subscriber, with a reason for each topic that found it."""

    paper_id: int
    trend: float
    reasons: tuple[TopicReason, ...]
    section: Section
    evidence: str = ""  # where it is not that of the paper's trend
    perhaps_seen: bool = False  # an earlier digest holds it, of which nobody knows whether it came


class CandidateSource(Protocol):
    """Where candidates come from: stored matches, or texts that are read for a preview."""

    newest_at: datetime  # when the newest paper became available

    def load_topics(self, topic_ids: set[int]) -> None:
        """Make ready for profiles with these topics."""

    def count_since(self, since: datetime) -> int:
        """How many papers became available after `since`, whatever they are about."""

    def find_since(self, topic_id: int, since: datetime) -> Sequence[Candidate]:
        """The topic's papers that became available after `since`, in their order."""

    def list_traits(self, paper_id: int) -> TraitKeys:
        """What the paper has in common with others, for profiles with leanings."""


def stamp_news(now: datetime) -> None:
    """Stamp the news that compose sees for the first time, so that it is in some digest's span.

    Papers not matched yet wait: no digest could choose them. Safe to run twice and at once.
    """
    fresh = Paper.objects.matched().filter(news_at__lte=now)
    fresh = fresh.filter(Q(available_at=None) | Q(available_at__lt=F("news_at")))
    # Digests already composed at this very moment have not seen these papers.
    composed = Delivery.objects.filter(covers_until__gte=now, covers_until__lt=now + BACKLOG)
    last = composed.aggregate(at=Max("covers_until"))["at"]
    fresh.filter(news_at__lte=now - BACKLOG).update(available_at=F("news_at"))
    fresh.filter(news_at__gt=now - BACKLOG).update(available_at=last + TICK if last else now)


class Shortlist:
    """The news available up to `now`, reaching back `reach` from the newest of it."""

    def __init__(self, now: datetime, reach: timedelta) -> None:
        news = Paper.objects.filter(available_at__lte=now)
        self.newest_at: datetime = news.aggregate(at=Max("available_at"))["at"] or now
        self._news = Paper.objects.available_between(self.newest_at - reach, now)
        columns = ("pk", "trend", "available_at", "first_seen_at")
        self._papers = {
            pk: (trend, at, seen)
            for pk, trend, at, seen in self._news.values_list(*columns)
            if at  # always: they were asked for by it
        }
        self._candidates: dict[int, list[Candidate]] = {}  # by topic
        self._recent: dict[tuple[int, datetime], list[Candidate]] = {}
        self._counts: dict[datetime, int] = {}
        self._texts: dict[int, Sequence[Any]] = {}  # title, categories, organization
        self._traits: dict[int, TraitKeys] = {}

    def load_topics(self, topic_ids: set[int]) -> None:
        """Read the matches of topics not read yet, one query for all of them."""
        missing = topic_ids - self._candidates.keys()
        if len(self._candidates) + len(missing) > MOST_TOPICS:
            self._candidates, self._recent, missing = {}, {}, topic_ids
        self._candidates.update({pk: [] for pk in missing})
        rows = Match.objects.filter(topic_id__in=missing, paper__in=self._news.values("pk"))
        columns = ("topic_id", "paper_id", "strength", "where")
        for topic_id, paper_id, strength, where in rows.values_list(*columns).iterator():
            if paper_id in self._papers:
                trend, available_at, seen_at = self._papers[paper_id]
                self._candidates[topic_id].append(
                    Candidate(paper_id, trend, strength, where, available_at, seen_at)
                )
        for pk in missing:
            self._candidates[pk].sort(key=lambda candidate: candidate.order)

    def find_since(self, topic_id: int, since: datetime) -> list[Candidate]:
        """The topic's papers that became available after `since`, in their order."""
        key = (topic_id, since)
        if key not in self._recent:
            candidates = self._candidates[topic_id]
            self._recent[key] = [c for c in candidates if c.available_at > since]
        return self._recent[key]

    def list_traits(self, paper_id: int) -> TraitKeys:
        """What the paper has in common with others; one query for the first that is asked for."""
        if not self._texts:
            columns = ("pk", "title", "categories", "organization")
            self._texts = {pk: text for pk, *text in self._news.values_list(*columns)}
        if paper_id not in self._traits:
            # A paper may have gone since: it shares nothing then.
            traits = list_traits(*self._texts.get(paper_id, ("", [], "")))
            self._traits[paper_id] = tuple(trait.key for trait in traits)
        return self._traits[paper_id]

    def count_since(self, since: datetime) -> int:
        """How many papers became available after `since`."""
        if since not in self._counts:
            self._counts[since] = sum(at > since for _, at, _ in self._papers.values())
        return self._counts[since]

    def count_all(self) -> int:
        """How many papers there are to choose from."""
        return len(self._papers)


def read_papers_sent(earliest: dict[int, datetime]) -> dict[int, set[int]]:
    """For each subscriber: ids of the papers in digests they have, or will have, since a moment.

    `earliest` maps a subscriber's id to the moment from which their digests are looked at.
    """
    sent: dict[int, set[int]] = {pk: set() for pk in earliest}
    if not sent:
        return sent
    coming = Delivery.objects.coming().filter(subscriber_id__in=sent)
    coming = coming.filter(covers_until__gte=min(earliest.values()))
    for pk, contents in coming.values_list("subscriber_id", "contents").iterator():
        sent[pk].update(list_paper_ids(contents))
    _add_merged(sent)
    return sent


def read_papers_perhaps_seen(subscriber_ids: Iterable[int]) -> dict[int, set[int]]:
    """For those with a digest in doubt: ids of its papers."""
    seen: dict[int, set[int]] = {}
    doubtful = Delivery.objects.in_doubt().filter(subscriber_id__in=list(subscriber_ids))
    for pk, contents in doubtful.values_list("subscriber_id", "contents").iterator():
        seen.setdefault(pk, set()).update(list_paper_ids(contents))
    if seen:
        _add_merged(seen)
    return seen


def _add_merged(papers_of: dict[int, set[int]]) -> None:
    """What proved to be another paper is that other one too."""
    merged = read_merged_ids()
    for papers in papers_of.values():
        papers.update([merged[pk] for pk in papers if pk in merged])


def read_merged_ids() -> dict[int, int]:
    """For each paper that proved to be another one: the id of that other."""
    return dict(Merger.objects.values_list("paper_id", "into_id"))
