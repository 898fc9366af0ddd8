"""What the papers in memory teach about a topic, whether anybody follows it or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

from digest.match.learned import Learned
from digest.match.paper_text import read_paper
from digest.match.process_cache import process_cache
from digest.match.senses import learn_sense, list_examples
from digest.models import Paper, TopicSense
from subscribers.topics import ParsedTopic, find_topic, measure_words, read_weights
from subscribers.topics import TopicSense as Sense

SAMPLE = 60  # papers read of those that may hold the topic


def find_sense(topic: ParsedTopic, now: datetime, candidates: Sequence[int] | None = None) -> Sense:
    """What is stored of the topic; else what a sample of the last 28 days' papers teaches now.

    `candidates` are the ids of the recent papers that may hold it, where they were looked for.
    """
    rows = TopicSense.objects.filter(topic__normal_form=topic.normal_form, due_at__gt=now)
    if stored := rows.first():
        return Sense(stored.floor, read_weights(stored.words) or None)
    learned = process_cache.get_learned(now)
    key = ("sense", topic.normal_form, now.date(), len(process_cache.get_recent_papers(now)))
    kept: Sense | None = process_cache.senses.get(key)
    return kept or process_cache.senses.put(
        key, _learn_from_sample(topic, now, learned, candidates)
    )


def _learn_from_sample(
    topic: ParsedTopic, now: datetime, learned: Learned, candidates: Sequence[int] | None
) -> Sense:
    recent = process_cache.get_recent_papers(now)
    if candidates is None:
        candidates = [recent.pks[i] for i in recent.find_candidates(topic, learned.acronyms)]
    sample = candidates if len(candidates) <= SAMPLE else Random(0).sample(candidates, SAMPLE)
    papers = Paper.objects.in_bulk(sample)
    readings = {pk: read_paper(paper, learned) for pk, paper in papers.items()}
    matches = {pk: find_topic(topic, reading) for pk, reading in readings.items()}
    finds = [(match.strength, pk) for pk, match in matches.items() if match]
    words = {pk: measure_words(readings[pk].normal_form) for _, pk in list_examples(finds)}
    # The sample stands for all candidates, so it is a sample of so many papers.
    papers_sampled = len(recent) * len(sample) // max(len(candidates), 1)
    return learn_sense(topic, finds, papers_sampled, words, learned)
