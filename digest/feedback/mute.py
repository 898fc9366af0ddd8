"""What one paper offers to mute, and how many of the subscriber's papers each would hide."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import log
from random import Random

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from digest.compose.features import list_kinds_named, list_phrases
from digest.feedback.press_moves import MOST_RECENT, select_recent_papers
from digest.match.learned import Learned
from digest.match.paper_text import paper_to_text
from digest.match.process_cache import process_cache
from digest.match.recent import RecentPapers
from digest.models import Match, Paper
from digest.render import paper_lines
from subscribers.account import topic_changes
from subscribers.models import MAX_TOPICS, Interest, Subscriber, Topic
from subscribers.topics import (
    ParsedTopic,
    Reading,
    TopicError,
    find_topic,
    normal_form,
    parse_once,
    read_text,
)
from subscribers.topics.phrases import find_phrases
from subscribers.topics.words import read_words

MOST_KINDS, MOST_PHRASES = 2, 3
LONGEST_PHRASE = 3  # words
# A phrase is proposed if so many of their papers hold it; one of the title counts double.
FEWEST_OF_TITLE, FEWEST_OF_ABSTRACT, MOST_SHARE = 2, 4, 0.4
FEWEST_OTHERS = 2  # stored papers, the subscriber's or not
SAMPLE_PAPERS = 120  # read for one topic; where there are more, the number is an estimate

_ADDRESS = re.compile(r"\S*(?:://|www\.|\.com|\.io|\.org)\S*")


@dataclass(frozen=True)
class Proposal:
    """A topic that could be muted; `hides` of the subscriber's papers of 28 days are in it."""

    query: str
    said: str  # as a page names it: “survey” in the title
    hides: int
    is_estimate: bool
    is_muted: bool
    is_most: bool  # more than half of the subscriber's papers


@dataclass(frozen=True)
class Proposals:
    """What one paper offers to mute; `papers` is how many the subscriber has of 28 days."""

    papers: int
    rows: list[Proposal]


def propose_mutes(subscriber: Subscriber, paper: Paper, now: datetime) -> Proposals:
    """Propose the paper's kind, phrases, category and organization, with what each would hide.

    What the subscriber follows is never proposed; what they mute already is, to be undone.
    """
    offers = _list_offers(subscriber, paper)
    muted = set(subscriber.interests.mutes().values_list("topic__normal_form", flat=True))
    counter = _PaperCounter(subscriber, paper, [offer.topic.normal_form for offer in offers], now)
    rows = []
    for offer in _choose_shown(offers, muted, counter):
        hides, is_estimate = counter.count_hidden(offer.topic)
        is_muted, is_most = offer.topic.normal_form in muted, 2 * hides > len(counter.papers)
        if offer.is_fixed or is_muted or hides > 1:
            row = Proposal(offer.topic.query, offer.said, hides, is_estimate, is_muted, is_most)
            rows.append(row)
    return Proposals(len(counter.papers), rows)


@dataclass(frozen=True)
class _Offer:
    """One topic that may be muted, and whether it is shown whatever it would hide."""

    topic: ParsedTopic
    said: str
    is_fixed: bool


def _list_offers(subscriber: Subscriber, paper: Paper) -> list[_Offer]:
    """The topics that may be muted: no two that mean the same, none that is followed."""
    follows = subscriber.interests.follows()
    taken = set(follows.values_list("topic__normal_form", flat=True))
    offers = []
    for query, said, is_fixed in _list_queries(paper, _list_found_words(subscriber, paper)):
        with suppress(TopicError):
            topic = parse_once(query)
            if topic.normal_form not in taken:
                taken.add(topic.normal_form)
                offers.append(_Offer(topic, said, is_fixed))
    return offers


def _list_found_words(subscriber: Subscriber, paper: Paper) -> list[str]:
    """The words by which followed topics found the paper, as its card in a mail has them."""
    follows = subscriber.interests.follows().values("topic_id")
    rows = Match.objects.filter(paper=paper, topic__in=follows)
    return paper_lines.list_found_words(rows.values_list("where", flat=True))


def _list_queries(paper: Paper, found: Collection[str]) -> Iterator[tuple[str, str, bool]]:
    """Each query, how a page names it, and whether it is shown whatever it would hide."""
    for kind in list_kinds_named(paper.title)[:MOST_KINDS]:
        quoted = f'"{kind}"' if " " in kind else kind
        yield f"title:{quoted}", _("“%(kind)s” in the title") % {"kind": kind}, True
        yield kind, _("“%(kind)s” anywhere") % {"kind": kind}, True
    for index, phrase in enumerate(list_phrases(paper, found)):
        yield phrase, f"“{phrase}”", index == 0
    for _unused, phrase in _list_phrases(paper, found):
        yield phrase, f"“{phrase}”", False
    for category in paper.categories[:1]:
        yield f"cat:{category}", _("all of %(category)s") % {"category": category}, True
    if organization := paper.organization.replace('"', " "):
        yield (
            f'org:"{organization}"',
            _("all from %(organization)s") % {"organization": paper.organization},
            True,
        )


def _list_phrases(paper: Paper, found: Collection[str]) -> Iterator[tuple[str, str]]:
    """The phrases of title and abstract, stemmed and as spelled, without those in `found`."""
    followed = [set(normal_form(text).split()) for text in found]
    for text in (paper.title, _ADDRESS.sub(" | ", paper.abstract)):
        for key, spelled in find_phrases(read_words(text), LONGEST_PHRASE):
            if not any(set(key.split()) <= topic for topic in followed):
                yield key, spelled


def _choose_shown(
    offers: Sequence[_Offer], muted: Collection[str], counter: _PaperCounter
) -> list[_Offer]:
    """The fixed offers, what is muted already, and of other phrases those that score highest."""
    fixed = [o for o in offers if o.is_fixed or o.topic.normal_form in muted]
    scores = {o.topic: counter.score_topic(o.topic) for o in offers if o not in fixed}
    ranked = sorted(filter(lambda o: scores.get(o.topic), offers), key=lambda o: -scores[o.topic])
    stems, shown = _collect_stems(fixed), list(fixed)
    for offer in ranked:
        is_full = len(shown) == len(fixed) + MOST_PHRASES
        if not is_full and not _collect_stems([offer]) & stems and counter.is_shared(offer.topic):
            stems |= _collect_stems([offer])
            shown.append(offer)
    return [offer for offer in offers if offer in shown]


def _collect_stems(offers: Iterable[_Offer]) -> set[str]:
    """The stems of what these offers hold in a text, without those of fields such as author:."""
    terms = (term for offer in offers for term in offer.topic.wanted if not term.field)
    return {stem for term in terms for stem in term.stems}


class _PaperCounter:
    """The subscriber's papers of 28 days, were none of the proposals muted, and what they hold."""

    def __init__(
        self, subscriber: Subscriber, paper: Paper, proposed: Collection[str], now: datetime
    ) -> None:
        mutes = subscriber.interests.mutes().exclude(topic__normal_form__in=proposed)
        muted = Match.objects.filter(paper=OuterRef("pk"), topic__in=mutes.values("topic_id"))
        papers = (
            select_recent_papers(subscriber, now)
            .exclude(Exists(muted))
            .values_list("pk", flat=True)
        )
        self.papers = set(papers[:MOST_RECENT])
        self._paper_id = paper.pk
        self._title = normal_form(paper.title)
        self._recent: RecentPapers = process_cache.get_recent_papers(now)
        self._learned: Learned = process_cache.get_learned(now)
        self._readings: dict[int, Reading] = {}
        self._positions = [i for i in self._recent.positions if self._recent.pks[i] in self.papers]

    def score_topic(self, topic: ParsedTopic) -> float:
        """How well a phrase tells the subscriber's papers from others; 0 for too few or too many.

        share x ln(share / share of the phrase's rarest word among all papers), twice that for a
        phrase of the title: what the phrase adds to the Kullback-Leibler divergence between these
        papers and all, were it as common as that word.
        """
        stems = [stem for term in topic.wanted for stem in term.stems]
        is_of_title = f" {' '.join(stems)} " in self._title
        least, weight = (FEWEST_OF_TITLE, 2.0) if is_of_title else (FEWEST_OF_ABSTRACT, 1.0)
        hidden = len(self._recent.filter_by_phrases([f" {' '.join(stems)} "], self._positions))
        share = hidden / (len(self.papers) or 1)
        if hidden < least or share > MOST_SHARE:
            return 0.0
        return weight * share * log(share / self._learned.statistics.measure_share(stems))

    def is_shared(self, topic: ParsedTopic) -> bool:
        """Whether two other stored papers and more hold the phrase as well."""
        stems = [stem for term in topic.wanted for stem in term.stems]
        positions = self._recent.filter_by_phrases([f" {' '.join(stems)} "], self._recent.positions)
        return sum(self._recent.pks[i] != self._paper_id for i in positions) >= FEWEST_OTHERS

    def count_hidden(self, topic: ParsedTopic) -> tuple[int, bool]:
        """How many of the papers are in the topic, and whether that is an estimate."""
        positions = self._recent.find_candidates(topic, self._learned.acronyms)
        likely = sorted({self._recent.pks[i] for i in positions} & self.papers)
        if all(term.field == "cat" for term in (*topic.wanted, *topic.unwanted)):
            return len(likely), False  # of a category the candidates are all there is
        sample = likely if len(likely) <= SAMPLE_PAPERS else Random(0).sample(likely, SAMPLE_PAPERS)
        self._read_papers(sample)
        hits = sum(find_topic(topic, self._readings[pk]) is not None for pk in sample)
        return round(hits * len(likely) / (len(sample) or 1)), len(sample) < len(likely)

    def _read_papers(self, paper_ids: list[int]) -> None:
        missing = set(paper_ids) - self._readings.keys()
        for paper in Paper.objects.filter(pk__in=missing):
            learned = self._learned
            self._readings[paper.pk] = read_text(
                paper_to_text(paper), learned.acronyms, learned.statistics
            )


class MuteOutcome(StrEnum):
    """What a press became: the names are those of the page that follows."""

    NONE = ""  # it is none of the paper's proposals
    MUTED = "muted"
    ASKED = "asked"  # too much would stay away: a letter asks the mailbox


def mute_topic(subscriber_id: int, paper: Paper, query: str, now: datetime) -> MuteOutcome:
    """Mute one of the paper's proposals. Safe to run twice.

    Whoever was forwarded a digest has its links, and a mute is seen by nothing that comes. So what
    would hide more than half of the papers, with all that was muted in the last day, waits.
    Raises TopicError with a sentence where the subscriber has as many topics as there can be.
    """
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
        if not _is_offered(subscriber, paper, query):
            return MuteOutcome.NONE
        [topic] = Topic.objects.get_or_create_topics([query])
        if subscriber.interests.exclude(topic=topic).count() >= MAX_TOPICS:
            raise TopicError(
                _(
                    "You have %(max_topics)s topics, followed and muted together, and that "
                    "is the most there can be. Take one out in your preferences, then come "
                    "back."
                )
                % {"max_topics": MAX_TOPICS}
            )
        if subscriber.interests.mutes().filter(topic=topic).exists():
            return MuteOutcome.MUTED
        if _hides_most(subscriber, paper, parse_once(query), now):
            topic_changes.ask_to_mute(subscriber, query, now)
            return MuteOutcome.ASKED
        defaults = {"mode": Interest.Mode.MUTE, "typed": topic.typed}
        subscriber.interests.get_or_create(topic=topic, defaults=defaults)
    return MuteOutcome.MUTED


def _hides_most(subscriber: Subscriber, paper: Paper, topic: ParsedTopic, now: datetime) -> bool:
    """Whether it hides more than half of the papers, together with the mutes of the last day."""
    since = now - topic_changes.SUMMED_FOR
    mutes = subscriber.interests.mutes().filter(created_at__gt=since).select_related("topic")
    topics, forms = [topic], [topic.normal_form]
    for one in mutes:
        forms.append(one.topic.normal_form)
        with suppress(TopicError):
            topics.append(parse_once(one.as_typed))
    counter = _PaperCounter(subscriber, paper, forms, now)
    hidden = sum(counter.count_hidden(one)[0] for one in topics)
    return 2 * hidden > len(counter.papers)


def unmute_topic(subscriber: Subscriber, paper: Paper, query: str) -> bool:
    """Remove the mute of one of the paper's proposals; False where there is none."""
    if not _is_offered(subscriber, paper, query):
        return False
    muted = subscriber.interests.mutes()
    done, _unused = muted.filter(topic__normal_form=parse_once(query).normal_form).delete()
    return done > 0


def _is_offered(subscriber: Subscriber, paper: Paper, query: str) -> bool:
    return query in {offer.topic.query for offer in _list_offers(subscriber, paper)}
