"""What a first digest on these topics would hold now. Reads only, and needs no subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, DateTimeField, F, Max, Q, QuerySet, Value, When

from digest.compose.contents import Described
from digest.compose.select import FIRST_REACHES, REACH
from digest.compose.shortlist import BACKLOG, Candidate, Choice
from digest.compose.source_notes import Bulletin
from digest.match.learned import Learned
from digest.match.process_cache import process_cache
from digest.match.stage import paper_to_text
from digest.models import Delivery, DigestContents, Edition, Paper, Section, TopicReason
from digest.models.papers import join_found_words
from digest.render import Typesetter
from subscribers.models import MAX_TOPICS, Subscriber
from subscribers.topics import ParsedTopic, TopicError, find, parse_once, read

READER = "you@example.org"
MOST_READ = 200  # papers of a span, whatever their number
READ_AT_ONCE = 25


class News(NamedTuple):
    """One paper of the last days, as far as the choice among them asks."""

    pk: int
    trend: float
    at: datetime  # when it is available to a digest composed now
    matched_at: datetime | None


@dataclass(frozen=True)
class Preview:
    """The papers of a digest with their reasons, best first; `seen` is how many were looked at."""

    papers: list[tuple[Paper, Choice]]
    seen: int
    newest_at: datetime | None  # None: there are no papers at all


def preview_digest(queries: Sequence[str], now: datetime, max_papers: int = 10) -> Preview:
    """Choose as compose does for a first digest: the newest day, and older ones only to be full.

    Raises TopicError for a topic that cannot be looked for, for none, and for too many. Of a topic
    that hundreds of papers may hold, only the most talked about are read (MOST_READ).
    """
    topics, learned = _parse_topics(queries), process_cache.get_learned(now)
    news = _select_news(now)
    newest_at = news.aggregate(newest=Max("at"))["newest"]
    found: dict[int, tuple[Paper, Candidate, Choice]] = {}
    seen, until = 0, now
    for reach in FIRST_REACHES if newest_at else ():
        since = newest_at - reach
        span = news.filter(at__gt=since, at__lte=until)
        columns = ("pk", "trend", "at", "matched_at")
        news_of_span = [News(*row) for row in span.order_by("-trend").values_list(*columns)]
        seen, until = seen + len(news_of_span), since
        found |= _find_best(news_of_span, topics, learned, now, max_papers)
        if len(found) >= max_papers:
            break
    best = sorted(found.values(), key=lambda row: row[1].order)[:max_papers]
    return Preview([(paper, choice) for paper, _, choice in best], seen, newest_at)


def _parse_topics(queries: Sequence[str]) -> list[ParsedTopic]:
    if not queries:
        raise TopicError("Name at least one topic, such as: diffusion policy, LLM agents")
    if len(queries) > MAX_TOPICS:
        raise TopicError(f"{len(queries)} topics are too many: keep the {MAX_TOPICS} you need.")
    return [parse_once(query) for query in queries]


def _select_news(now: datetime) -> QuerySet[Any]:
    """The last days' papers with `at`, when they are available to a digest composed now.

    What compose has not stamped yet counts as compose would stamp it (shortlist.open_news).
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


def _find_best(
    span: Sequence[News],
    topics: Sequence[ParsedTopic],
    learned: Learned,
    now: datetime,
    wanted: int,
) -> dict[int, tuple[Paper, Candidate, Choice]]:
    """The papers of a span that hold a topic, the most talked about first, until no other counts.

    Those of one trend are all read: among them the strength of the match decides.
    """
    found: dict[int, tuple[Paper, Candidate, Choice]] = {}
    places = _find_candidates(span, topics, learned, now)
    in_order = [news for news in span if news.pk in places][:MOST_READ]
    for start in range(0, len(in_order), READ_AT_ONCE):
        some = in_order[start : start + READ_AT_ONCE]
        if len(found) >= wanted and some[0].trend < min(row[1].trend for row in found.values()):
            break
        papers = Paper.objects.in_bulk([news.pk for news in some])
        for news in some:
            wished = [(place, topics[place]) for place in places[news.pk]]
            if news.pk in papers and (row := _match_paper(papers[news.pk], news, wished, learned)):
                found[news.pk] = (papers[news.pk], *row)
    return found


def _find_candidates(
    span: Sequence[News], topics: Sequence[ParsedTopic], learned: Learned, now: datetime
) -> dict[int, list[int]]:
    """For each paper that may hold one of the topics: their places."""
    places: dict[int, list[int]] = {}
    recent = process_cache.get_recent_papers(now)
    for place, topic in enumerate(topics):
        for i in recent.find_candidates(topic, learned.acronyms):
            places.setdefault(recent.pks[i], []).append(place)
    # What stage 3 has not read yet may hold any of them.
    unread = [news.pk for news in span if news.matched_at is None]
    return places | {pk: list(range(len(topics))) for pk in unread}


def _match_paper(
    paper: Paper, news: News, topics: Sequence[tuple[int, ParsedTopic]], learned: Learned
) -> tuple[Candidate, Choice] | None:
    """The paper as a digest would take it up, with a reason for each topic that is in it."""
    reading = read(paper_to_text(paper), learned.acronyms, learned.statistics)
    strength, reasons = 0.0, []
    for place, topic in topics:
        if found := find(topic, reading):
            strength = max(strength, found.strength)
            reasons.append(TopicReason(place, topic.query, join_found_words(found.words)))
    if not reasons:
        return None
    candidate = Candidate(paper.pk, paper.trend, strength, "", news.at, paper.first_seen_at)
    section = Section.TRENDING if paper.trend > 0 else Section.NEW
    return candidate, Choice(paper.pk, paper.trend, tuple(reasons), section)


def render_preview(
    preview: Preview, now: datetime, reader: Subscriber | None = None
) -> EmailMultiAlternatives | None:
    """The mail as `reader`, not saved, would get it, its links leading to nobody's preferences.

    None where there is no paper to show.
    """
    reader = reader or Subscriber(pk=0, email=READER)
    described, choices = Described(Bulletin(now)), [choice for _, choice in preview.papers]
    described.load(choice.paper_id for choice in choices)
    contents = DigestContents(
        papers=described.papers(choices),
        seen=preview.seen,
        sources=described.sources(choices),
        is_first=True,
    )
    return Typesetter().render_all(
        [
            Delivery(
                edition=Edition(date=now.astimezone(ZoneInfo(reader.timezone)).date()),
                subscriber=reader,
                covers_until=now,
                contents=contents.to_json(),
            )
        ]
    )[0]
