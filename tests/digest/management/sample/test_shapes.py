"""The sample's documents have the shapes of the live sources, and grow over the same days."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from digest.ingest.sources import arxiv, feed, huggingface
from digest.management.sample import material, shapes

NOW = datetime(2026, 4, 22, 12, tzinfo=UTC)  # a Wednesday
DAYS = (date(2026, 4, 16), date(2026, 4, 17), date(2026, 4, 20), date(2026, 4, 21), NOW.date())


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-04-22T12:00+00:00", "2026-04-22"),
        ("2026-04-22T04:59+00:00", "2026-04-21"),  # the day's list is not out yet
        ("2026-04-22T05:00+00:00", "2026-04-22"),
        ("2026-04-25T12:00+00:00", "2026-04-24"),  # Saturday
        ("2026-04-26T23:00+00:00", "2026-04-24"),  # Sunday
        ("2026-04-27T04:00+00:00", "2026-04-24"),  # Monday before dawn
        ("2026-04-22T08:00+14:00", "2026-04-21"),
    ],
)
def test_the_last_day_is_the_newest_working_day_whose_list_is_out(now: str, last: str) -> None:
    days = shapes.working_days(datetime.fromisoformat(now))
    assert days[-1] == date.fromisoformat(last)
    assert len(days) == 5
    assert all(day.weekday() < 5 for day in days)


def test_the_sources_are_asked_from_the_first_list_up_to_now() -> None:
    moments = shapes.moments(DAYS, NOW)
    assert moments[0] == datetime(2026, 4, 16, 5, tzinfo=UTC)
    assert moments[-1] == NOW
    assert list(moments) == sorted(set(moments))
    assert {moment.date() for moment in moments} == {DAYS[0] + timedelta(days=n) for n in range(7)}


def test_the_adapters_read_every_list_without_leaving_anything_out() -> None:
    lists = [
        arxiv.parse_document(shapes.arxiv_rss(DAYS, day), f"{shapes.SITE}/rss/cs.AI")
        for day in DAYS
    ]
    lists += [huggingface.parse_document(shapes.huggingface_json(DAYS, d, NOW), d) for d in DAYS]
    lists += [feed.parse_document(shapes.notes_atom(DAYS, NOW), f"{shapes.SITE}/notes.atom")]
    assert [(read.skipped, read.problem, read.is_whole) for read in lists] == [(0, "", True)] * 11
    assert [read.listed_on for read in lists[:10]] == [*DAYS, *DAYS]
    assert all(read.entries for read in lists)
    announced = {entry.announce_type for read in lists[:5] for entry in read.entries}
    assert announced == {"new", "cross", "replace", "replace-cross"}


def test_what_was_written_comes_out_as_it_was_meant() -> None:
    written = {shapes.arxiv_id(paper, DAYS): paper for paper in material.papers()}
    for day in DAYS:
        for entry in arxiv.parse_document(shapes.arxiv_rss(DAYS, day), shapes.SITE).entries:
            paper = written[entry.identifier.removeprefix("arxiv:")]
            assert entry.authors == paper.authors
            assert entry.categories == paper.categories
            assert not re.search(r"[\\$]", entry.title + entry.abstract), entry.abstract


def test_tex_and_inequalities_reach_the_reader_as_unicode() -> None:
    read = {
        entry.identifier: entry
        for day in DAYS
        for entry in arxiv.parse_document(shapes.arxiv_rss(DAYS, day), shapes.SITE).entries
    }
    assert "0<x<1" in read["arxiv:2604.90060"].abstract
    assert "O(n²)" in read["arxiv:2604.90004"].abstract
    assert "Poincaré disc" in read["arxiv:2604.90017"].abstract


def test_arxivs_day_begins_at_midnight_in_new_york_in_summer_and_winter() -> None:
    assert b"<pubDate>Thu, 16 Apr 2026 00:00:00 -0400</pubDate>" in shapes.arxiv_rss(DAYS, DAYS[0])
    winter = shapes.working_days(datetime(2026, 1, 15, 12, tzinfo=UTC))
    assert b"00:00:00 -0500</pubDate>" in shapes.arxiv_rss(winter, winter[0])


def test_rows_of_hugging_face_are_as_scarce_as_there() -> None:
    rows = [
        row["paper"] for day in DAYS for row in json.loads(shapes.huggingface_json(DAYS, day, NOW))
    ]
    assert len(rows) >= 40
    for optional in ("organization", "githubRepo", "ai_summary"):
        assert any(optional in row for row in rows)
    assert all(row["ai_summary"].endswith(".") for row in rows)
    assert any("organization" not in row for row in rows)
    assert any("githubRepo" not in row for row in rows)


def test_a_note_is_not_seen_before_it_was_written() -> None:
    dawn = datetime(2026, 4, 16, 5, tzinfo=UTC)
    assert not feed.parse_document(shapes.notes_atom(DAYS, dawn), shapes.SITE).entries
    assert len(feed.parse_document(shapes.notes_atom(DAYS, NOW), shapes.SITE).entries) == 8


def test_votes_only_grow_and_have_a_heavy_tail() -> None:
    moments = shapes.moments(DAYS, NOW)
    listed = [paper for paper in material.papers() if paper.listed]
    for paper in listed:
        votes = [shapes.votes_at(paper, DAYS, moment) for moment in moments]
        assert votes == sorted(votes)
    final = sorted(paper.votes for paper in listed)
    assert final[-1] > 5 * final[len(final) // 2]


def test_a_sleeper_is_found_days_after_it_was_listed() -> None:
    [sleeper, *_] = [paper for paper in material.papers() if paper.sleeper]
    later = datetime(2026, 4, 25, 12, tzinfo=UTC)
    assert shapes.votes_at(sleeper, DAYS, NOW) < sleeper.votes / 5
    assert shapes.votes_at(sleeper, DAYS, later) > sleeper.votes / 2
