"""What a reader may mute because of one paper, and how many of their papers each would hide."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import log
from random import Random

from django.db import transaction
from django.db.models import Exists, OuterRef

from digest.compose.features import kinds_named, phrases_of
from digest.feedback.record import MOST_RECENT, papers_for
from digest.match.learned import Learned
from digest.match.process_cache import process_cache
from digest.match.recent import RecentPapers
from digest.match.stage import paper_to_text
from digest.models import Match, Paper
from digest.render import paper_lines
from subscribers.models import MAX_TOPICS, Interest, Subscriber, Topic
from subscribers.topics import ParsedTopic, Reading, TopicError, find, normal_form, parse_once, read
from subscribers.topics.phrases import find_phrases
from subscribers.topics.words import read_words

MOST_KINDS, MOST_PHRASES = 2, 3
LONGEST_PHRASE = 3  # words
# A phrase is worth proposing if it stands in so many of the reader's papers; one of the title
# counts double.
FEWEST_OF_TITLE, FEWEST_OF_ABSTRACT, MOST_SHARE = 2, 4, 0.4
FEWEST_OTHERS = 2  # stored papers, the reader's or not
ASKED = 120  # papers read for one topic; of more a sample, and the number is an estimate


_ADDRESS = re.compile(r"\S*(?:://|www\.|\.com|\.io|\.org)\S*")


@dataclass(frozen=True)
class Proposal:
    """A topic that could be muted; `hides` of the reader's papers of 28 days are in it."""

    query: str
    said: str  # “survey” in the title
    hides: int
    is_estimate: bool
    is_muted: bool
    is_most: bool  # more than half of the reader's papers


@dataclass(frozen=True)
class Proposals:
    """What can be muted because of one paper, and of how many papers a part would be hidden."""

    papers: int
    rows: list[Proposal]


def propose(reader: Subscriber, paper: Paper, now: datetime) -> Proposals:
    """The paper's kind, phrases, category and organization, with what each would hide.

    What the reader follows is never proposed; what they mute already is, to be undone.
    """
    offers = _offers(reader, paper)
    muted = set(reader.interests.mutes().values_list("topic__normal_form", flat=True))
    count = _Count(reader, paper, [offer.topic.normal_form for offer in offers], now)
    rows = []
    for offer in _worth_showing(offers, muted, count):
        hides, is_estimate = count.hidden_by(offer.topic)
        is_muted, is_most = offer.topic.normal_form in muted, 2 * hides > len(count.papers)
        if offer.is_fixed or is_muted or hides > 1:
            row = Proposal(offer.topic.query, offer.said, hides, is_estimate, is_muted, is_most)
            rows.append(row)
    return Proposals(len(count.papers), rows)


@dataclass(frozen=True)
class _Offer:
    """One topic that may be muted, and whether it is shown whatever it would hide."""

    topic: ParsedTopic
    said: str
    is_fixed: bool


def _offers(reader: Subscriber, paper: Paper) -> list[_Offer]:
    """No two that mean the same, none that the reader follows."""
    follows = reader.interests.follows()
    taken = set(follows.values_list("topic__normal_form", flat=True))
    offers = []
    for query, said, is_fixed in _sayings(paper, _found(reader, paper)):
        with suppress(TopicError):
            topic = parse_once(query)
            if topic.normal_form not in taken:
                taken.add(topic.normal_form)
                offers.append(_Offer(topic, said, is_fixed))
    return offers


def _found(reader: Subscriber, paper: Paper) -> list[str]:
    """The words by which the reader's topics found the paper, as its card in the mail had them."""
    follows = reader.interests.follows().values("topic_id")
    rows = Match.objects.filter(paper=paper, topic__in=follows)
    return paper_lines.found_words(rows.values_list("where", flat=True))


def _sayings(paper: Paper, found: Collection[str]) -> Iterator[tuple[str, str, bool]]:
    """What may be muted, how it is said, and whether it is shown whatever it would hide."""
    for kind in kinds_named(paper.title)[:MOST_KINDS]:
        quoted = f'"{kind}"' if " " in kind else kind
        yield f"title:{quoted}", f"“{kind}” in the title", True
        yield kind, f"“{kind}” anywhere", True
    for place, phrase in enumerate(phrases_of(paper, found)):
        yield phrase, f"“{phrase}”", place == 0
    for _, phrase in _phrases(paper, found):
        yield phrase, f"“{phrase}”", False
    for category in paper.categories[:1]:
        yield f"cat:{category}", f"all of {category}", True
    if organization := paper.organization.replace('"', " "):
        yield f'org:"{organization}"', f"all from {paper.organization}", True


def _phrases(paper: Paper, found: Collection[str]) -> Iterator[tuple[str, str]]:
    """The phrases of title and abstract by their stems; none that the reader's topics are."""
    followed = [set(normal_form(text).split()) for text in found]
    for text in (paper.title, _ADDRESS.sub(" | ", paper.abstract)):
        for key, spelled in find_phrases(read_words(text), LONGEST_PHRASE):
            if not any(set(key.split()) <= topic for topic in followed):
                yield key, spelled


def _worth_showing(offers: Sequence[_Offer], muted: Collection[str], count: _Count) -> list[_Offer]:
    """Those shown in any case, what is muted, and between them the most telling phrases."""
    fixed = [o for o in offers if o.is_fixed or o.topic.normal_form in muted]
    scores = {o.topic: count.score(o.topic) for o in offers if o not in fixed}
    telling = sorted(filter(lambda o: scores.get(o.topic), offers), key=lambda o: -scores[o.topic])
    said, shown = _stems(fixed), list(fixed)
    for offer in telling:
        is_full = len(shown) == len(fixed) + MOST_PHRASES
        if not is_full and not _stems([offer]) & said and count.is_shared(offer.topic):
            said |= _stems([offer])
            shown.append(offer)
    return [offer for offer in offers if offer in shown]


def _stems(offers: Iterable[_Offer]) -> set[str]:
    """The stems of their phrases, those of names left out."""
    terms = (term for offer in offers for term in offer.topic.wanted if not term.field)
    return {stem for term in terms for stem in term.stems}


class _Count:
    """The reader's papers of 28 days, as they are without the proposals, and what is in them."""

    def __init__(
        self, reader: Subscriber, paper: Paper, proposed: Collection[str], now: datetime
    ) -> None:
        mutes = reader.interests.mutes().exclude(topic__normal_form__in=proposed)
        muted = Match.objects.filter(paper=OuterRef("pk"), topic__in=mutes.values("topic_id"))
        papers = papers_for(reader, now).exclude(Exists(muted)).values_list("pk", flat=True)
        self.papers = set(papers[:MOST_RECENT])
        self._paper_id = paper.pk
        self._title = normal_form(paper.title)
        self._recent: RecentPapers = process_cache.get_recent_papers(now)
        self._learned: Learned = process_cache.get_learned(now)
        self._readings: dict[int, Reading] = {}
        self._places = [i for i in self._recent.positions if self._recent.pks[i] in self.papers]

    def score(self, topic: ParsedTopic) -> float:
        """How telling a phrase is of the reader's papers; 0 for too few and too many of them.

        share x ln(share / share of the phrase's rarest word among all papers)
        """
        stems = [stem for term in topic.wanted for stem in term.stems]
        is_of_title = f" {' '.join(stems)} " in self._title
        least, weight = (FEWEST_OF_TITLE, 2.0) if is_of_title else (FEWEST_OF_ABSTRACT, 1.0)
        hidden = len(self._recent.filter_by_phrases([f" {' '.join(stems)} "], self._places))
        share = hidden / (len(self.papers) or 1)
        if hidden < least or share > MOST_SHARE:
            return 0.0
        return weight * share * log(share / self._learned.statistics.share(stems))

    def is_shared(self, topic: ParsedTopic) -> bool:
        """Whether two other stored papers and more hold the phrase as well."""
        stems = [stem for term in topic.wanted for stem in term.stems]
        places = self._recent.filter_by_phrases([f" {' '.join(stems)} "], self._recent.positions)
        return sum(self._recent.pks[place] != self._paper_id for place in places) >= FEWEST_OTHERS

    def hidden_by(self, topic: ParsedTopic) -> tuple[int, bool]:
        """How many of the papers are in the topic, and whether that is an estimate."""
        places = self._recent.find_candidates(topic, self._learned.acronyms)
        likely = sorted({self._recent.pks[place] for place in places} & self.papers)
        if all(term.field == "cat" for term in (*topic.wanted, *topic.unwanted)):
            return len(likely), False  # of a category the candidates are all there is
        asked = likely if len(likely) <= ASKED else Random(0).sample(likely, ASKED)
        self._read(asked)
        true = sum(find(topic, self._readings[pk]) is not None for pk in asked)
        return round(true * len(likely) / (len(asked) or 1)), len(asked) < len(likely)

    def _read(self, paper_ids: list[int]) -> None:
        missing = set(paper_ids) - self._readings.keys()
        for paper in Paper.objects.filter(pk__in=missing):
            learned = self._learned
            self._readings[paper.pk] = read(
                paper_to_text(paper), learned.acronyms, learned.statistics
            )


def mute(reader_id: int, paper: Paper, query: str) -> bool:
    """Mute one of the paper's proposals; False where it is none of them. Twice does no more.

    Raises TopicError with a sentence where the reader has as many topics as there can be.
    """
    with transaction.atomic():
        reader = Subscriber.objects.select_for_update().get(pk=reader_id)
        if not _is_offered(reader, paper, query):
            return False
        [topic] = Topic.objects.get_or_create_topics([query])
        if reader.interests.exclude(topic=topic).count() >= MAX_TOPICS:
            raise TopicError(
                f"You have {MAX_TOPICS} topics, followed and muted together, and that is the most "
                "there can be. Take one out in your preferences, then come back."
            )
        known = {"mode": Interest.Mode.MUTE}
        reader.interests.get_or_create(topic=topic, defaults=known)
    return True


def unmute(reader: Subscriber, paper: Paper, query: str) -> bool:
    """Take the mute of one of the paper's proposals back; False where there is none."""
    if not _is_offered(reader, paper, query):
        return False
    muted = reader.interests.mutes()
    done, _ = muted.filter(topic__normal_form=parse_once(query).normal_form).delete()
    return done > 0


def _is_offered(reader: Subscriber, paper: Paper, query: str) -> bool:
    return query in {offer.topic.query for offer in _offers(reader, paper)}
