"""The figures that `make bench` ends with, and the page that it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import report
from bench.__main__ import compare_runs, join_runs
from bench.charts import draw_bars, draw_line
from bench.summary import KEYS, STAGES, sum_up

ASKED_FOR = {
    *("cpu_ms_per_mail", "ratio_tuned_plain", "ratio_orm_plain", "compose_growth", "match_growth"),
    *("new_topic_cpu_ms", "idle_db_ms", "page_requests_per_second"),
    *("plain_page_requests_per_second", "peak_mb", "mails_per_second_by_workers"),
}


def make_cost(units: int, client: float, **more: Any) -> dict[str, Any]:
    cost = {"wall": 2.0, "client": client, "database": client / 4, "queries": 10, "rows": 20}
    return {**cost, "wal": 4_000, "peak_mb": 90.0, "units": units, **more}


def make_found() -> dict[str, Any]:
    """What the chapters of a small run find."""
    mails = {"papers": 700, "bytes": 30_000}
    page = {"requests_per_second": 50.0, "median_ms": 9.0, "p95_ms": 20.0, "server_cpu_ms": 3.0}
    idle = make_cost(10, 0.4, deliveries=3_000, calls=13)
    plans = {
        "compose": {"statements": 20, "scanned": ["subscribers_interest"]},
        "deliver": {"statements": 10, "scanned": []},
        "idle minute": {"statements": 30, "scanned": []},
        "an edition begins": {"statements": 40, "scanned": ["digest_match"]},
        "an hour begins": {"statements": 35, "scanned": []},
    }
    names = ("today", "day", "topic", "paper", "plain")
    return {
        "day": {
            "stages": {n: make_cost(100, 1.0, **mails) for n in STAGES},
            "plain": {n: make_cost(100, 30.0, **mails) for n in ("tuned", "orm", "marks")},
            "ready": make_cost(50, 0.02, **mails) | {"peak_mb": 990.0},
            "sizes": {"readers": 100, "bytes": {"subscriber": 500, "delivery": 9_000}},
        },
        "workers": {"1": 100.0, "2": 180.0},
        "first_digest": make_cost(1, 0.5),
        "readers": [make_cost(50, 1.0, at=100), make_cost(50, 3.0, at=1_000, plans=plans)],
        "history": [make_cost(50, 1.0, at=days, idle=idle) for days in (1, 30)],
        "topics": {"failed": "match: it ended without a word"},
        "papers": [make_cost(3, 0.3, at=1_000), make_cost(3, 0.6, at=100_000)],
        "lab": {"readers": 2_000, "stages": {n: make_cost(100, 1.0) for n in STAGES}},
        "pages": {**dict.fromkeys(names, page), "papers": 1_000, "peak_mb": 120.0},
    }


def test_the_figures_have_every_key_that_is_asked_for_even_where_nothing_was_measured() -> None:
    assert set(KEYS) >= ASKED_FOR
    assert sum_up({}) == dict.fromkeys(KEYS)
    assert set(sum_up(make_found())) == set(KEYS)


def test_the_figures_are_those_of_the_chapters() -> None:
    figures = sum_up(make_found())
    assert figures["cpu_ms_per_mail"] == 5 * 1.25 * 1000 / 100
    assert figures["ratio_tuned_plain"] == figures["ratio_orm_plain"] == 10.0
    assert figures["ready_ms_per_mail"] == 0.02 * 1.25 * 1000 / 50
    assert figures["compose_growth"] == 3.0
    assert figures["compose_history_growth"] == 1.0
    assert figures["new_topic_cpu_ms"] == 250.0
    assert figures["sequential_scans"] == 1
    assert (figures["idle_client_ms"], figures["idle_db_ms"]) == (40.0, 10.0)
    assert figures["peak_mb"] == 120


def test_what_was_not_measured_is_none_and_said() -> None:
    figures = sum_up(make_found())
    assert figures["match_growth"] is None
    assert "match_growth: not measured" in compare_runs(figures, {})
    assert "peak_mb: 120 (the last whole run: 99)" in compare_runs(figures, {"peak_mb": 99})


def test_the_page_shows_the_run_beside_the_run_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "scale.md")
    monkeypatch.setattr(report, "PICTURES", tmp_path / "pictures")
    found = make_found()
    modules = {"digest/render/card.py": 0.6, "all others": 0.4}
    found["day"]["stages"]["deliver"]["where"] = modules
    run = {"machine": {"processors": "2"}, "figures": sum_up(found), "chapters": found}
    report.write_report(run, {"figures": {"peak_mb": 99}})
    page = (tmp_path / "scale.md").read_text()
    assert "| `peak_mb` | 120 | 99 |" in page
    assert "match: it ended without a word" in page
    assert "| ready | 50 |" in page
    assert "to the last mail: 10 seconds" in page
    shown = {path.name for path in (tmp_path / "pictures").iterdir()}
    charts = ("mail", "where-deliver", "readers", "history", "papers", "pages")
    assert shown == {f"scale-{name}.svg" for name in charts}
    where = (tmp_path / "pictures" / "scale-where-deliver.svg").read_text()
    assert "digest/render/card.py" in where
    assert "all others" in where
    assert all(f"(pictures/{name})" in page for name in shown)


def test_what_is_rarely_measured_stays_beside_the_last_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "scale.md")
    monkeypatch.setattr(report, "PICTURES", tmp_path / "pictures")
    million: dict[str, Any] = {
        **{"workers": 2, "readers": 1_000_000, "mails": 700_000, "calls": 35_000},
        **{"compose": make_cost(1_000_000, 900.0), "deliver": make_cost(700_000, 2_000.0)},
    }
    whole = join_runs({"processors": "2"}, make_found(), None, is_rare=False)
    rare = {"million": million | {"on": "2026-06-10"}}
    both = join_runs({"processors": "4"}, rare, whole, is_rare=True)
    assert both["machine"] == {"processors": "2"}
    assert both["figures"]["compose_growth"] == 3.0
    after = join_runs({"processors": "4"}, {"day": make_found()["day"]}, both, is_rare=False)
    assert after["machine"] == {"processors": "4"}
    assert set(after["chapters"]) == {"day", "million"}
    report.write_report(after, both)
    assert "700,000 mails over in 35,000 calls" in (tmp_path / "scale.md").read_text()


def test_charts_follow_light_and_dark_and_escape_what_they_are_told() -> None:
    for chart in (
        draw_bars("a & b", [("<x>", 1.0, True)], "ms"),
        draw_line("a & b", [(1, 2)], "n", "ms"),
    ):
        assert "prefers-color-scheme:dark" in chart
        assert "a &amp; b" in chart
        assert "<x>" not in chart
