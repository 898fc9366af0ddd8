"""A topic's list is cut, and whoever has had what is in front still gets what is behind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.compose import topic_news
from digest.compose.topic_news import (
    Candidate,
    TopicNews,
    find_sure_strength,
    make_order,
    sum_up_candidates,
)
from digest.models import TopicReason
from tests.factories import NOW

DAY = timedelta(days=1)


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> TopicNews:
    """Papers 1 to 9, the first being the strongest, of which three are kept at hand."""
    monkeypatch.setattr(topic_news, "CUT", 3)
    rows = [Candidate(n, 0.0, 10.0 - n, f"words of {n}", NOW, NOW - n * DAY) for n in range(1, 10)]
    return sum_up_candidates(reversed(rows), NOW - 8 * DAY)


@pytest.mark.parametrize(
    ("excluded", "wanted", "ids"),
    [
        (set(), 2, [1, 2]),
        ({1}, 2, [2, 3]),
        ({1, 2}, 2, [3, 4]),
        ({1, 2, 3, 5}, 2, [4, 6]),
        (set(range(1, 9)), 2, [9]),
    ],
)
def test_the_best_that_are_not_excluded(
    news: TopicNews, excluded: set[int], wanted: int, ids: list[int]
) -> None:
    assert [order[3] for order in news.list_best(excluded, wanted)] == ids
    words = news.map_found_words(excluded, wanted)
    assert [words[pk] for pk in ids] == [f"words of {pk}" for pk in ids]


def test_a_paper_behind_the_cut_counts_as_found_only_where_too_few_stay(news: TopicNews) -> None:
    assert set(news.map_found_words({1}, 2)) == {1, 2, 3}
    assert set(news.map_found_words({1, 2}, 2)) == {1, 2, 3, 4}
    assert [order[3] for order in news.list_looked_at({1}, 1)] == [2, 3]
    assert [order[3] for order in news.list_looked_at({1, 2}, 2)] == [3, 4]


def test_each_who_typed_the_topic_reads_it_as_they_typed_it(
    news: TopicNews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_news, "MOST_SPELLINGS", 2)
    for query in ("LLMs", "llm", "LLM", "LLMs"):
        reasons = news.map_reasons(7, query, set(), 2)
        assert reasons[1] == TopicReason(7, query, "words of 1")
        assert news.map_reasons(7, query, set(), 2) is reasons
    behind = news.map_reasons(7, "llm", {1, 2}, 2)
    assert behind[4] == TopicReason(7, "llm", "words of 4")


def test_all_papers_count_where_all_are_asked_for(news: TopicNews) -> None:
    assert (news.count, news.paper_ids) == (9, frozenset(range(1, 10)))


def test_the_oldest_that_an_earlier_digest_may_have_held(news: TopicNews) -> None:
    assert news.earliest_at == NOW - 9 * DAY
    assert sum_up_candidates([], NOW).earliest_at is None


def test_no_votes_lift_what_is_not_surely_on_the_topic() -> None:
    """Where too few finds tell a floor, a strength of 3 is sure; with a floor that is."""
    sure = find_sure_strength(0.0, near_words={"grasp": 1.0})
    on_it = make_order(1, 0.0, 3.1, 0.0, sure=sure)
    passing = make_order(2, 50.0, 2.9, 0.0, sure=sure)
    assert on_it < passing
    assert (passing[4], make_order(3, 50.0, 3.0, 0.0, sure=sure)[4]) == (0.0, 50.0)
    assert find_sure_strength(2.2, near_words={"grasp": 1.0}) == 2.2
    assert find_sure_strength(0.0, near_words="") == 0.0  # a name is there or not


def test_only_what_is_talked_about_more_than_usual_is_lifted() -> None:
    orders = [make_order(n, trend, 1.0, 0.0) for n, trend in enumerate((0.0, 0.8, 1.0, 2.0))]
    assert [order[1] for order in orders] == [-1.0, -1.0, -1.0, -2.0]
