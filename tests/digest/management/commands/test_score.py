"""`manage.py score` says what a trend is made of, and what other weights would change."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from digest.models import Merger, Paper, Snapshot, Source
from tests.factories import NOW, make_paper, make_source

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def score(*args: str, now: str = NOW.isoformat()) -> str:
    out = StringIO()
    call_command("score", *args, "--now", now, stdout=out)
    return out.getvalue()


@pytest.fixture
def hf() -> Source:
    return make_source(kind="huggingface")


def listed(hf: Source, number: str, votes: int, stars: int = 0, **fields: object) -> Paper:
    at = NOW - 26 * HOUR
    identifier = number if ":" in number else f"arxiv:{number}"
    paper = make_paper(
        hf, identifier=identifier, published_at=at, first_seen_at=at, news_at=at, **fields
    )
    Snapshot.objects.create(paper=paper, taken_at=at, upvotes=votes, stars=stars)
    return paper


def row(said: str, name: str) -> list[str]:
    [line] = [line for line in said.splitlines() if line.startswith(f"{name}  ")]
    return line.removeprefix(name).split()


def test_it_stores_the_trend_and_says_so_in_a_line(hf: Source) -> None:
    listed(hf, "2604.00001", 9)
    assert score() == "Scored 1 recent papers, 1 of them talked about.\n"
    assert Paper.objects.get().trend > 0


@pytest.mark.parametrize(
    "typed",
    [
        "2604.00001",
        "arxiv:2604.00001",
        "2604.00001v3",
        " https://arxiv.org/abs/2604.00001v2 ",
        "https://huggingface.co/papers/2604.00001",
        "10.1000/slow",
    ],
)
def test_a_paper_is_explained_by_whatever_name_it_goes(hf: Source, typed: str) -> None:
    listed(hf, "2604.00001", 63, title="OmniScope [bold]", doi="10.1000/slow")
    listed(hf, "2604.00002", 9)
    said = score("--explain", typed)
    assert said.startswith("OmniScope [bold] (arxiv:2604.00001) at 2026-04-22 12:00 UTC")
    assert row(said, "votes") == ["63", "36", "1", "1.15"]
    assert row(said, "sum") == ["1.15"]
    assert row(said, "listed 26 hours ago, halved every 48") == ["×", "0.687"]
    assert row(said, "trend") == ["0.79"]
    assert "the 2 papers in all categories listed on the same day" in said
    assert "It is the 1st of 2 papers with a trend." in said
    assert "A mail lists it under “Trending in your topics”" in said
    assert Paper.objects.get(doi="10.1000/slow").trend == 0  # nothing is written


def test_a_trend_that_nobody_else_noticed_is_listed_as_new(hf: Source) -> None:
    listed(hf, "2604.00001", 1)
    said = score("--explain", "2604.00001")
    assert "the 1st of 1 paper with a trend" in said
    assert "A mail lists it under “New in your topics”: “Trending in your topics” takes" in said
    assert "the first of 10 papers of its days that has at least 3 votes" in said
    assert "It is the 1st most talked about of the 1 paper of its days; 1 votes are usual" in said


def test_the_trending_slice_is_printed_with_its_reasons(hf: Source) -> None:
    for n in range(30):
        listed(hf, f"2604.{n:05}", n, stars=9000 - n, title=f"Paper {n}")
    said = score("--trending")
    lines = [line for line in said.splitlines() if "arxiv:" in line]
    assert [f"Paper {29 - n}" in line for n, line in enumerate(lines)] == [True] * 3
    assert len(lines) == 3  # a tenth of the 29 that anybody voted for
    assert "1 of 29, 29 votes, 2nd day" in lines[0].replace("1st", "1")
    assert "3 of 29 papers with a trend are in the slice." in said
    assert "with votes: 1.00." in said
    assert not Paper.objects.exclude(trend=0.0).exists()
    assert "0 of 0 papers" in score("--trending", now="2026-03-01")


def test_a_paper_that_merged_into_another_is_explained_as_that_one(hf: Source) -> None:
    paper, gone = (
        listed(hf, "2604.00001", 63, title="OmniScope"),
        make_paper(identifier="doi:10.1/x"),
    )
    Merger.objects.create(paper=gone, into=paper, merged_at=NOW)
    assert score("--explain", "doi:10.1/x").startswith("OmniScope (arxiv:2604.00001)")


@pytest.mark.parametrize(
    ("typed", "now", "sentence"),
    [
        ("2604.00001", "2026-04-20", "first seen later, on 2026-04-21"),
        ("2604.00001", "2026-06-20", "--now 2026-04-22 shows how it was a day after it"),
        ("2604.00002", "2026-04-22", "Its trend is 0"),
    ],
)
def test_a_paper_without_a_trend_is_told_why(
    hf: Source, typed: str, now: str, sentence: str
) -> None:
    listed(hf, "2604.00001", 63)
    make_paper(identifier="arxiv:2604.00002")
    assert sentence in score("--explain", typed, now=now)


def test_an_option_without_its_word_scores_nothing_but_gets_a_sentence(hf: Source) -> None:
    listed(hf, "2604.00001", 63)
    for option, sentence in (("--explain", "needs a paper"), ("--weights", "needs at least one")):
        for typed in ("", " "):
            with pytest.raises(CommandError, match=sentence):
                score(option, typed)
    assert not Paper.objects.exclude(trend=0.0).exists()


@pytest.mark.parametrize("typed", ["2604.99999", "nonsense", "10.1000/none"])
def test_an_unknown_paper_gets_a_sentence(hf: Source, typed: str) -> None:
    listed(hf, "2604.00001", 63)
    with pytest.raises(CommandError, match="No paper is known as"):
        score("--explain", typed)


def test_other_weights_show_which_ranks_change_and_write_nothing(hf: Source) -> None:
    loved = listed(hf, "2604.00001", 63, title="Loved")
    starred = listed(hf, "2604.00002", 40, title="Starred")
    Snapshot.objects.create(paper=starred, taken_at=NOW, upvotes=40, stars=9000)
    listed(hf, "2604.00003", 1, title="Last")
    before = score("--dry-run")
    after = score("--weights", "votes=2,stars=0")
    for said, first in ((before, starred), (after, loved)):
        [line] = [line for line in said.splitlines() if line.split()[:1] == ["1"]]
        assert first.title in line
    assert row(after, "  1")[:2] == ["2", "+1"]
    assert row(after, "  2")[:2] == ["1", "-1"]
    assert "2 of 3 trending papers have another rank. Nothing was written." in after
    assert "0 of 3 trending papers" in before
    assert "with votes 2, velocity 0.6, comments 0.4, stars 0, sources 0" in after
    assert set(Paper.objects.values_list("trend", flat=True)) == {0.0}


def test_what_only_other_weights_bring_in_is_marked(hf: Source) -> None:
    listed(hf, "2604.00001", 63)
    assert "No paper was trending" in score("--weights", "votes=2", now="2026-03-01")
    assert len(score("--weights", "votes=2", "--top", "0").splitlines()) == 6


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("vots=2", "“vots” is no sign"),
        ("votes", "votes has no weight: write a number behind it, as in votes=2"),
        ("votes=many", "“many” is no weight"),
        ("votes=-1", "“-1” is no weight"),
        ("votes=nan", "“nan” is no weight"),
        ("votes=0,velocity=0,comments=0,stars=0,sources=0", "With every weight 0"),
    ],
)
def test_a_weight_that_makes_no_sense_gets_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        score("--weights", typed)
