from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.ingest.sources.arxiv_freshness import (
    find_expected_day,
    judge_freshness,
    read_categories,
)
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry
from tests.factories import NOW

URL = "https://rss.arxiv.org/rss/cs.CL+cs.LG"
MONDAY = datetime(2026, 4, 20, 12, tzinfo=UTC)
MONDAY_DATE = date(2026, 4, 20)
SATURDAY = datetime(2026, 4, 18, 12, tzinfo=UTC)


def _listed(*categories: str, on: date = MONDAY_DATE) -> ParsedDocument:
    entries = tuple(
        ParsedEntry(f"g{n}", f"arxiv:2604.0000{n}", "T", "https://x.org", categories=(name,))
        for n, name in enumerate(categories)
    )
    return ParsedDocument(entries=entries, listed_on=on)


def _all_new(document: ParsedDocument) -> frozenset[str]:
    return frozenset(entry.guid for entry in document.entries)


FRIDAY_ROW = {"listed_on": "2026-04-17", "new": 3}
TODAY_ROW = {"listed_on": "2026-04-20", "new": 3}


def test_a_list_with_something_new_in_each_category_is_fresh() -> None:
    document = _listed("cs.CL", "cs.LG", "math.GT")
    judged = judge_freshness({}, document, _all_new(document), URL, MONDAY)
    assert (judged.state, judged.sentence) == ("", "")
    assert judged.freshness == {
        "cs.CL": {"listed_on": "2026-04-20", "new": 1},
        "cs.LG": {"listed_on": "2026-04-20", "new": 1},
    }


def test_a_list_that_bears_todays_date_and_holds_nothing_new_is_stale() -> None:
    known = {"cs.CL": FRIDAY_ROW, "cs.LG": FRIDAY_ROW}
    judged = judge_freshness(known, _listed("cs.CL", "cs.LG"), frozenset(), URL, MONDAY)
    assert judged.state == "stale"
    assert judged.sentence == (
        "arXiv's list is still that of Friday 17 April; Monday 20 April is not out "
        "(a holiday, or arXiv is late)."
    )
    assert judged.freshness == known


def test_one_category_that_serves_yesterdays_list_is_named() -> None:
    known = {"cs.CL": FRIDAY_ROW, "cs.LG": FRIDAY_ROW}
    judged = judge_freshness(known, _listed("cs.CL", "cs.LG"), frozenset({"g1"}), URL, MONDAY)
    assert judged.state == "stale"
    assert judged.sentence.startswith("The list of cs.CL is still that of Friday 17 April")
    assert judged.freshness["cs.LG"] == {"listed_on": "2026-04-20", "new": 1}


def test_a_first_list_that_is_old_already_is_stale() -> None:
    document = _listed("cs.CL", on=date(2026, 4, 16))
    assert judge_freshness({}, document, _all_new(document), URL, MONDAY).state == "stale"


def test_a_small_category_without_entries_today_is_not_stale() -> None:
    known = {"cs.CL": FRIDAY_ROW, "cs.LG": FRIDAY_ROW}
    assert judge_freshness(known, _listed("cs.LG"), frozenset({"g0"}), URL, MONDAY).state == ""
    known = {"cs.CL": FRIDAY_ROW, "cs.LG": TODAY_ROW}
    assert judge_freshness(known, None, frozenset(), URL, MONDAY).state == ""


def test_a_list_read_again_on_its_day_is_fresh() -> None:
    known = {"cs.CL": TODAY_ROW}
    assert judge_freshness(known, _listed("cs.CL"), frozenset(), URL, MONDAY).state == ""


def test_a_list_unchanged_since_friday_is_stale_on_monday_and_not_before() -> None:
    known = {"cs.CL": FRIDAY_ROW}
    assert judge_freshness(known, None, frozenset(), URL, MONDAY).state == "stale"
    early = datetime(2026, 4, 20, 6, tzinfo=UTC)  # two in the morning, Eastern
    assert judge_freshness(known, None, frozenset(), URL, early).state == ""


def test_an_empty_weekend_has_its_reason() -> None:
    weekend = "arXiv announces nothing on Saturdays and Sundays."
    for document in (_listed(), None):
        judged = judge_freshness({"cs.CL": FRIDAY_ROW}, document, frozenset(), URL, SATURDAY)
        assert (judged.state, judged.sentence) == ("empty", weekend)


def test_fridays_list_read_on_saturday_is_fresh() -> None:
    document = _listed("cs.CL", on=date(2026, 4, 17))
    assert judge_freshness({}, document, _all_new(document), URL, SATURDAY).state == ""


def test_an_empty_working_day_is_named_too() -> None:
    judged = judge_freshness({}, _listed(), frozenset(), URL, MONDAY)
    assert judged.state == "empty"
    assert "a holiday, perhaps" in judged.sentence


def test_a_list_without_a_date_renews_nothing() -> None:
    document = ParsedDocument(entries=_listed("cs.CL").entries)
    assert judge_freshness({}, document, _all_new(document), URL, MONDAY).freshness == {}


def test_a_whole_archive_is_judged_by_its_name() -> None:
    document = _listed("cs.CL")
    judged = judge_freshness(
        {}, document, _all_new(document), "https://rss.arxiv.org/rss/cs", MONDAY
    )
    assert list(judged.freshness) == ["cs"]


@pytest.mark.parametrize(
    ("url", "names"),
    [
        (URL, ["cs.CL", "cs.LG"]),
        ("https://rss.arxiv.org/atom/cs.CL%2Bcs.LG/", ["cs.CL", "cs.LG"]),
        ("https://rss.arxiv.org/rss/hep-ex", ["hep-ex"]),
        ("https://export.arxiv.org/api/query?search_query=all:x", []),
    ],
)
def test_the_categories_are_read_from_the_address(url: str, names: list[str]) -> None:
    assert read_categories(url) == names


def test_lists_are_expected_on_working_days_after_midnight_eastern() -> None:
    assert find_expected_day(NOW) == date(2026, 4, 22)
    assert find_expected_day(SATURDAY) == date(2026, 4, 17)
    assert find_expected_day(datetime(2026, 4, 20, 6, tzinfo=UTC)) == date(2026, 4, 17)
    assert find_expected_day(datetime(2026, 4, 20, 8, tzinfo=UTC)) == date(2026, 4, 20)
