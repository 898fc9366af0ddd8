"""What `make bench` measures on: texts, topics and readers distributed as real ones are."""

from __future__ import annotations

from collections import Counter
from statistics import mean, median

from bench.papers import make_papers
from bench.readers import DAY, MOST_TOPICS, make_readers
from bench.topics import make_topics
from bench.words import estimate_count, list_words
from subscribers.topics import normal_form, parse_topic

PAPERS, TOPICS, READERS = 250, 2_000, 3_000


def test_the_same_seed_makes_the_same_papers_topics_and_readers() -> None:
    assert list(make_papers(5)) == list(make_papers(5))
    assert list(make_papers(5)) != list(make_papers(5, seed=8))
    assert list(make_topics(50)) == list(make_topics(50))
    assert list(make_readers(50, 20, [1])) == list(make_readers(50, 20, [1]))


def test_titles_and_abstracts_are_as_long_as_real_ones() -> None:
    papers = list(make_papers(PAPERS))
    assert 8 <= median(len(paper.title.split()) for paper in papers) <= 9
    assert 155 <= median(len(paper.abstract.split()) for paper in papers) <= 180


def test_some_papers_have_tex_and_many_spell_out_an_acronym() -> None:
    papers = list(make_papers(1_000))
    assert 0.08 <= mean("$" in p.abstract or "\\" in p.abstract for p in papers) <= 0.15
    assert 0.38 <= mean("(" in p.abstract for p in papers) <= 0.52


def test_words_are_as_frequent_as_in_real_abstracts() -> None:
    """Zipf's law with the bends that real text has, as counted of real abstracts."""
    words = Counter(word for p in make_papers(1_000) for word in p.abstract.lower().split())
    total, ordered = sum(words.values()), [count for _, count in words.most_common()]
    for rank, a_million in ((1, 42_600), (10, 10_000), (100, 1_270), (1_000, 140), (2_000, 57)):
        assert 0.6 <= ordered[rank - 1] / total * 1e6 / a_million <= 1.5, rank
    assert [word for word, _ in list_words()[:3]] == ["the", "and", "to"]
    assert 12 < estimate_count(5_000) < 13


def test_most_topics_are_in_no_paper_of_a_day_and_some_are_in_many() -> None:
    forms = [normal_form(f"{p.title}. {p.abstract}") for p in make_papers(PAPERS)]
    plain = [t for t in make_topics(TOPICS) if "+" not in t and ":" not in t and " -" not in t]
    found = [sum(normal_form(topic) in form for form in forms) for topic in plain]
    assert 0.5 <= mean(count == 0 for count in found) <= 0.8
    assert mean(count >= 5 for count in found) >= 0.05
    assert max(found) >= 50


def test_topics_are_all_different_and_in_the_topic_language() -> None:
    topics = list(make_topics(TOPICS))
    assert len(set(topics)) == TOPICS
    assert len({parse_topic(topic).normal_form for topic in topics}) >= 0.98 * TOPICS


def test_the_popularity_of_topics_is_zipf_and_readers_follow_1_to_20() -> None:
    readers = list(make_readers(READERS, TOPICS, []))
    counts = Counter(rank for reader in readers for rank in reader.follows)
    assert {len(reader.follows) for reader in readers} >= set(range(1, MOST_TOPICS - 2))
    assert max(len(reader.follows) for reader in readers) <= MOST_TOPICS
    # Of ranks 1, 10 and 100 with an offset of 8: as 1/9, 1/18 and 1/108.
    top = mean(counts[rank] for rank in range(3))
    assert 1.5 <= top / mean(counts[rank] for rank in range(8, 12)) <= 2.5
    assert 8 <= top / mean(counts[rank] for rank in range(90, 110)) <= 16


def test_readers_are_spread_over_the_clock_and_most_are_due_within_the_day() -> None:
    hours = Counter(
        int((r.due_at - DAY).total_seconds() // 3600) for r in make_readers(READERS, 9, [])
    )
    within = sum(count for hour, count in hours.items() if hour < 24)
    assert within >= 0.85 * READERS
    assert len([hour for hour in hours if hour < 24]) >= 20
    assert min(hours) >= 0
