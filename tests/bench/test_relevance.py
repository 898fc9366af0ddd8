"""The short form of `make relevance`: a made-up set, and figures that can be told by heart."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bench.relevance import __main__ as relevance
from bench.relevance.bm25 import rank_by_bm25
from bench.relevance.figures import TopicFigures, compare_figures, measure_topic
from bench.relevance.labelled import LabelledPaper, name_kind, read_labelled_set
from bench.relevance.made import make_small_set


def test_what_topics_find_and_digests_take_is_better_than_bm25_on_the_made_up_set() -> None:
    papers = make_small_set()
    measured = relevance.measure_set(papers)
    assert set(measured) == {"BM25", "match_topics", "--as-digest"}
    lines = list(relevance.describe_figures(papers, measured))
    assert lines[0] == "\nmade up: 240 papers, 12 topics"
    base = list(measured["BM25"].values())
    for name in ("match_topics", "--as-digest"):
        rows = list(measured[name].values())
        assert compare_figures(rows, base, lambda row: row.first_five).value >= 1.0
        assert sum(row.recall for row in rows) / len(rows) >= 0.75


def test_average_precision_counts_the_true_papers_that_were_not_found() -> None:
    found = measure_topic(["a", "x", "b"], frozenset("abcd"))
    assert found.average_precision == pytest.approx((1 / 1 + 2 / 3) / 4)
    assert found.first_five == pytest.approx(2 / 5)
    assert found.recall == pytest.approx(1 / 2)


def test_a_ratio_lies_between_its_bounds_which_are_one_where_all_topics_agree() -> None:
    own = [TopicFigures(0.0, share, 0.0, 0) for share in (0.4, 0.8, 0.6)]
    half = [TopicFigures(0.0, row.first_five / 2, 0.0, 0) for row in own]
    assert compare_figures(own, half, lambda row: row.first_five) == pytest.approx((2, 2, 2))
    other = [TopicFigures(0.0, share, 0.0, 0) for share in (0.4, 0.2, 0.6)]
    ratio = compare_figures(own, other, lambda row: row.first_five)
    assert ratio.low < ratio.value < ratio.high


def test_the_baseline_takes_a_topic_as_a_bag_of_words() -> None:
    papers = [
        LabelledPaper("both", "Policy of diffusion", "", ()),
        LabelledPaper("one", "A policy", "for a long and winding road to somewhere else", ()),
        LabelledPaper("none", "Rivers", "", ()),
    ]
    assert rank_by_bm25(papers, ['"Diffusion-policy"']) == {'"Diffusion-policy"': ["both", "one"]}


def test_keywords_that_differ_in_number_and_hyphens_are_one_topic(tmp_path: Path) -> None:
    keywords = [["World-Model"], ["world models"], ["World models "], []]
    rows = [
        {"id": n, "title": "T", "abstract": None, "keywords": one} for n, one in enumerate(keywords)
    ]
    path = tmp_path / "papers.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    papers = read_labelled_set(path, 3)
    assert list(papers.truth.values()) == [frozenset("012")]
    assert len(papers.papers) == 3


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("RAG", "acronym or name in capitals"),
        ("text-to-image generation", "with a hyphen"),
        ("robots", "one word"),
        ("Diffusion policy", "two words"),
        ("task and motion planning", "three words and more"),
    ],
)
def test_topics_are_told_apart_by_kind(topic: str, kind: str) -> None:
    assert name_kind(topic) == kind


def test_without_labelled_papers_it_says_so_and_measures_the_made_up_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OFFPRINT_REAL", str(tmp_path))
    monkeypatch.setattr(relevance, "measure_set", lambda _: {})
    monkeypatch.setattr(relevance, "describe_figures", lambda papers, _: [papers.name])
    assert relevance.main([]) == 0
    said = capsys.readouterr().out
    assert said.startswith("No labelled papers are at hand")
    assert said.endswith("made up\n")
