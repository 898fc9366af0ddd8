"""Each row gets values of its own, whatever their types, and no other row is touched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.models import Paper, row_updates
from digest.models.row_updates import update_rows
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db
NAMES = ["trend", "trend_parts", "normal_form", "matched_at"]
ODD_TEXT = "100 % of d'Alembert's \"papers\" \\ %s {0} é 論文"


def read_rows() -> list[tuple[Any, ...]]:
    return list(Paper.objects.order_by("pk").values_list(*NAMES))


def test_each_row_gets_what_bulk_update_would_give_it() -> None:
    papers = [make_paper() for _ in range(4)]
    for number, paper in enumerate(papers):
        paper.trend = number / 3
        paper.trend_parts = {"parts": {"votes": number / 7}, "category": ODD_TEXT, "none": None}
        paper.normal_form = f"{number} {ODD_TEXT}"
        paper.matched_at = NOW + timedelta(microseconds=number) if number else None
    update_rows(papers, NAMES)
    written = read_rows()
    assert written[1] == (1 / 3, papers[1].trend_parts, f"1 {ODD_TEXT}", papers[1].matched_at)
    Paper.objects.update(trend=0, trend_parts={}, normal_form="", matched_at=None)
    Paper.objects.bulk_update(papers, NAMES)
    assert written == read_rows()


def test_a_column_of_nothing_but_null_is_written() -> None:
    papers = [make_paper(matched_at=NOW) for _ in range(2)]
    for paper in papers:
        paper.matched_at = None
    update_rows(papers, ["matched_at"])
    assert not Paper.objects.exclude(matched_at=None).exists()


def test_other_rows_and_other_fields_stay_as_they_are() -> None:
    changed, other = make_paper(title="One"), make_paper(title="Two")
    for paper in (changed, other):
        paper.trend, paper.title = 1.0, "Never written"
    update_rows([changed], ["trend"])
    rows = list(Paper.objects.order_by("pk").values_list("trend", "title"))
    assert rows == [(1.0, "One"), (0.0, "Two")]


def test_many_rows_take_few_statements_and_none_takes_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(row_updates, "ROWS_AT_ONCE", 2)
    papers = [make_paper() for _ in range(5)]
    for number, paper in enumerate(papers):
        paper.trend = float(number)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        update_rows([], ["trend"])
        assert not queries.captured_queries
        update_rows(papers, ["trend"])
    assert sum("UPDATE" in query["sql"] for query in queries.captured_queries) == 3
    trends = list(Paper.objects.order_by("pk").values_list("trend", flat=True))
    assert trends == [paper.trend for paper in papers]
