"""Papers of the last weeks that are near to a paper or to what was searched for, by their words.

A dozen words tell what is wanted (subscribers/topics/sense.py). The papers that hold most of them
are looked up, and those are read: how near each is, is the same sum as for papers near a topic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from heapq import nlargest

from digest.match.day_words import LEAST_NEARNESS
from digest.match.paper_text import read_columns, select_texts
from digest.match.process_cache import process_cache
from digest.match.recent import RecentPapers
from digest.match.rerank import Ranked, Wanted, rerank
from digest.match.word_index import (
    find_holding_each,
    find_newest_with,
    finds_frequent_words_fast,
)
from digest.models import Paper
from subscribers.limits.cpu_allowance import CpuAllowance
from subscribers.topics import (
    ParsedTopic,
    Statistics,
    is_topic_in,
    learn_weights,
    measure_some_words,
    measure_words,
    normal_form,
)
from subscribers.topics.kinds import is_mark
from subscribers.topics.sense import allows_near, weigh_words_beside

MOST = 5  # papers shown
LOOK_UP_SECONDS = 0.05  # of CPU
_OF_A_WORD = 1_000  # papers: in more it tells little of any
_SCANNED = 4_000  # of the newest papers, some milliseconds for each word
_READ = 40  # papers of those that hold most of the words
_RERANKED = 20
_LEAST_LIKE_PAPER = 0.4  # two of the dozen words, about half as often said as in the paper itself


def find_papers_like(paper: Paper, now: datetime) -> tuple[list[int], Mapping[str, float]]:
    """The ids of the papers most like this one, the nearest first, and the words that tell it."""
    statistics = process_cache.get_learned(now).statistics
    form = paper.normal_form or normal_form(f"{paper.title}. {paper.abstract}")
    weights = weigh_words_beside([(1.0, measure_words(form))], statistics)
    ranked = _rank_recent(weights, process_cache.get_recent_papers(now), statistics, {paper.pk})
    near = [one for one in ranked if one[0] >= _LEAST_LIKE_PAPER][:_RERANKED]
    return [pk for _, pk in rerank(Wanted((paper.pk,)), near)][:MOST], weights


def find_papers_near_search(
    topic: ParsedTopic, found: Sequence[Paper], now: datetime
) -> tuple[list[int], Mapping[str, float]]:
    """The ids of papers in which a topic is not found, but that are like those in which it is.

    `found` are some of these; without any the topic's own words standing apart tell. Nothing is
    near what is in quotes, has a field, or leaves something out. While the papers are being read,
    as in a process's first seconds, nothing is near: a search waits for none of that.
    """
    if process_cache.is_loading or not allows_near(topic):
        return [], {}
    learned, recent = process_cache.get_learned(now), process_cache.get_recent_papers(now)
    ids = [paper.pk for paper in found]
    examples = [(1.0, measure_words(form)) for form in recent.read_forms(ids) if form]
    weights = learn_weights(topic, examples, learned.statistics)
    if not weights:
        return [], {}
    near = _rank_recent(weights, recent, learned.statistics, set(ids))[:_RERANKED]
    near = [one for one in near if one[0] >= LEAST_NEARNESS]
    rows = select_texts(Paper.objects.filter(pk__in=[pk for _, pk in near]), [topic])
    lacking_ids = {
        pk for pk, *columns in rows if not is_topic_in(topic, read_columns(columns, learned))
    }
    lacking = [(value, pk) for value, pk in near if pk in lacking_ids]
    return [pk for _, pk in rerank(Wanted(text=topic.query), lacking)][:MOST], weights


def _weigh_holders(
    weights: Mapping[str, float], recent: RecentPapers, statistics: Statistics
) -> Mapping[int, float]:
    """By position the recent papers that hold some of these words, and what those weigh together.

    The index of words tells them: on SQLite of a frequent word the newest, on PostgreSQL all of a
    rare one's. There a frequent word is looked for in papers with rare ones alone, and in the
    newest where these are few.
    """
    holding, allowance = defaultdict[int, float](float), CpuAllowance(LOOK_UP_SECONDS)
    stems = sorted(weights, key=lambda stem: -weights[stem])
    stems = [stem for stem in stems if not is_mark(stem)]  # no word, but a list of them
    rare = set[str]()
    if not finds_frequent_words_fast():
        most = _OF_A_WORD * statistics.papers / process_cache.count_catalogued()
        rare = {stem for stem in stems if statistics.papers_with.get(stem, 0) <= most}
        for stem, pk in find_holding_each(rare):
            for position in recent.find_positions([pk]):
                holding[position] += weights[stem]
    among: Sequence[int] = nlargest(_SCANNED, holding, key=lambda at: (holding[at], at))
    if len(among) < _READ:
        among = recent.positions[-_SCANNED:]
    for stem in stems:
        if allowance.is_spent:
            break
        if stem not in rare:
            for position in _find_holding(stem, recent, among):
                holding[position] += weights[stem]
    return holding


def _find_holding(stem: str, recent: RecentPapers, among: Sequence[int]) -> list[int]:
    """The positions of recent papers that hold a word, where that is quick; else those of some."""
    if finds_frequent_words_fast():
        return recent.find_positions(find_newest_with(stem, _OF_A_WORD))
    return recent.filter_by_phrases([f" {stem} "], among)


def _rank_recent(
    weights: Mapping[str, float],
    recent: RecentPapers,
    statistics: Statistics,
    left_out: Collection[int],
) -> Ranked:
    """The recent papers nearest to words of these weights, the nearest first."""
    holding = _weigh_holders(weights, recent, statistics)
    likely = sorted(holding, key=lambda position: (-holding[position], position))
    likely = [position for position in likely if recent.pks[position] not in left_out][:_READ]
    ranked = []
    stems = frozenset(weights)
    for position, form in zip(likely, recent.list_normal_forms(likely), strict=True):
        said = measure_some_words(form, stems)
        nearness = sum(weight * said.get(stem, 0.0) for stem, weight in weights.items())
        ranked.append((nearness, recent.pks[position]))
    return sorted(ranked, key=lambda one: (-one[0], one[1]))
