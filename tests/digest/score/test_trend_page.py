"""What docs/trend.md says of the trend is what the program does: its numbers are computed anew."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from digest.compose import breakouts, outside_topics, select
from digest.ingest.sources.huggingface import COMMENTS_FLOOR
from digest.score.explain import LEAST_TREND
from digest.score.peers import DAYS_COMPARED, SMALLEST_GROUP, GroupMedians
from digest.score.signals import WINDOW, PopularitySignals
from digest.score.stage import HALF_LIFE_HOURS, LEAST_NOTICED, WEIGHTS, compute_trend
from tests.factories import NOW

PAGE = (Path(__file__).parents[3] / "docs" / "trend.md").read_text()
HOURS = 26
Row = dict[str, str]


def table(*names: str) -> list[Row]:
    """The rows of the table that begins with these columns, by column."""
    lines = PAGE.splitlines()
    head = next(i for i, line in enumerate(lines) if cells(line)[: len(names)] == list(names))
    rows: list[Row] = []
    for line in lines[head + 2 :]:
        if not line.startswith("|"):
            return rows
        rows.append(dict(zip(cells(lines[head]), cells(line), strict=True)))
    return rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def counted() -> dict[str, PopularitySignals]:
    rows = [row for row in table("paper", "votes") if row["paper"] != "*median*"]
    return {row["paper"]: signs(number, row) for number, row in enumerate(rows)}


def signs(number: int, row: Row) -> PopularitySignals:
    return PopularitySignals(
        paper_id=number,
        category="cs.CL",
        listed_at=NOW - timedelta(hours=HOURS),
        votes=int(row["votes"]),
        velocity=float(row["velocity"]),
        pace=0,
        comments=int(row["comments"]),
        stars=int(row["stars"]),
        sources=float(row["sources"]),
        mentioned_by=1 + int(row["sources"]),
        votes_since_yesterday=int(row["velocity"]),
    )


@pytest.fixture(scope="module")
def explained() -> dict[str, dict[str, object]]:
    yardstick = GroupMedians(counted().values())
    return {name: compute_trend(sign, yardstick, NOW).to_json() for name, sign in counted().items()}


def test_the_weights_are_those_in_use() -> None:
    assert {row["sign"]: float(row["weight"]) for row in table("sign", "unit")} == WEIGHTS


def test_the_medians_are_those_of_the_table(explained: dict[str, dict[str, object]]) -> None:
    [said] = [row for row in table("paper", "votes") if row["paper"] == "*median*"]
    for parts in explained.values():
        assert parts["medians"] == {name: float(said[name]) for name in WEIGHTS}
        assert parts["yardstick"] == {"category": "cs.CL", "papers": 6}


def test_the_parts_of_paper_a_are_those_of_the_formula(
    explained: dict[str, dict[str, object]],
) -> None:
    rows, parts = table("sign", "counted"), explained["A"]["parts"]
    assert [row["sign"] for row in rows] == list(WEIGHTS)
    assert isinstance(parts, dict)
    for row in rows:
        assert f"{parts[row['sign']]:.2f}" == row["part"], row
        assert float(row["weight"]) == WEIGHTS[row["sign"]]
        assert float(row["counted"]) == counted()["A"].list_counts()[row["sign"]]
    assert f"{explained['A']['decay']:.3f}" == "0.687"
    assert f"0.5 ^ ({HOURS} / {HALF_LIFE_HOURS}) = 0.687" in PAGE


def test_the_trends_of_all_six_and_their_order_are_those_of_the_formula(
    explained: dict[str, dict[str, object]],
) -> None:
    said = {row["paper"]: (row["sum"], row["trend"]) for row in table("paper", "sum")}
    found = {
        name: (f"{sum(parts['parts'].values()):.2f}", f"{parts['trend']:.2f}")  # type: ignore[attr-defined]
        for name, parts in explained.items()
    }
    assert said == found
    assert list(said) == sorted(said, key=lambda name: -float(said[name][1]))


def test_every_figure_in_the_sentences_is_the_one_in_use() -> None:
    assert f"fewer than {SMALLEST_GROUP}" in PAGE
    assert f"ln(1 + max(m, {LEAST_NOTICED}))" in PAGE
    assert f"never fewer than {LEAST_NOTICED}" in PAGE
    assert f"on its day or the {DAYS_COMPARED - 1} days before" in PAGE
    assert f"its trend is {LEAST_TREND} or more still" in PAGE
    assert f"more than {WINDOW.days} days ago are scored no more" in PAGE
    assert f"so {COMMENTS_FLOOR} are taken off" in PAGE
    assert f"during the last {outside_topics.REACH.days} days" in PAGE
    strong = (outside_topics.STRONG_VOTES, outside_topics.STRONG_TREND)
    assert "at least {} votes and a trend of at least {}".format(*strong) in PAGE
    assert f"at least {outside_topics.FEWEST_BESIDE} others stay" in PAGE
    assert f"at {breakouts.BREAKOUT_VELOCITY:.0f} a day or more" in PAGE
    assert f"at least {breakouts.BREAKOUT_FACTOR:.0f} times as fast" in PAGE
    ago = (breakouts.SENT_BEFORE.days, breakouts.LONGEST_AGO.days)
    assert "of {} to {} days ago".format(*ago) in PAGE
    assert f"the {select.NEARLY} papers below the cut" in PAGE


def test_every_stored_key_is_named(explained: dict[str, dict[str, object]]) -> None:
    named = " ".join(row["key"] for row in table("key"))
    assert all(f"`{key}`" in named for key in explained["A"])
