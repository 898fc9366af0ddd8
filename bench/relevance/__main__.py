"""`make relevance`: what topics find, and what digests take of it, beside BM25 in the same run.

    make relevance                              # the sets of OFFPRINT_REAL, and the made-up one
    make relevance ARGS="papers.jsonl.gz"       # other sets: papers with their authors' keywords
    make relevance ARGS="--fewest 4"            # topics are keywords of 4 papers or more

MAP is mean average precision, P@5 the share of the first five that is right, recall the share of
the true papers that is listed at all. Ratios are to BM25's, with the bounds that hold 95 of 100 of
them when the topics are drawn anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench.relevance.bm25 import rank_by_bm25  # noqa: E402 (after django.setup)
from bench.relevance.figures import (  # noqa: E402
    TopicFigures,
    average_figures,
    compare_figures,
    measure_ranking,
)
from bench.relevance.labelled import (  # noqa: E402
    FEWEST_PAPERS,
    LabelledSet,
    name_kind,
    read_labelled_set,
)
from bench.relevance.made import make_small_set  # noqa: E402
from bench.relevance.run import rank_by_command  # noqa: E402

Measured = dict[str, dict[str, TopicFigures]]  # by ranking and topic
BASELINE = "BM25"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=Path, nargs="*")
    parser.add_argument("--fewest", type=int, default=FEWEST_PAPERS)
    options = parser.parse_args(arguments)
    paths = options.papers or list_sets_at_hand()
    if not paths:
        print(
            "No labelled papers are at hand (OFFPRINT_REAL names a folder with relevance/ in it):"
        )
        print("only the made-up set is measured, which tells little of papers that people write.")
    for papers in [*(read_labelled_set(path, options.fewest) for path in paths), make_small_set()]:
        for line in describe_figures(papers, measure_set(papers)):
            print(line, flush=True)
    return 0


def list_sets_at_hand() -> list[Path]:
    """The labelled papers in the folder that OFFPRINT_REAL names; [] where there are none."""
    folder = Path(os.environ.get("OFFPRINT_REAL", "../shared/real")) / "relevance"
    return sorted(folder.glob("*.jsonl*"))


def measure_set(papers: LabelledSet) -> Measured:
    """Measure what the command lists, what digests take, and the baseline."""
    rankings = {
        BASELINE: rank_by_bm25(papers.papers, papers.truth),
        "match_topics": rank_by_command(papers),
        "--as-digest": rank_by_command(papers, as_digest=True),
    }
    return {name: measure_ranking(ranked, papers.truth) for name, ranked in rankings.items()}


def describe_figures(papers: LabelledSet, measured: Measured) -> Iterator[str]:
    """The table of one set: all topics, then each kind of them."""
    kinds = defaultdict[str, list[str]](list)
    for topic in papers.truth:
        kinds[name_kind(topic)].append(topic)
    yield f"\n{papers.name}: {len(papers.papers)} papers, {len(papers.truth)} topics"
    yield from _describe_topics("all topics", list(papers.truth), measured)
    for kind, topics in sorted(kinds.items()):
        yield from _describe_topics(kind, topics, measured)


def _describe_topics(kind: str, topics: Sequence[str], measured: Measured) -> Iterator[str]:
    yield f"  {kind}, {len(topics)}"
    base = [measured[BASELINE][topic] for topic in topics]
    for name, by_topic in measured.items():
        rows = [by_topic[topic] for topic in topics]
        average, first, recall, listed = average_figures(rows)
        line = (
            f"    {name:13s} MAP {average:.3f}  P@5 {first:.3f}  recall {recall:.3f}"
            f"  papers {listed:5.0f}"
        )
        if name != BASELINE:
            one = compare_figures(rows, base, lambda figures: figures.average_precision)
            two = compare_figures(rows, base, lambda figures: figures.first_five)
            line += f"  MAP x{one.value:.2f} ({one.low:.2f}-{one.high:.2f})"
            line += f"  P@5 x{two.value:.2f} ({two.low:.2f}-{two.high:.2f})"
        yield line


if __name__ == "__main__":
    sys.exit(main())
