"""Whether two sets of papers are about the same, seen by what stands in them."""

from __future__ import annotations

from subscribers.topics.neighbourhoods import UNKNOWN, ReadPapers
from tests.subscribers.topics.two_fields import write_both_fields, write_papers

PAPERS = ReadPapers([*write_both_fields(), *write_papers("baking", "tin", count=6)])
BAKING, OTHER_BAKING, STARS = range(120, 123), range(123, 126), range(60, 66)


def test_papers_of_one_field_are_more_like_each_other_than_usual_ones_are() -> None:
    assert PAPERS.rank_likeness(BAKING, OTHER_BAKING) > 0.9
    assert PAPERS.rank_likeness(BAKING, STARS) < 0.6


def test_too_few_papers_tell_nothing() -> None:
    few = ReadPapers(write_papers("baking", "tin", count=20))
    assert few.rank_likeness(range(3), range(3, 6)) == UNKNOWN


def test_the_words_that_are_compared_do_not_count_themselves() -> None:
    often = "tin " * 50
    texts = [*write_papers("baking", often, count=3), *write_papers("stars", often, count=3)]
    papers = ReadPapers([*write_both_fields(), *texts])
    with_word = papers.rank_likeness(range(120, 123), range(123, 126))
    assert papers.rank_likeness(range(120, 123), range(123, 126), ["tin"]) < 0.6 < with_word
