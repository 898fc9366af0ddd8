"""What a first digest on these topics would hold now. Reads only, and needs no subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, DateTimeField, F, Max, Q, QuerySet, Value, When

from digest.bulletin import Bulletin
from digest.choosing import FIRST_REACHES, REACH
from digest.contents import Described
from digest.match.kept import Learned, learn, parse_once
from digest.match.matching import text_of
from digest.models import Delivery, Edition, Paper
from digest.render import Typesetter
from digest.shortlist import BACKLOG, Candidate, Choice
from subscribers.models import MAX_TOPICS, Subscriber
from subscribers.topics import TopicError, TopicIndex, find, read

READER = "you@example.org"


@dataclass(frozen=True)
class Preview:
    """The papers of a digest with their reasons, best first; `seen` is how many were looked at."""

    papers: list[tuple[Paper, Choice]]
    seen: int
    newest_at: datetime | None  # None: there are no papers at all


def preview_digest(queries: Sequence[str], now: datetime, max_papers: int = 10) -> Preview:
    """Choose as compose does for a first digest: the newest day, and older ones only to be full.

    Raises TopicError for a topic that cannot be looked for, for none, and for too many.
    """
    index, learned, news = _index(queries), learn(now), _news(now)
    newest_at = news.aggregate(newest=Max("at"))["newest"]
    found: dict[int, tuple[Paper, Candidate, Choice]] = {}
    seen, until = 0, now
    for reach in FIRST_REACHES if newest_at else ():
        since = newest_at - reach
        papers = list(news.filter(at__gt=since, at__lte=until))
        seen, until = seen + len(papers), since
        found |= _find_all(papers, index, learned)
        if len(found) >= max_papers:
            break
    best = sorted(found.values(), key=lambda row: row[1].order)[:max_papers]
    return Preview([(paper, choice) for paper, _, choice in best], seen, newest_at)


def _index(queries: Sequence[str]) -> TopicIndex:
    if not queries:
        raise TopicError("Name at least one topic, such as: diffusion policy, LLM agents")
    if len(queries) > MAX_TOPICS:
        raise TopicError(f"{len(queries)} topics are too many: keep the {MAX_TOPICS} you need.")
    index = TopicIndex()
    for place, query in enumerate(queries):
        index.add(place, parse_once(query))
    return index


def _news(now: datetime) -> QuerySet[Any]:
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


def _find_all(
    papers: Sequence[Paper], index: TopicIndex, learned: Learned
) -> dict[int, tuple[Paper, Candidate, Choice]]:
    found = {}
    for paper in papers:
        if row := _find_in(paper, index, learned):
            found[paper.pk] = (paper, *row)
    return found


def _find_in(paper: Paper, index: TopicIndex, learned: Learned) -> tuple[Candidate, Choice] | None:
    """The paper as a digest would take it up, with a reason for each topic that is in it."""
    text = text_of(paper)
    form = paper.normal_form if paper.matched_at else read(text).normal_form
    candidates = sorted(index.candidates(form, text, learned.acronyms))
    if not candidates:
        return None
    reading = read(text, learned.acronyms, learned.statistics)
    strength, reasons = 0.0, []
    for place in candidates:
        if topic := find(parse_once(index.query(place)), reading):
            strength = max(strength, topic.strength)
            reasons.append((place, index.query(place), " · ".join(topic.words)))
    if not reasons:
        return None
    at: datetime = paper.at  # type: ignore[attr-defined]  # annotated by _news
    candidate = Candidate(paper.pk, paper.trend, strength, "", at, paper.first_seen_at)
    return candidate, Choice(paper.pk, paper.trend, reasons)


def set_preview(preview: Preview, now: datetime) -> EmailMultiAlternatives | None:
    """The mail as a reader would get it, its links leading to nobody's preferences.

    None where there is no paper to show.
    """
    described, choices = Described(Bulletin(now)), [choice for _, choice in preview.papers]
    described.load(choice.paper_id for choice in choices)
    contents = {
        "papers": described.papers(choices),
        "seen": preview.seen,
        "sources": described.sources(choices),
        "is_first": True,
    }
    return Typesetter().set_all(
        [
            Delivery(
                edition=Edition(date=now.date()),
                subscriber=Subscriber(pk=0, email=READER),
                covers_until=now,
                contents=contents,
            )
        ]
    )[0]
