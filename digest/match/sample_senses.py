"""What the papers in memory teach about a topic, whether anybody follows it or not.

The sample of a topic is of those of its papers whose numbers come first in an order that has
nothing to do with them, and is the same for all topics: so the samples of several topics are mostly
the same papers, and each is read once (coordinated bottom-k samples; Cohen and Kaplan, 2007).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from digest.match.learned import Learned
from digest.match.paper_text import read_paper
from digest.match.process_cache import process_cache
from digest.match.senses import learn_sense, list_examples
from digest.models import Paper, TopicSense
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.topics import ParsedTopic, Reading, find_topic, measure_words, read_weights
from subscribers.topics import TopicSense as Sense

SAMPLE = 60  # papers read of those that may hold the topic
UNKNOWN = Sense(0.0, None)  # takes every paper that holds the topic, and none beside them
_SCATTER = 0x9E3779B97F4A7C15  # odd, and far from any regular number: 2^64 / the golden ratio


def find_sense(topic: ParsedTopic, now: datetime) -> Sense:
    """What is stored of the topic; else what a sample of the last 28 days' papers teaches now."""
    learned = process_cache.get_learned(now)
    recent = process_cache.get_recent_papers(now)
    candidates = [recent.pks[i] for i in recent.find_candidates(topic, learned.acronyms)]
    [sense] = find_senses([topic], now, [candidates])
    return sense or UNKNOWN


def find_senses(
    topics: Sequence[ParsedTopic],
    now: datetime,
    candidates: Sequence[Sequence[int]],
    allowance: CpuAllowance | None = None,
) -> list[Sense | None]:
    """The same for several; None for those that were not looked at before the allowance was spent.

    `candidates` are for each the ids of the recent papers that may hold it.
    """
    learned, papers = process_cache.get_learned(now), len(process_cache.get_recent_papers(now))
    forms = {topic.normal_form for topic in topics}
    rows = TopicSense.objects.filter(topic__normal_form__in=forms, due_at__gt=now)
    stored = {row.topic.normal_form: row for row in rows.select_related("topic")}
    sampler, senses = _Sampler(learned, papers), list[Sense | None]()
    for topic, ids in zip(topics, candidates, strict=True):
        key = ("sense", topic.normal_form, now.date(), papers)
        sense: Sense | None = process_cache.senses.get(key)
        if row := stored.get(topic.normal_form):
            sense = Sense(row.floor, read_weights(row.words) or None)
        elif sense is None and not (allowance and allowance.is_spent):
            sense = process_cache.senses.put(key, sampler.learn(topic, ids))
        senses.append(sense)
    return senses


class _Sampler:
    """Learns of topics from samples of their papers, each of which is read once."""

    def __init__(self, learned: Learned, papers: int) -> None:
        """`papers` are all that the samples are drawn from."""
        self._learned, self._papers = learned, papers
        self._readings: dict[int, Reading] = {}

    def learn(self, topic: ParsedTopic, candidates: Sequence[int]) -> Sense:
        sample = sample_ids(candidates, SAMPLE)
        self._read(sample)
        readings = {pk: self._readings[pk] for pk in sample if pk in self._readings}
        matches = {pk: find_topic(topic, reading) for pk, reading in readings.items()}
        finds = [(match.strength, pk) for pk, match in matches.items() if match]
        words = {pk: measure_words(readings[pk].normal_form) for _, pk in list_examples(finds)}
        # The sample stands for all candidates, so it is a sample of so many papers.
        papers_sampled = self._papers * len(sample) // max(len(candidates), 1)
        return learn_sense(topic, finds, papers_sampled, words, self._learned)

    def _read(self, ids: Iterable[int]) -> None:
        papers = Paper.objects.in_bulk([pk for pk in ids if pk not in self._readings])
        self._readings |= {pk: read_paper(paper, self._learned) for pk, paper in papers.items()}


def sample_ids(ids: Sequence[int], most: int) -> Sequence[int]:
    """At most so many of them, always the same, and mostly the same of other lists."""
    if len(ids) <= most:
        return ids
    return sorted(ids, key=lambda pk: pk * _SCATTER & 0xFFFFFFFFFFFFFFFF)[:most]
