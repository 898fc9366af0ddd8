"""How well topics find on random halves: half of the papers, and half of the topics among them.

    .venv/bin/python scripts/held_out.py author_keywords_dev.jsonl.gz --times 8

The file holds one paper a line: {"id", "title", "abstract", "keywords"}, the keywords being those
that its authors chose. Topics are keywords of six papers or more; a topic's true papers are those
that bear it. MAP and P@5 are told as ratios to BM25 over any word, in the same half.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log
from pathlib import Path
from random import Random
from statistics import mean, quantiles
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from digest.match.topic_ranking import TopicRanking  # noqa: E402 (after django.setup)
from subscribers.topics import Text, TopicError, count_stems, learn_forms, parse_topic, read_text  # noqa: E402

FEWEST_PAPERS = 6
Ranked = dict[str, list[str]]
Truth = dict[str, set[str]]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKC", text).casefold())


def true_papers(papers: Sequence[dict[str, Any]]) -> Truth:
    """Topic -> papers; keywords that differ only in case, hyphens or a plural s are one topic."""
    truth: defaultdict[str, set[str]] = defaultdict(set)
    spelled: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        for keyword in paper["keywords"]:
            key = " ".join(re.sub(r"(?<=...)(?<!s)s$", "", word) for word in words(keyword))
            truth[key].add(paper["id"])
            spelled[key][keyword.strip()] += 1
    often = (key for key, found in truth.items() if key and len(found) >= FEWEST_PAPERS)
    return {spelled[key].most_common(1)[0][0]: truth[key] for key in sorted(often)}


def ours(papers: Sequence[dict[str, Any]], truth: Truth) -> Ranked:
    texts = {paper["id"]: Text(paper["title"], paper["abstract"]) for paper in papers}
    whole = [f"{text.title}. {text.abstract}" for text in texts.values()]
    plain = {paper_id: read_text(text) for paper_id, text in texts.items()}
    learned = learn_forms(whole), count_stems(one.normal_form for one in plain.values())
    readings = {paper_id: read_text(text, *learned) for paper_id, text in texts.items()}
    ranking = TopicRanking(dict(_parsed(truth)))
    for step in (ranking.match_paper, ranking.compare_paper):
        for paper_id, reading in readings.items():
            step(paper_id, reading)
    ranked: Ranked = {topic: [] for topic in truth}
    for topic, paper_id, _ in ranking.list_pairs():
        ranked[topic].append(paper_id)
    return ranked


def _parsed(truth: Truth) -> Iterator[tuple[str, Any]]:
    for topic in truth:
        try:
            yield topic, parse_topic(topic)
        except TopicError:
            continue  # counted as found nowhere


def bm25(papers: Sequence[dict[str, Any]], truth: Truth) -> Ranked:
    texts = {p["id"]: words(f"{p['title']} . {p['abstract']}") for p in papers}
    usual = mean(map(len, texts.values()))
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for paper_id, text in texts.items():
        for word, often in Counter(text).items():
            counts[word][paper_id] = often
    ranked: Ranked = {}
    for topic in truth:
        scores: Counter[str] = Counter()
        for word in words(topic):
            held = counts.get(word, {})
            rarity = log(1 + (len(texts) - len(held) + 0.5) / (len(held) + 0.5))
            for paper_id, often in held.items():
                length = 0.25 + 0.75 * len(texts[paper_id]) / usual
                scores[paper_id] += rarity * often * 2.2 / (often + 1.2 * length)  # type: ignore[assignment]
        ranked[topic] = sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))
    return ranked


def figures(ranked: Ranked, truth: Truth, topics: Sequence[str]) -> tuple[float, float, float]:
    """Mean average precision, precision of the first five, recall."""
    rows = []
    for topic in topics:
        is_true = [paper_id in truth[topic] for paper_id in ranked[topic]]
        hits = [sum(is_true[: place + 1]) / (place + 1) for place, ok in enumerate(is_true) if ok]
        wanted = len(truth[topic])
        rows.append((sum(hits) / wanted, sum(is_true[:5]) / 5, len(hits) / wanted))
    average, first, recall = (mean(column) for column in zip(*rows, strict=True))
    return average, first, recall


def halves(papers: list[dict[str, Any]], times: int) -> Iterator[tuple[float, float, float]]:
    """MAP and P@5 as ratios, and recall, for four halves of halves each time."""
    for seed in range(times):
        random = Random(seed)
        random.shuffle(papers)
        middle = len(papers) // 2
        for half in (papers[:middle], papers[middle:]):
            truth = true_papers(half)
            found, plain = ours(half, truth), bm25(half, truth)
            topics = random.sample(list(truth), len(truth))
            for some in (topics[::2], topics[1::2]):
                own, other = figures(found, truth, some), figures(plain, truth, some)
                yield own[0] / other[0], own[1] / other[1], own[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path)
    parser.add_argument("--times", type=int, default=8)
    options = parser.parse_args()
    with gzip.open(options.papers, "rt", encoding="utf-8") as lines:
        papers = [paper for paper in map(json.loads, lines) if paper.get("keywords")]
    columns = zip(*halves(papers, options.times), strict=True)
    print(f"{4 * options.times} halves of the topics in halves of {len(papers)} papers")
    for name, column in zip(("MAP / BM25's", "P@5 / BM25's", "recall"), columns, strict=True):
        low, _, high = quantiles(column, n=4)
        print(f"{name:14s} mean {mean(column):.3f}, half of all between {low:.3f} and {high:.3f}")


if __name__ == "__main__":
    main()
