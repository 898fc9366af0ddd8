"""Matches are written at once, twice without harm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.match.match_rows import MatchRow, add_matches, make_match_row, write_matches
from digest.models import Match
from digest.models.papers import WHERE_CHARS
from subscribers.topics import TopicMatch
from tests.factories import NOW, make_paper, make_topic

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_the_new_ones_are_counted_and_the_others_keep_their_date() -> None:
    paper, one, two = make_paper(), make_topic("one"), make_topic("two")
    assert write_matches([MatchRow(paper.pk, one.pk, 1.5, "one")], NOW) == 1
    rows = [MatchRow(paper.pk, one.pk, 2.5, "One"), MatchRow(paper.pk, two.pk, 1.0, "two")]
    assert write_matches(rows, LATER) == 1
    assert write_matches(rows, LATER) == 0
    stored = Match.objects.order_by("topic").values_list("strength", "where", "made_at")
    assert list(stored) == [(2.5, "One", NOW), (1.0, "two", LATER)]


def test_a_topic_deleted_meanwhile_is_left_out() -> None:
    paper, topic = make_paper(), make_topic("one")
    rows = [MatchRow(paper.pk, topic.pk, 1.0, "one"), MatchRow(paper.pk, topic.pk + 1, 1.0, "x")]
    assert write_matches(rows, NOW) == 1


def test_new_rows_are_added_as_they_would_be_written() -> None:
    papers, topics = [make_paper(), make_paper()], [make_topic("one"), make_topic("two")]
    found = ("back\\slash", 'quo"te', "tab\tnew\nline", "{}", "naïve 扩散", "\\N", "")
    rows = [
        MatchRow(paper.pk, topic.pk, 1.5 + n / 3, found[(n + topic.pk) % len(found)])
        for n, paper in enumerate(papers)
        for topic in topics
    ]
    deleted = MatchRow(papers[0].pk, topics[-1].pk + 1, 1.0, "x")
    columns = ("paper_id", "topic_id", "strength", "where", "made_at")
    assert write_matches([*rows, deleted], NOW) == 4
    written = set(Match.objects.values_list(*columns))
    Match.objects.all().delete()
    assert add_matches([*rows, deleted], NOW) == 4
    assert set(Match.objects.values_list(*columns)) == written == {(*row, NOW) for row in rows}


def test_no_rows_are_none() -> None:
    assert write_matches([], NOW) == add_matches([], NOW) == 0


def test_a_long_list_of_found_words_is_cut() -> None:
    row = make_match_row(1, 2, TopicMatch(1.0, ("word" * 60, "another")))
    assert len(row.where) == WHERE_CHARS


@pytest.mark.parametrize("write", [write_matches, add_matches])
def test_hundreds_of_rows_are_as_many_statements_as_one(
    write: Callable[[list[MatchRow], datetime], int],
) -> None:
    paper = make_paper()

    def count_statements(topics: int) -> int:
        rows = [MatchRow(paper.pk, make_topic(f"{topics} {n}").pk, 1.0, "x") for n in range(topics)]
        with CaptureQueriesContext(connection) as captured:
            assert write(rows, NOW) == topics
        return len(captured)

    assert count_statements(1) == count_statements(190)
