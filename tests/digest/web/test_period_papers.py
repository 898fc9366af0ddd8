"""A day knows its papers, its number and its neighbours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.compose.folio import list_source_names, number_day
from digest.models import Entry, Snapshot
from digest.web import period_papers
from digest.web.periods import make_day, make_month, make_week
from tests.factories import NOW, make_paper, make_source

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 4, 22)
THAT_DAY = make_day(WEDNESDAY)
DAY = timedelta(days=1)


def test_a_days_papers_are_those_that_were_news_on_it_best_first() -> None:
    midnight = datetime(2026, 4, 22, tzinfo=UTC)
    first = make_paper(news_at=midnight, trend=1.0)
    best = make_paper(news_at=midnight + DAY - timedelta(microseconds=1), trend=2.0)
    make_paper(news_at=midnight + DAY)
    make_paper(news_at=midnight - timedelta(microseconds=1))
    make_paper(news_at=None)
    assert list(period_papers.select_papers(THAT_DAY)) == [best, first]


def test_a_month_has_what_gained_most_votes_in_it_first() -> None:
    """Whatever is left of their trends, and whatever came before or after it."""
    april, may = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    counted = {
        "early": {april + DAY: 3, april + 9 * DAY: 90},
        "late": {may - DAY: 40, may + DAY: 900},
        "again": {april - DAY: 500, april + DAY: 520},
        "starred": {april + DAY: 0},
    }
    trends = {"early": 0.1, "late": 9.0, "again": 1.0, "starred": 0.5, "unseen": 0.0}
    papers = {name: make_paper(news_at=april + 2 * DAY, trend=x) for name, x in trends.items()}
    for name, counts in counted.items():
        for at, votes in counts.items():
            Snapshot.objects.create(paper=papers[name], taken_at=at, upvotes=votes)
    month = period_papers.select_papers(make_month(april.date()))
    ids = {paper.pk: name for name, paper in papers.items()}
    assert [ids[paper.pk] for paper in month] == ["early", "late", "again", "starred", "unseen"]


def test_the_newest_day_is_the_last_one_with_papers() -> None:
    assert period_papers.find_newest_day() is None
    make_paper(news_at=None)
    assert period_papers.find_newest_day() is None
    make_paper(news_at=NOW)
    make_paper(news_at=NOW - 2 * DAY)
    assert period_papers.find_newest_day() == WEDNESDAY


def test_the_folio_line_names_number_count_sources_and_neighbours() -> None:
    arxiv = make_source(kind="arxiv", title="arXiv cs.CL")
    other = make_source(kind="arxiv", title="arXiv cs.LG")
    lab = make_source(title="A Lab's Notebook")
    make_paper(arxiv, news_at=NOW - 5 * DAY)
    make_paper(arxiv, news_at=NOW)
    make_paper(other, news_at=NOW)
    make_paper(lab, news_at=NOW)
    make_paper(lab, news_at=NOW + 2 * DAY)
    assert period_papers.make_folio(THAT_DAY) == period_papers.Folio(
        period=THAT_DAY,
        numbers="No. 6",
        papers=3,
        sources=["arXiv", "A Lab's Notebook"],
        kinds=2,
        newest=WEDNESDAY,
        previous=make_day(date(2026, 4, 17)),
        following=make_day(date(2026, 4, 24)),
    )
    assert period_papers.make_folio(THAT_DAY).others == 1
    assert period_papers.make_folio(make_day(WEDNESDAY + DAY)).others == 0


def test_a_day_before_the_first_has_no_number() -> None:
    assert number_day(WEDNESDAY) == 0
    make_paper(news_at=NOW)
    assert number_day(WEDNESDAY) == 1
    assert number_day(WEDNESDAY - DAY) == 0


def test_a_folio_line_names_four_sources_and_counts_the_rest() -> None:
    sources = [make_source(title=f"Feed {n}") for n in range(6)]
    assert list_source_names(sources) == ["Feed 0", "Feed 1", "Feed 2", "Feed 3", "2 more"]


def test_a_paper_seen_by_two_sources_counts_once() -> None:
    paper = make_paper(make_source(kind="arxiv"))
    hf = make_source(kind="huggingface")
    Entry.objects.create(source=hf, paper=paper, guid="x", published_at=NOW, seen_at=NOW)
    folio = period_papers.make_folio(THAT_DAY)
    assert (folio.papers, folio.sources) == (1, ["arXiv", "Hugging Face"])


def test_a_week_and_a_month_count_their_days_and_lead_past_empty_ones() -> None:
    source = make_source(kind="arxiv")
    make_paper(source, news_at=NOW - 30 * DAY)
    for news in (-2, -2, 0, 1):
        make_paper(source, news_at=NOW + news * DAY)
    week = period_papers.make_folio(make_week(WEDNESDAY))
    assert (week.numbers, week.papers, week.newest) == ("Nos. 29–32", 4, date(2026, 4, 23))
    assert (week.previous, week.following) == (make_week(date(2026, 3, 23)), None)
    assert [view.name for view in week.views] == ["2026-04-23", "2026-W17", "2026-04"]
    assert period_papers.make_folio(make_month(WEDNESDAY)).previous == make_month(date(2026, 3, 1))
    counts = period_papers.count_papers_per_day(week.period)
    assert list(counts.values()) == [2, 0, 1, 1, 0, 0, 0]
    assert list(counts) == week.period.days


def test_made_up_papers_never_pass_for_real_ones():
    url = "https://sample.offprint.invalid/huggingface"
    names = list_source_names([make_source(kind="huggingface", url=url), make_source(kind="arxiv")])
    assert names == ["Hugging Face (sample)", "arXiv"]


def test_a_days_sources_are_read_once_and_not_once_for_each() -> None:
    sources = [make_source(title=title) for title in "ABC"]
    for source, ago in zip(sources, (0, 0, 3), strict=True):
        paper = make_paper(news_at=NOW - ago * DAY)
        Entry.objects.create(
            source=source, paper=paper, guid=paper.identifier, published_at=NOW, seen_at=NOW
        )
    of_day = period_papers._select_sources(THAT_DAY)
    assert {source.title for source in of_day} & set("ABC") == {"A", "B"}
    assert "EXISTS" not in str(of_day.query)
    of_month = period_papers._select_sources(make_month(WEDNESDAY))
    assert {source.title for source in of_month} >= set("ABC")
