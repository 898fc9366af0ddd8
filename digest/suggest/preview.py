"""What a first digest on these topics would hold now. Reads only, and needs no subscriber."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, DateTimeField, F, Max, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from digest.compose.candidates import Choice
from digest.compose.contents import ContentsWriter
from digest.compose.features import TraitKeys
from digest.compose.near_papers import NearPaper, NearPapers, find_day, spell_near_words
from digest.compose.profiles import NOBODY, make_unsaved_profile
from digest.compose.select import REACH, Selector
from digest.compose.shortlist import BACKLOG
from digest.compose.topic_news import (
    Candidate,
    TopicNews,
    find_sure_strength,
    sum_up_candidates,
)
from digest.match.paper_text import paper_to_text
from digest.match.process_cache import process_cache
from digest.match.sample_senses import UNKNOWN, find_senses
from digest.models import Delivery, Edition, Paper
from digest.models.papers import join_found_words
from digest.render import Typesetter
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.models import MAX_TOPICS, Subscriber
from subscribers.topics import (
    ParsedTopic,
    TopicError,
    TopicSense,
    find_topic,
    parse_once,
    read_text,
)

READER = "you@example.org"
# Of CPU, where somebody waits: to find what may hold the topics, to learn of each from it, to read.
FIND_SECONDS, LEARN_SECONDS, READ_SECONDS = 0.2, 0.2, 0.25
MOST_READ = 200  # papers of a span, whatever their number
READ_AT_ONCE = 50


@dataclass(frozen=True)
class Preview:
    """The papers of a digest with their reasons, best first; `seen` is how many were looked at."""

    papers: list[tuple[Paper, Choice]]
    seen: int
    newest_at: datetime | None  # None: there are no papers at all
    is_whole: bool = True  # False: not all was looked at before its time was over


def preview_digest(
    queries: Sequence[str],
    now: datetime,
    max_papers: int = 10,
    *,
    is_hurried: bool = False,
) -> Preview:
    """Choose as compose does for a first digest: the newest day, and older ones only to be full.

    Raises TopicError for a topic that cannot be looked for, for none, and for too many. Of a topic
    that hundreds of papers may hold, only the most talked about are read (MOST_READ). Where it
    is hurried, only what can be looked at in FIND_SECONDS, LEARN_SECONDS and READ_SECONDS.
    """
    topics, news = _parse_topics(queries), _select_news(now)
    newest_at = news.aggregate(newest=Max("at"))["newest"]
    if newest_at is None:
        return Preview([], 0, None)
    source = TextCandidates(topics, news, newest_at, now, is_hurried=is_hurried)
    profile = make_unsaved_profile([topic.query for topic in topics], max_papers)
    selection = Selector(source).select(profile)
    choices = [*selection.choices, *selection.near] if selection.choices else []
    source.read_papers(choice.paper_id for choice in choices)
    papers = [(source.papers[c.paper_id], c) for c in choices if c.paper_id in source.papers]
    return Preview(papers, source.seen, newest_at, source.is_whole)


def _parse_topics(queries: Sequence[str]) -> list[ParsedTopic]:
    if not queries:
        raise TopicError(_("Name at least one topic, such as: diffusion policy, LLM agents"))
    if len(queries) > MAX_TOPICS:
        raise TopicError(
            _("%(count)s topics are too many: keep the %(max_topics)s you need.")
            % {"count": len(queries), "max_topics": MAX_TOPICS}
        )
    return [parse_once(query) for query in queries]


def _select_news(now: datetime) -> QuerySet[Any]:
    """The last days' papers with `at`, when they are available to a digest composed now.

    What compose has not stamped yet counts as compose would stamp it (shortlist.stamp_news).
    """
    news = Paper.objects.filter(news_at__lte=now)
    newest = news.aggregate(newest=Max("news_at"))["newest"] or now
    start = newest - REACH - BACKLOG - timedelta(days=1)
    is_fresh = Q(available_at=None) | Q(available_at__lt=F("news_at"))
    stamps = (
        When(is_fresh & Q(news_at__lte=now - BACKLOG), then=F("news_at")),
        When(is_fresh, then=Value(now)),
    )
    at = Case(*stamps, default=F("available_at"), output_field=DateTimeField())
    recent = news.filter(Q(news_at__gt=start) | Q(available_at__gt=start))
    return recent.annotate(at=at).filter(at__lte=now)


class News(NamedTuple):
    """One paper of the last days, as far as the choice among them asks."""

    pk: int
    trend: float
    at: datetime  # when it is available to a digest composed now
    matched_at: datetime | None


class TextCandidates:
    """Candidates for topics that nobody need follow: the texts of the last days are read for them.

    Topics go by their place in the list. The news is read span by span, as far back as it is asked
    for; of a span the most talked about papers (MOST_READ).
    """

    def __init__(
        self,
        topics: Sequence[ParsedTopic],
        news: QuerySet[Any],
        newest_at: datetime,
        now: datetime,
        *,
        is_hurried: bool = False,
    ) -> None:
        self.newest_at = newest_at
        self.is_whole = True
        self._is_hurried = is_hurried
        self._reading_time: CpuAllowance | None = None
        self.seen = 0  # how many papers the spans hold
        self.papers: dict[int, Paper] = {}  # those in which a topic was found
        self._topics, self._news = topics, news
        self._learned = process_cache.get_learned(now)
        self._recent = process_cache.get_recent_papers(now)
        self._reached = now
        self._at: dict[int, datetime] = {}  # of the papers of the spans read
        self._candidates: list[list[Candidate]] = [[] for _unused in topics]
        self._now = now
        self._near = NearPapers(self._recent.list_day)

    def load_topics(self, reaches: Mapping[int, datetime]) -> None:
        """Nothing to do: all topics are read for at once."""

    def count_since(self, since: datetime) -> int:
        self._reach_back(since)
        return self.seen

    def find_since(self, topic_id: int, since: datetime, *, is_first: bool) -> TopicNews:
        self._reach_back(since)
        return sum_up_candidates(self._candidates[topic_id], None if is_first else since)

    def list_near(self, topic_id: int, since: datetime, *, is_first: bool) -> list[NearPaper]:
        """Papers near the topic, of each day since then the first few."""
        if (weights := self._senses[topic_id].weights) is None:
            return []
        found = self.find_since(topic_id, since, is_first=is_first)
        days = sorted({find_day(at.timestamp()) for at in self._at.values() if at > since})
        return [
            near
            for day in days
            for near in self._near.rank_day(topic_id, day, weights, found, self._at.__contains__)
        ]

    def _allow(self, seconds: float) -> CpuAllowance | None:
        return CpuAllowance(seconds) if self._is_hurried else None

    def _is_over(self, allowance: CpuAllowance | None) -> bool:
        """Whether that time is over; then it is known that something was left out."""
        is_over = allowance is not None and allowance.is_spent
        self.is_whole = self.is_whole and not is_over
        return is_over

    @cached_property
    def _senses(self) -> list[TopicSense]:
        found = self._found
        senses = find_senses(self._topics, self._now, found, self._allow(LEARN_SECONDS))
        self.is_whole = self.is_whole and None not in senses
        return [sense or UNKNOWN for sense in senses]

    @cached_property
    def _found(self) -> list[list[int]]:
        """Of each topic the ids of recent papers that may hold it, whatever the span."""
        recent, acronyms = self._recent, self._learned.acronyms
        allowance = self._allow(FIND_SECONDS)
        return [
            []
            if self._is_over(allowance)
            else [recent.pks[i] for i in recent.find_candidates(topic, acronyms)]
            for topic in self._topics
        ]

    def spell_near(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
        """The words that make these papers near these topics."""
        self.read_papers(paper_id for paper_id, _unused in pairs)
        spelled = {}
        for paper_id, topic_id in pairs:
            paper, weights = self.papers.get(paper_id), self._senses[topic_id].weights or {}
            words = spell_near_words(weights, paper.title, paper.abstract) if paper else []
            spelled[paper_id, topic_id] = join_found_words(words)
        return spelled

    def read_papers(self, paper_ids: Iterable[int]) -> None:
        """Read those of the papers that were not read yet."""
        self.papers |= Paper.objects.in_bulk(set(paper_ids) - self.papers.keys())

    def find_holding(self, paper_ids: Collection[int], phrase: str) -> frozenset[int]:  # noqa: ARG002 (for profiles with senses)
        return frozenset()

    def list_traits(self, paper_id: int) -> TraitKeys:  # noqa: ARG002 (for profiles with leanings)
        return ()

    def _reach_back(self, since: datetime) -> None:
        """Read the span between `since` and what was read before."""
        if since >= self._reached:
            return
        span = self._news.filter(at__gt=since, at__lte=self._reached).order_by("-trend")
        columns = ("pk", "trend", "at", "matched_at")
        news = [News(*row) for row in span.values_list(*columns)]
        self.seen, self._reached = self.seen + len(news), since
        self._at |= {one.pk: one.at for one in news}
        self._read_best(news)

    def _read_best(self, span: Sequence[News]) -> None:
        """Read the papers that may hold a topic: MOST_READ, the most talked about first."""
        places = self._find_places(span)
        if self._reading_time is None:
            _learned = self._senses  # in a time of its own
            self._reading_time = self._allow(READ_SECONDS)
        in_order = [news for news in span if news.pk in places][:MOST_READ]
        for start in range(0, len(in_order), READ_AT_ONCE):
            if self._is_over(self._reading_time):
                break
            chunk = in_order[start : start + READ_AT_ONCE]
            papers = Paper.objects.in_bulk([news.pk for news in chunk])
            for one in chunk:
                if one.pk in papers and not self._is_over(self._reading_time):
                    self._match_paper(papers[one.pk], one.at, places[one.pk])

    def _find_places(self, span: Iterable[News]) -> dict[int, list[int]]:
        """For each paper that may hold one of the topics: their places."""
        places: dict[int, list[int]] = {}
        for place, found in enumerate(self._found):
            for pk in found:
                places.setdefault(pk, []).append(place)
        # What stage 3 has not read yet may hold any of them.
        unread = [news.pk for news in span if news.matched_at is None]
        return places | {pk: list(range(len(self._topics))) for pk in unread}

    def _match_paper(self, paper: Paper, at: datetime, places: Iterable[int]) -> None:
        """Note the topics of these places that are in the paper."""
        reading = read_text(paper_to_text(paper), self._learned.acronyms, self._learned.statistics)
        for place in places:
            if match := find_topic(self._topics[place], reading):
                where = join_found_words(match.words)
                row = (paper.pk, paper.trend, match.strength, where, at, paper.first_seen_at)
                sense = self._senses[place]
                sure = find_sure_strength(sense.floor, sense.weights)
                self._candidates[place].append(Candidate(*row, sense.floor, sure))
                self.papers[paper.pk] = paper


def render_preview(
    preview: Preview, now: datetime, subscriber: Subscriber | None = None
) -> EmailMultiAlternatives | None:
    """The mail as the subscriber, not saved, would get it; its links lead to nobody's preferences.

    None where there is no paper to show.
    """
    subscriber = subscriber or Subscriber(pk=NOBODY, email=READER)
    day = now.astimezone(ZoneInfo(subscriber.timezone)).date()
    writer, choices = ContentsWriter(now), [choice for _unused, choice in preview.papers]
    writer.load_papers(choice.paper_id for choice in choices)
    contents = writer.write_digest(
        choices, day=day, cadence=subscriber.cadence, seen=preview.seen, is_first=True
    )
    delivery = Delivery(
        edition=Edition(date=day),
        subscriber=subscriber,
        covers_until=now,
        contents=contents.to_json(),
    )
    return Typesetter().render_all([delivery])[0]
