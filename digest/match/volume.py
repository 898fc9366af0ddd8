"""How many papers a topic brings, and which narrower or wider ones bring fewer or more.

For topics that nobody follows yet: nothing is written, and no match is needed. The papers that may
hold the topic are counted by their stored normal forms; whether they do is decided by `find`, on up
to 60 of them, and the share of those that do corrects the count. With so many or fewer it is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import inf, log
from random import Random

from digest.match.learned import Learned
from digest.match.paper_text import read_paper
from digest.match.process_cache import process_cache
from digest.match.recent import RecentPapers
from digest.models import Paper
from subscribers.topics import (
    Acronyms,
    ParsedTopic,
    Reading,
    Term,
    TopicError,
    find_topic,
    parse_topic,
)
from subscribers.topics.all_forms import list_all_forms
from subscribers.topics.phrases import count_phrases
from subscribers.topics.terms import STOP_WORDS

SAMPLE = 60  # papers read to see whether a topic is really in its candidates
MOST_SUGGESTED = 4
MOST_COUNTED = 20  # phrases counted at most to find these: each takes some milliseconds
# A narrower topic is worth suggesting if it keeps this share of the papers.
_LEAST_SHARE, _MOST_SHARE = 0.04, 0.6
_FEWEST = 3


@dataclass(frozen=True)
class Volume:
    """Papers on each of 28 days, today last; all papers of the last `covered` were read."""

    days: list[int]
    covered: int

    @property
    def total(self) -> int:
        return sum(self.days)

    @property
    def a_day(self) -> float:
        """Papers a day, weekends included, over the days that were read."""
        return sum(self.days[-self.covered :]) / self.covered


@dataclass(frozen=True)
class SampledTopic:
    """A topic's candidates among the last 28 days' papers, and what a sample of them shows."""

    recent: RecentPapers
    learned: Learned
    positions: list[int]  # of the candidates
    readings: list[Reading]  # of those in the sample that match
    share: float  # of the sample that matches

    def measure_volume(self, *phrases: str) -> Volume:
        """The topic's papers; with phrases (their stems), those of them that hold one of these."""
        positions = self.positions
        if phrases:
            padded = [f" {phrase} " for phrase in phrases]
            positions = self.recent.filter_by_phrases(padded, positions)
        counts = self.recent.count_per_day(positions)
        return Volume([round(count * self.share) for count in counts], self.recent.days_covered)


def measure_volume(topic: ParsedTopic, now: datetime, sample: int = SAMPLE) -> Volume:
    """Return how many papers the topic was in on each of the 28 days up to now.

    With more than `sample` papers that may hold it, so many are read and the others estimated.
    """
    return sample_topic(topic, now, sample).measure_volume()


def find_narrower_topics(
    topic: ParsedTopic, now: datetime, enough: float = inf
) -> list[tuple[str, float]]:
    """Return topics that keep a part of its papers, and the papers a day each would bring.

    Phrases that stand beside it more often than elsewhere: longer names of it, or a second phrase
    behind a plus sign. The most telling first; [] where nothing stands out. Those that would bring
    more than `enough` papers a day are left out.
    """
    sampled = sample_topic(topic, now)
    phrases = islice(rank_phrases_beside(topic, sampled), MOST_COUNTED)
    counted = ((key, spelled, sampled.measure_volume(key).a_day) for key, spelled in phrases)
    narrower = (
        (query, a_day)
        for key, spelled, a_day in counted
        if a_day <= enough and (query := narrow_topic(topic, key, spelled))
    )
    return list(islice(narrower, MOST_SUGGESTED))


def find_wider_topics(
    topic: ParsedTopic, now: datetime, most: int = MOST_SUGGESTED
) -> list[tuple[str, float]]:
    """Return topics that find more: a part left out, quotes taken away, a word less.

    With the papers a day each would bring, the fullest first; only those that find more.
    """
    own = measure_volume(topic, now).total
    volumes = [
        (query, measure_volume(wider, now)) for query, wider in _parse_queries(_widen_topic(topic))
    ]
    wider = [(query, volume.a_day) for query, volume in volumes if volume.total > own]
    return sorted(wider, key=lambda pair: -pair[1])[:most]


def _parse_queries(queries: Iterable[str]) -> Iterator[tuple[str, ParsedTopic]]:
    """Each query once with its topic; those that are none are passed over."""
    for query in dict.fromkeys(queries):
        with suppress(TopicError):
            yield query, parse_topic(query)


def sample_topic(topic: ParsedTopic, now: datetime, sample: int = SAMPLE) -> SampledTopic:
    recent, learned = process_cache.get_recent_papers(now), process_cache.get_learned(now)
    positions = recent.find_candidates(topic, learned.acronyms)
    ids = [recent.pks[position] for position in _sample_positions(positions, sample)]
    readings = [read_paper(paper, learned) for paper in Paper.objects.filter(pk__in=ids)]
    matching = [reading for reading in readings if find_topic(topic, reading)]
    share = len(matching) / (len(readings) or 1)
    return SampledTopic(recent, learned, positions, matching, share)


def _sample_positions(positions: Sequence[int], most: int) -> Sequence[int]:
    """At most so many of them, always the same."""
    return positions if len(positions) <= most else Random(0).sample(positions, most)


def rank_phrases_beside(topic: ParsedTopic, sampled: SampledTopic) -> Iterator[tuple[str, str]]:
    """Phrases in some of the topic's papers, the most telling first: stems and spelling.

    By share x ln(share / share of the phrase's rarest word among all papers). No two say the same.
    """
    acronyms, statistics = sampled.learned.acronyms, sampled.learned.statistics
    own = {s for t in topic.wanted for form in list_all_forms(t, acronyms) for s in form.split()}
    texts = ((reading.title, reading.abstract) for reading in sampled.readings)
    scored = []
    for key, (papers, spelled) in count_phrases(texts, _FEWEST).items():
        share = papers / len(sampled.readings)
        is_part = _LEAST_SHARE <= share <= _MOST_SHARE
        if is_part and not own.issuperset(key.split()):
            score = share * log(share / statistics.measure_share(key.split()))
            scored.append((-score, -len(key.split()), key, spelled))
    used = set(own)
    for _, _, key, spelled in sorted(scored):  # of two as telling the longer one
        new = _list_all_stems(key, acronyms) - own
        if not new & used:
            used |= new
            yield key, spelled


def _list_all_stems(key: str, acronyms: Acronyms) -> set[str]:
    """The stems of a phrase, and of the long form or the acronym that says the same."""
    forms = [key, *(" ".join(form) for form in acronyms.by_stem.get(key, ()))]
    if short := acronyms.short_forms.get(tuple(key.split())):
        forms.append(acronyms.stems[short])
        forms += (" ".join(form) for form in acronyms.long_forms[short])
    return {stem for form in forms for stem in form.split()}


def narrow_topic(topic: ParsedTopic, key: str, spelled: str) -> str:
    """The topic with this phrase beside it, or the phrase where it is a longer name of it.

    "" where that cannot be a topic.
    """
    [first, *more] = topic.wanted
    is_longer = first.is_loose and not more and f" {' '.join(first.stems)} " in f" {key} "
    query = spelled if is_longer and not topic.unwanted else f"{topic.query} + {spelled}"
    try:
        return parse_topic(query).query
    except TopicError:
        return ""


def _widen_topic(topic: ParsedTopic) -> Iterator[str]:
    """The topic without one of its parts, and with its phrases taken less strictly."""
    wanted, unwanted = [t.typed for t in topic.wanted], [f"-{t.typed}" for t in topic.unwanted]
    for i in range(len(unwanted)):
        yield _join_terms(wanted, [*unwanted[:i], *unwanted[i + 1 :]])
    for i, term in enumerate(topic.wanted):
        for looser in _loosen_term(term) if len(wanted) == 1 else [*_loosen_term(term), ""]:
            yield _join_terms([*wanted[:i], looser, *wanted[i + 1 :]], unwanted)


def _join_terms(wanted: Sequence[str], unwanted: Sequence[str]) -> str:
    return " ".join([" + ".join(filter(None, wanted)), *unwanted])


def _loosen_term(term: Term) -> Iterator[str]:
    if term.field in ("author", "org", "cat"):
        return
    words = term.plain.split()
    if term.plain != term.typed:
        yield term.plain
    if len(words) > 2:
        yield _strip_stop_words(words[1:])
        yield _strip_stop_words(words[:-1])
    if len(words) > 1:
        yield " + ".join(word for word in words if word not in STOP_WORDS)


def _strip_stop_words(words: list[str]) -> str:
    """The phrase without small words at its ends: tuning of, in context."""
    while words and words[0] in STOP_WORDS:
        words = words[1:]
    while words and words[-1] in STOP_WORDS:
        words = words[:-1]
    return " ".join(words)
