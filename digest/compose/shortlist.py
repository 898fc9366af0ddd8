"""What compose chooses from: the news of the last days, and for each topic its best papers.

Only a topic's best papers can reach a digest, since all its papers are in one order: by trend,
then by strength. So each topic is sorted and cut once, whoever follows it, and a subscriber's
digest is a join of short lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import F, Max, Q

from digest.compose.features import TraitKeys, traits_of
from digest.compose.leanings import Leanings, factor
from digest.models import Delivery, Match, Merger, Paper, Section, Source, TopicReason
from digest.models.contents import list_paper_ids

Quiet = Delivery.Quiet
CUT = 200  # papers looked at of a topic; more only if so many of them are excluded
MOST_TOPICS = 100_000  # lists kept in memory at once
# Older news that is seen for the first time is a backlog, and keeps its own date.
BACKLOG = timedelta(days=3)
TICK = timedelta(microseconds=1)

Order = tuple[float, float, float, int]  # what comes first has the smallest
FoundBy = dict[int, list[tuple[int, str]]]  # paper id -> ids of topics, and the found words
_order = attrgetter("order")


@dataclass(frozen=True)
class Reader:
    """What compose knows of one subscriber; `since` is None where no digest came before."""

    subscriber_id: int
    follows: dict[int, str]  # topic id -> query
    mutes: frozenset[int]
    max_papers: int
    is_paused: bool
    wants_everywhere: bool
    since: datetime | None
    leanings: Leanings = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """One paper as one topic sees it."""

    paper_id: int
    trend: float
    strength: float
    where: str
    available_at: datetime
    first_seen_at: datetime

    @property
    def order(self) -> Order:
        return self.order_at(1.0)

    def order_at(self, times: float) -> Order:
        """The same for a reader for whom trend and strength count so many times."""
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


def open_news(now: datetime) -> None:
    """Stamp the news that compose sees for the first time, so that it is in some digest's span.

    Papers not matched yet wait: no digest could choose them. Safe to run twice and at once.
    """
    fresh = Paper.objects.matched().filter(news_at__lte=now)
    fresh = fresh.filter(Q(available_at=None) | Q(available_at__lt=F("news_at")))
    # Digests already composed at this very moment have not seen these papers.
    told = Delivery.objects.filter(covers_until__gte=now, covers_until__lt=now + BACKLOG)
    last = told.aggregate(at=Max("covers_until"))["at"]
    fresh.filter(news_at__lte=now - BACKLOG).update(available_at=F("news_at"))
    fresh.filter(news_at__gt=now - BACKLOG).update(available_at=last + TICK if last else now)


class Shortlist:
    """The news available up to `now`, reaching back `reach` from the newest of it."""

    def __init__(self, now: datetime, reach: timedelta) -> None:
        self.now = now
        news = Paper.objects.filter(available_at__lte=now)
        self.newest_at: datetime = news.aggregate(at=Max("available_at"))["at"] or now
        self._news = Paper.objects.available_between(self.newest_at - reach, now)
        columns = ("pk", "trend", "available_at", "first_seen_at")
        self._papers = {
            pk: (trend, at, seen)
            for pk, trend, at, seen in self._news.values_list(*columns)
            if at  # always: they were asked for by it
        }
        self._found: dict[int, list[Candidate]] = {}
        self._recent: dict[tuple[int, datetime], list[Candidate]] = {}
        self._counts: dict[datetime | None, int] = {}
        self._sources_said = ""
        self._texts: dict[int, Sequence[Any]] = {}  # title, categories, organization
        self._traits_of: dict[int, TraitKeys] = {}

    def load(self, topic_ids: set[int]) -> None:
        """Read the matches of topics not read yet, one query for all of them."""
        missing = topic_ids - self._found.keys()
        if len(self._found) + len(missing) > MOST_TOPICS:
            self._found, self._recent, missing = {}, {}, topic_ids
        self._found.update({pk: [] for pk in missing})
        rows = Match.objects.filter(topic_id__in=missing, paper__in=self._news.values("pk"))
        columns = ("topic_id", "paper_id", "strength", "where")
        for topic_id, paper_id, strength, where in rows.values_list(*columns).iterator():
            if paper_id in self._papers:
                trend, available_at, seen_at = self._papers[paper_id]
                self._found[topic_id].append(
                    Candidate(paper_id, trend, strength, where, available_at, seen_at)
                )
        for pk in missing:
            self._found[pk].sort(key=lambda candidate: candidate.order)

    def choose(
        self, reader: Reader, since: datetime, sent: set[int], wanted: int
    ) -> tuple[str, list[Choice]]:
        """The reader's `wanted` best papers available after `since`; or why there are none."""
        if not self.count(since):
            return Quiet.NOTHING_NEW, []
        found = {pk: self._since(pk, since) for pk in reader.follows}
        if not any(found.values()):
            return Quiet.NO_MATCH, []
        muted = {c.paper_id for pk in reader.mutes for c in self._found[pk]}
        choices = self._join(reader, found, muted | sent, wanted)
        if choices:
            return "", choices
        is_muted = all(c.paper_id in muted for topic in found.values() for c in topic)
        return Quiet.MUTED if is_muted else Quiet.SENT_BEFORE, []

    def _since(self, topic_id: int, since: datetime) -> list[Candidate]:
        key = (topic_id, since)
        if key not in self._recent:
            self._recent[key] = [c for c in self._found[topic_id] if c.available_at > since]
        return self._recent[key]

    def earliest_suspect(self, reader: Reader) -> datetime | None:
        """When the oldest paper that this reader might already have was first seen; None: none.

        A paper first seen after the reader's last digest was in no digest before.
        """
        since = reader.since or datetime.min.replace(tzinfo=self.now.tzinfo)
        suspects = (
            c.first_seen_at
            for pk in reader.follows
            for c in self._since(pk, since)
            if reader.since is None or c.first_seen_at <= reader.since
        )
        return min(suspects, default=None)

    def _join(
        self,
        reader: Reader,
        found: dict[int, list[Candidate]],
        excluded: set[int],
        wanted: int,
    ) -> list[Choice]:
        best: dict[int, Candidate] = {}
        found_by: FoundBy = {}
        for topic_id in reader.follows:
            for c in _best(found[topic_id], excluded, wanted):
                found_by.setdefault(c.paper_id, []).append((topic_id, c.where))
                if c.paper_id not in best or c.strength > best[c.paper_id].strength:
                    best[c.paper_id] = c
        order = self._bent_order(reader.leanings, found_by) if reader.leanings else _order
        chosen = sorted(best.values(), key=order)[:wanted]
        return [_choose(c, found_by[c.paper_id], reader.follows) for c in chosen]

    def _bent_order(self, leanings: Leanings, found_by: FoundBy) -> Callable[[Candidate], Order]:
        """The order for a reader who asked for more, or less, like some papers."""
        topics = {int(pk): steps for (kind, pk), steps in leanings.items() if kind == "topic"}

        def order(c: Candidate) -> Order:
            steps = sum(topics.get(pk, 0) for pk, _ in found_by[c.paper_id]) if topics else 0
            return c.order_at(factor(leanings, self._traits(c.paper_id), steps))

        return order

    def _traits(self, paper_id: int) -> TraitKeys:
        """What the paper shares with others; one query for the first that is asked for."""
        if not self._texts:
            columns = ("pk", "title", "categories", "organization")
            self._texts = {pk: text for pk, *text in self._news.values_list(*columns)}
        if paper_id not in self._traits_of:
            # A paper may have gone since: it shares nothing then.
            traits = traits_of(*self._texts.get(paper_id, ("", [], "")))
            self._traits_of[paper_id] = tuple(trait.key for trait in traits)
        return self._traits_of[paper_id]

    def count(self, since: datetime | None) -> int:
        """How many papers became available after `since`; None counts all that are loaded."""
        if since not in self._counts:
            times = (at for _, at, _ in self._papers.values())
            self._counts[since] = sum(since is None or at > since for at in times)
        return self._counts[since]

    def note(self, reason: str, reader: Reader) -> str:
        """The reason for a quiet day in a sentence."""
        if reason == Quiet.NOTHING_NEW:
            return f"No source announced anything new. {self._sources_note()}".strip()
        if reason == Quiet.NO_MATCH:
            count, topics = self.count(reader.since), len(reader.follows)
            return f"None of the {count} new papers is in the {topics} topics."
        return f"{Quiet(reason).label}.".capitalize()

    def _sources_note(self) -> str:
        if not self._sources_said:
            notes = Source.objects.filter(is_active=True).exclude(note="").order_by("pk")
            pairs = notes.values_list("title", "note")
            self._sources_said = " ".join(f"{title}: {note}" for title, note in pairs)[:600]
        return self._sources_said


def _best(found: list[Candidate], excluded: set[int], wanted: int) -> Iterator[Candidate]:
    """The topic's first CUT papers, and beyond them only while too few are left of them."""
    kept = 0
    for place, candidate in enumerate(found):
        if place >= CUT and kept >= wanted:
            return
        if candidate.paper_id not in excluded:
            kept += 1
            yield candidate


def _choose(
    candidate: Candidate, found_by: Iterable[tuple[int, str]], queries: Mapping[int, str]
) -> Choice:
    reasons = tuple([TopicReason(pk, queries[pk], where) for pk, where in found_by])
    section = Section.TRENDING if candidate.trend > 0 else Section.NEW
    return Choice(candidate.paper_id, candidate.trend, reasons, section)


def papers_sent(earliest: dict[int, datetime]) -> dict[int, set[int]]:
    """For each subscriber: ids of the papers in digests they have, or may have, since a moment.

    `earliest` maps a subscriber's id to the moment from which their digests are looked at.
    """
    sent: dict[int, set[int]] = {pk: set() for pk in earliest}
    if not sent:
        return sent
    told = Delivery.objects.reached().filter(subscriber_id__in=sent)
    told = told.filter(covers_until__gte=min(earliest.values()))
    for pk, contents in told.values_list("subscriber_id", "contents").iterator():
        sent[pk].update(list_paper_ids(contents))
    merged = merged_ids()
    for papers in sent.values():
        papers.update([merged[pk] for pk in papers if pk in merged])
    return sent


def merged_ids() -> dict[int, int]:
    """For each paper that proved to be another one: the id of that other."""
    return dict(Merger.objects.values_list("paper_id", "into_id"))


def all_topics(readers: Iterable[Reader]) -> set[int]:
    """Every topic that any of the readers follows or mutes."""
    return {pk for reader in readers for pk in (*reader.follows, *reader.mutes)}
