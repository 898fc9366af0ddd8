"""What the papers of yesterday taught is used by those of today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.match import learn_day, learned, match_papers
from digest.match.learned import read_learned_version
from digest.models import Match
from subscribers.acronyms import read_acronyms
from subscribers.models import Acronym, Topic
from tests.factories import NOW, make_match, make_paper, make_reader, make_topic

LLM = "Large language models (LLMs)"


def follow_new(query: str) -> None:
    """Let somebody follow a topic that no paper was compared with yet."""
    make_reader(query)
    Topic.objects.filter(query=query).update(matched_at=None)


@pytest.mark.django_db
def test_the_papers_of_yesterday_teach_today_and_the_topic_page_shows_it(client: object) -> None:
    for n in range(3):
        make_paper(title=f"{LLM} {n}", first_seen_at=NOW - timedelta(days=1))
    make_paper(title="Ultra low latency (ULL) today")
    match_papers(NOW)
    assert read_acronyms().evidence == {
        ("LLM", ("larg", "languag", "model")): ("large language model", 3)
    }

    make_match(make_paper(), "LLM")
    page = client.get(f"/topics/{make_topic('LLM').slug}/").content.decode()  # type: ignore[attr-defined]
    assert "<strong>LLM</strong> also finds <em>large language model</em>, spelled out in 3" in page
    assert "&quot;LLM&quot;" in page


@pytest.mark.django_db
def test_acronyms_are_learned_once_a_day() -> None:
    make_paper(title="On bread", first_seen_at=NOW - timedelta(days=1))
    spelled = [make_paper(title=f"{LLM} {n}") for n in range(3)]
    match_papers(NOW)
    assert not read_acronyms()
    for paper in spelled:
        paper.matched_at = None
        paper.save()
    match_papers(NOW + timedelta(days=1))
    assert read_acronyms().long_forms.keys() == {"LLM"}


@pytest.mark.django_db
def test_the_memory_that_learning_took_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some 130 MB with 5,000 papers, of which the C library would keep half until tomorrow."""
    learned_by_then: list[set[str]] = []

    def release() -> bool:
        learned_by_then.append(set(read_acronyms().long_forms))
        return True

    monkeypatch.setattr(learned, "release_memory", release)
    for n in range(3):
        make_paper(title=f"{LLM} {n}", first_seen_at=NOW - timedelta(days=1))
    learn_day(NOW)
    learn_day(NOW)
    assert learned_by_then == [{"LLM"}]


@pytest.mark.django_db
def test_a_first_digest_does_not_wait_for_what_is_learned_once_a_day() -> None:
    for n in range(3):
        make_paper(title=f"{LLM} {n}", first_seen_at=NOW - timedelta(days=1))
    match_papers(NOW)
    tomorrow = NOW + timedelta(days=1)
    for topic, learns in (("bread", False), ("butter", True)):
        follow_new(topic)
        assert match_papers(tomorrow, is_awaited=not learns).topics == 1
        assert Acronym.objects.filter(learned_on=tomorrow.date()).exists() == learns
    Acronym.objects.all().delete()
    follow_new("salt")
    match_papers(tomorrow, is_awaited=True)  # where nothing was learned yet, it is
    assert Acronym.objects.exists()


@pytest.mark.django_db
def test_the_first_run_of_a_day_learns_though_nothing_came() -> None:
    learn_day(NOW)  # nothing to learn from
    for n in range(3):
        make_paper(title=f"{LLM} {n}", first_seen_at=NOW - timedelta(days=1))
    learn_day(NOW)
    assert read_acronyms().long_forms.keys() == {"LLM"}


@pytest.mark.django_db
def test_they_teach_variants_of_spelling_that_today_finds() -> None:
    for title in ("On reranking", "Re-ranking", "A re-ranking step"):
        make_paper(title=title, first_seen_at=NOW - timedelta(days=1))
    make_reader("reranking")
    paper = make_paper(title="Passage re-ranking")
    match_papers(NOW)
    assert [one.other_spelled for one in read_acronyms().variants.learned] == ["re-ranking"]
    assert Match.objects.filter(paper=paper, topic__query="reranking").exists()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="It is about SQLite's plans.")
def test_what_was_learned_is_dated_without_sorting_all_papers() -> None:
    """Each search asks; among 200,000 papers the sort took more than half of its time."""
    make_paper(first_seen_at=NOW - timedelta(days=1))
    with CaptureQueriesContext(connection) as captured:
        read_learned_version(NOW)
    asked = [one["sql"] for one in captured if "title" in one["sql"]]
    assert asked
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            assert "TEMP B-TREE" not in str(cursor.fetchall())
