"""The sample comes in as days of news, and goes without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Max, Min

from digest.ingest.sample_rows import remove_sample
from digest.management.sample import shapes
from digest.management.sample.load import SampleReport, load_sample
from digest.models import Entry, Paper, Snapshot, Source
from tests.factories import make_paper

# One process loads the sample for all of these tests.
pytestmark = [pytest.mark.one_machine, pytest.mark.xdist_group("sample")]

NOW = datetime(2026, 4, 22, 12, tzinfo=UTC)  # a Wednesday
DAYS = (date(2026, 4, 16), date(2026, 4, 17), date(2026, 4, 20), date(2026, 4, 21), NOW.date())


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[SampleReport]:
    """The sample for a whole module: what a test changes is undone, and all of it at the end."""
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
        report = load_sample(NOW)
    yield report
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def sample(loaded: SampleReport, db: None) -> SampleReport:
    return loaded


@pytest.mark.usefixtures("sample")
def test_the_sample_comes_in_as_five_days_of_news() -> None:
    report = load_sample(NOW)
    assert (report.papers, report.sources, report.days) == (66, 3, DAYS)
    assert report.entries == Entry.objects.count() > 100
    seen = {paper.first_seen_at.date() for paper in Paper.objects.all()}
    news = {paper.news_at.date() for paper in Paper.objects.all() if paper.news_at}
    assert set(DAYS) <= seen
    assert set(DAYS) <= news
    assert Paper.objects.filter(news_at__date=NOW.date()).count() >= 15


@pytest.mark.usefixtures("sample")
def test_votes_have_moved_while_it_came_in() -> None:
    paper = Paper.objects.get(identifier="arxiv:2604.90001")
    span = paper.snapshots.aggregate(first=Min("upvotes"), last=Max("upvotes"))
    assert 0 < span["first"] < span["last"] / 2
    assert len({snapshot.taken_at.date() for snapshot in paper.snapshots.all()}) >= 5
    assert Snapshot.objects.filter(taken_at__gt=NOW).count() == 0


@pytest.mark.usefixtures("sample")
def test_a_paper_that_three_sources_mention_is_one_paper() -> None:
    paper = Paper.objects.get(identifier="arxiv:2604.90026")
    assert set(paper.entries.values_list("source__kind", flat=True)) == {
        "arxiv",
        "huggingface",
        "feed",
    }
    assert paper.title.startswith("Ariadne: LLM Agents")
    assert paper.organization == "Analytical Society"


@pytest.mark.usefixtures("sample")
def test_replacements_make_nothing_news() -> None:
    only_replaced = Paper.objects.filter(news_at=None)
    assert only_replaced.count() == 4
    kinds = set(only_replaced.values_list("entries__announce_type", flat=True))
    assert kinds == {"replace", "replace-cross"}
    again = Paper.objects.get(identifier="arxiv:2604.90003")
    assert again.entries.filter(announce_type="replace").exists()
    assert again.news_at is not None
    assert again.news_at.date() < DAYS[3]


def test_a_second_load_changes_nothing_whenever_it_comes(sample: SampleReport) -> None:
    first = sample
    counts = [model.objects.count() for model in (Source, Paper, Entry, Snapshot)]
    second = load_sample(NOW + timedelta(days=40))
    assert first.is_new
    assert not second.is_new
    assert (second.papers, second.days) == (first.papers, first.days)
    assert counts == [model.objects.count() for model in (Source, Paper, Entry, Snapshot)]


@pytest.mark.usefixtures("sample")
def test_its_sources_say_what_they_are_and_are_never_asked() -> None:
    sources = Source.objects.filter(url__startswith=shapes.SITE)
    assert sources.count() == 3
    for source in sources:
        assert source.title.endswith("(sample)")
        assert source.state == Source.State.HEALTHY
        assert "Made up" in source.note
    assert not Source.objects.due(NOW + timedelta(days=365)).filter(pk__in=sources).exists()


@pytest.mark.usefixtures("sample")
def test_it_goes_without_a_trace_and_takes_nothing_along() -> None:
    live = make_paper()
    shared = Paper.objects.get(identifier="arxiv:2604.90050")
    Entry.objects.create(
        source=live.entries.get().source,
        paper=shared,
        guid="a live mention",
        published_at=NOW,
        seen_at=NOW,
    )
    assert remove_sample() == 65
    assert set(Paper.objects.all()) == {live, shared}
    assert not Source.objects.filter(url__startswith=shapes.SITE).exists()
    assert remove_sample() == 0


@pytest.mark.usefixtures("sample")
def test_a_load_that_breaks_off_leaves_nothing_behind() -> None:
    remove_sample()
    asked = count()

    def line_breaks(execute: Callable[..., object], *args: object) -> object:
        if next(asked) == 200:
            raise ConnectionError
        return execute(*args)

    with connection.execute_wrapper(line_breaks), pytest.raises(ConnectionError):
        load_sample(NOW)
    assert not Paper.objects.exists()
    assert not Source.objects.filter(url__startswith=shapes.SITE).exists()
