"""How many papers a topic brings, and which narrower or wider ones bring fewer or more.

For topics that somebody only tries: nothing is written, and no match is needed. What may hold the
topic is counted on the stored normal forms; whether it does is decided by `find`, on up to 60 of
those papers, and their share corrects the count. With 60 candidates or fewer it is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import inf, log
from random import Random

from digest.match.index_cache import Learned, learn
from digest.match.recent import Recent, recent_papers
from digest.match.stage import text_of
from digest.models import Paper
from subscribers.topics import Acronyms, ParsedTopic, Reading, Term, TopicError, find, parse, read
from subscribers.topics.acronyms import other_forms
from subscribers.topics.phrases import common_phrases
from subscribers.topics.terms import STOP_WORDS

ASKED = 60  # papers read to see whether a topic is really in what may hold it
OFFERED = 4
LOOKED_AT = 20  # phrases counted at most to find these: each takes some milliseconds
# A narrower topic is worth offering if it keeps this share of the papers.
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
class _Sight:
    """A topic as the last 28 days' papers show it."""

    recent: Recent
    learned: Learned
    places: list[int]  # of what may hold it
    readings: list[Reading]  # of some that do
    share: float  # of those asked

    def volume(self, *phrases: str) -> Volume:
        """The topic's papers; with phrases (their stems), those of them that hold one of these."""
        padded = [f" {phrase} " for phrase in phrases]
        places = self.recent.with_any(padded, self.places) if phrases else self.places
        counts = self.recent.per_day(places)
        return Volume([round(count * self.share) for count in counts], self.recent.covered)


def volume(topic: ParsedTopic, now: datetime) -> Volume:
    """Return how many papers the topic was in on each of the 28 days up to now."""
    return _look(topic, now).volume()


def narrower(topic: ParsedTopic, now: datetime, enough: float = inf) -> list[tuple[str, float]]:
    """Return topics that keep a part of its papers, and the papers a day each would bring.

    Phrases that stand beside it more often than elsewhere: longer names of it, or a second phrase
    behind a plus sign. The most telling first; [] where nothing stands out. Those that would bring
    more than `enough` papers a day are left out.
    """
    sight = _look(topic, now)
    phrases = islice(_beside(topic, sight), LOOKED_AT)
    counted = ((key, spelled, sight.volume(key).a_day) for key, spelled in phrases)
    offered = (
        (query, a_day)
        for key, spelled, a_day in counted
        if a_day <= enough and (query := _narrowed(topic, key, spelled))
    )
    return list(islice(offered, OFFERED))


def wider(topic: ParsedTopic, now: datetime, most: int = OFFERED) -> list[tuple[str, float]]:
    """Return topics that find more: a part left out, quotes taken away, a word less.

    With the papers a day each would bring, the fullest first; only those that find more.
    """
    own = volume(topic, now).total
    volumes = [(query, volume(topic, now)) for query, topic in _parsed(_widened(topic))]
    found = [(query, v.a_day) for query, v in volumes if v.total > own]
    return sorted(found, key=lambda pair: -pair[1])[:most]


def _parsed(queries: Iterable[str]) -> Iterator[tuple[str, ParsedTopic]]:
    for query in dict.fromkeys(queries):
        with suppress(TopicError):
            yield query, parse(query)


def _look(topic: ParsedTopic, now: datetime) -> _Sight:
    recent, learned = recent_papers(now), learn(now)
    places = recent.candidates(topic, learned.acronyms)
    asked = _some(places)
    readings = [
        read(text_of(paper), learned.acronyms, learned.statistics)
        for paper in Paper.objects.filter(pk__in=[recent.pks[place] for place in asked])
    ]
    true = [reading for reading in readings if find(topic, reading)]
    return _Sight(recent, learned, places, true, len(true) / (len(readings) or 1))


def _some(places: Sequence[int]) -> Sequence[int]:
    """At most 60 of them, always the same."""
    return places if len(places) <= ASKED else Random(0).sample(places, ASKED)


def _beside(topic: ParsedTopic, sight: _Sight) -> Iterator[tuple[str, str]]:
    """Phrases in some of the topic's papers, the most telling first: stems and spelling.

    By share x ln(share / share of the phrase's rarest word among all papers). No two say the same.
    """
    acronyms, statistics = sight.learned.acronyms, sight.learned.statistics
    own = {s for t in topic.wanted for form in other_forms(t, acronyms) for s in form.split()}
    texts = ((reading.title, reading.abstract) for reading in sight.readings)
    found = common_phrases(texts, _FEWEST)
    scored = []
    for key, (papers, spelled) in found.items():
        share = papers / len(sight.readings)
        is_some = _LEAST_SHARE <= share <= _MOST_SHARE
        if is_some and not own.issuperset(key.split()):
            score = share * log(share / statistics.share(key.split()))
            scored.append((-score, -len(key.split()), key, spelled))
    said = set(own)
    for _, _, key, spelled in sorted(scored):  # of two as telling the longer one
        new = _all_stems(key, acronyms) - own
        if not new & said:
            said |= new
            yield key, spelled


def _all_stems(key: str, acronyms: Acronyms) -> set[str]:
    """The stems of a phrase, and of the long form or the acronym that says the same."""
    forms = [key, *(" ".join(form) for form in acronyms.by_stem.get(key, ()))]
    if short := acronyms.short_forms.get(tuple(key.split())):
        forms.append(acronyms.stems[short])
    return {stem for form in forms for stem in form.split()}


def _narrowed(topic: ParsedTopic, key: str, spelled: str) -> str:
    """The topic with this phrase beside it, or the phrase where it is a longer name of it.

    "" where that cannot be a topic.
    """
    [first, *more] = topic.wanted
    is_longer = first.is_loose and not more and f" {' '.join(first.stems)} " in f" {key} "
    query = spelled if is_longer and not topic.unwanted else f"{topic.query} + {spelled}"
    try:
        return parse(query).query
    except TopicError:
        return ""


def _widened(topic: ParsedTopic) -> Iterator[str]:
    """The topic without one of its parts, and with its phrases taken less strictly."""
    wanted, unwanted = [t.typed for t in topic.wanted], [f"-{t.typed}" for t in topic.unwanted]
    for i in range(len(unwanted)):
        yield _query(wanted, [*unwanted[:i], *unwanted[i + 1 :]])
    for i, term in enumerate(topic.wanted):
        for looser in _loosened(term) if len(wanted) == 1 else [*_loosened(term), ""]:
            yield _query([*wanted[:i], looser, *wanted[i + 1 :]], unwanted)


def _query(wanted: Sequence[str], unwanted: Sequence[str]) -> str:
    return " ".join([" + ".join(filter(None, wanted)), *unwanted])


def _loosened(term: Term) -> Iterator[str]:
    if term.field in ("author", "org", "cat"):
        return
    words = term.plain.split()
    if term.plain != term.typed:
        yield term.plain
    if len(words) > 2:
        yield _without_ends(words[1:])
        yield _without_ends(words[:-1])
    if len(words) > 1:
        yield " + ".join(word for word in words if word not in STOP_WORDS)


def _without_ends(words: list[str]) -> str:
    """The phrase without small words at its ends: tuning of, in context."""
    while words and words[0] in STOP_WORDS:
        words = words[1:]
    while words and words[-1] in STOP_WORDS:
        words = words[:-1]
    return " ".join(words)
