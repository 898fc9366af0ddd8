"""The baseline: Okapi's BM25 over title and abstract, with its usual constants.

score = Σ ln(1 + (N − d + ½) / (d + ½)) · f · (k1 + 1) / (f + k1 · L)
L     = 1 − b + b · length / mean length

A topic is a bag of words: its order, its hyphens and its quotes do not count, and a paper that
holds any of its words is found (Robertson and Zaragoza, 2009).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log

from bench.relevance.labelled import LabelledPaper, split_words

K1, B = 1.2, 0.75


def rank_by_bm25(papers: Sequence[LabelledPaper], topics: Iterable[str]) -> dict[str, list[str]]:
    """By topic the ids of all papers that hold any of its words, the best first."""
    texts = {paper.id: split_words(f"{paper.title} . {paper.abstract}") for paper in papers}
    mean = sum(map(len, texts.values())) / max(len(texts), 1)
    counts = defaultdict[str, dict[str, int]](dict)
    for paper_id, words in texts.items():
        for word, times in Counter(words).items():
            counts[word][paper_id] = times
    ranked = {}
    for topic in topics:
        scores = defaultdict[str, float](float)
        for word in split_words(topic):
            held = counts.get(word, {})
            rarity = log(1 + (len(texts) - len(held) + 0.5) / (len(held) + 0.5))
            for paper_id, times in held.items():
                length = 1 - B + B * len(texts[paper_id]) / mean
                scores[paper_id] += rarity * times * (K1 + 1) / (times + K1 * length)
        ranked[topic] = sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))
    return ranked
