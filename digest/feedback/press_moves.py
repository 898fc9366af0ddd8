"""The moves of a press of *more* or *less*: what it does to each leaning of the subscriber."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from digest.compose.features import Trait, list_noun_stems, list_traits
from digest.compose.leanings import WORDS_PER_PAPER, find_steps
from digest.feedback.word_sense import list_sense_traits
from digest.match.paper_text import paper_to_text
from digest.models import Feedback, Match, Paper
from subscribers.models import AS_TYPED, Subscriber
from subscribers.topics import TopicError, find_topic, normal_form, parse_topic

RECENT = timedelta(days=28)
MOST_RECENT = 2_000  # papers looked at of one subscriber: the newest
# A rare word of a title is in at least 2 of the subscriber's recent titles and at most in 1 of 10.
RARE_FROM, RARE_SHARE = 2, 0.1

Key = tuple[str, str]  # a leaning's kind and term


@dataclass(frozen=True)
class LeaningMove:
    """What one press does to one leaning: `steps` up, or down where they are negative."""

    kind: str
    term: str
    said: str
    steps: int

    @property
    def key(self) -> Key:
        return self.kind, self.term


def derive_moves(
    subscriber: Subscriber, paper: Paper, kind: str, now: datetime
) -> list[LeaningMove]:
    """The moves of a press: topics, category, organization and rare words of the title.

    Of *less* the senses too in which the paper has topics that are single words.
    """
    sign = 1 if kind == Feedback.Kind.MORE else -1
    topics = _find_topic_traits(subscriber, paper)
    senses = list_sense_traits(paper, topics) if kind == Feedback.Kind.LESS else []
    return [
        LeaningMove(trait.kind, trait.term, trait.said, sign * find_steps(trait.kind))
        for trait in [*senses, *topics, *_find_other_traits(subscriber, paper, topics, now)]
    ]


def _find_topic_traits(subscriber: Subscriber, paper: Paper) -> list[Trait]:
    """Those followed that find the paper; where its matches are deleted, its text is searched."""
    followed = dict(subscriber.interests.follows().values_list("topic_id", AS_TYPED))
    rows = Match.objects.filter(paper=paper, topic__in=followed).order_by("-strength")
    found = list(rows.values_list("topic_id", flat=True))
    if not found and not paper.matches.exists():
        found = [pk for pk, query in followed.items() if _is_found_by(query, paper)]
    return [Trait("topic", str(pk), followed[pk]) for pk in found]


def _is_found_by(query: str, paper: Paper) -> bool:
    try:
        return find_topic(parse_topic(query), paper_to_text(paper)) is not None
    except TopicError:  # from an older release of the language
        return False


def _find_other_traits(
    subscriber: Subscriber, paper: Paper, topics: list[Trait], now: datetime
) -> list[Trait]:
    """Category, organization and the rare words of the title, which other papers may share."""
    traits = list_traits(paper.title, [str(name) for name in paper.categories], paper.organization)
    known = {stem for topic in topics for stem in normal_form(topic.said).split()}
    nouns = list_noun_stems(paper.title) - known
    words = [trait for trait in traits if trait.kind == "word" and trait.term in nouns]
    fields = [trait for trait in traits if trait.kind != "word"]
    return fields + _choose_rare_words(words, select_recent_papers(subscriber, now))


def _choose_rare_words(words: list[Trait], papers: QuerySet[Paper]) -> list[Trait]:
    """The rarest of these words in the titles of the papers; none that is in no other paper.

    Rare means among what this subscriber gets: where all is about diffusion, that word is common.
    """
    titles = list(papers.values_list("title", flat=True)[:MOST_RECENT]) if words else []
    wanted = {word.term for word in words}
    counts = Counter(stem for title in titles for stem in wanted & set(normal_form(title).split()))
    most = max(RARE_FROM, len(titles) * RARE_SHARE)
    rare = [word for word in words if RARE_FROM <= counts[word.term] <= most]
    return sorted(rare, key=lambda word: counts[word.term])[:WORDS_PER_PAPER]


def select_recent_papers(subscriber: Subscriber, now: datetime) -> QuerySet[Paper]:
    """The papers of the last 28 days in topics that the subscriber follows, the newest first."""
    followed = subscriber.interests.follows().values("topic_id")
    matches = Match.objects.filter(paper=OuterRef("pk"), topic__in=followed)
    news = Paper.objects.filter(Exists(matches), news_at__gt=now - RECENT, news_at__lte=now)
    return news.order_by("-news_at", "-pk")
