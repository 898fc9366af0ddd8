"""What the papers of yesterday taught is used by those of today."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.match import match_papers
from digest.models import Match
from subscribers.acronyms import read_acronyms
from tests.factories import NOW, make_match, make_paper, make_reader, make_topic

LLM = "Large language models (LLMs)"


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
def test_they_teach_variants_of_spelling_that_today_finds() -> None:
    for title in ("On reranking", "Re-ranking", "A re-ranking step"):
        make_paper(title=title, first_seen_at=NOW - timedelta(days=1))
    make_reader("reranking")
    paper = make_paper(title="Passage re-ranking")
    match_papers(NOW)
    assert [one.other_spelled for one in read_acronyms().variants.learned] == ["re-ranking"]
    assert Match.objects.filter(paper=paper, topic__query="reranking").exists()
