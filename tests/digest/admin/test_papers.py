"""Staff find a paper and see all that is known of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from digest.models import Match, Paper, Snapshot
from tests.digest.admin.pages import address, text
from tests.factories import NOW, make_match, make_paper, make_topic

pytestmark = pytest.mark.django_db


def test_papers_are_found_by_day_category_title_and_identifier(staff: Client) -> None:
    today = timezone.now()
    new = make_paper(title="Ariadne", categories=["cs.SE", "cs.CL"], news_at=today)
    old = make_paper(title="Minotaur", categories=["cs.CL"], news_at=today - timedelta(days=3))
    make_paper(title="Replaced", categories=[], news_at=None)

    def found(query: str) -> list[str]:
        return [
            row.title for row in staff.get(f"{address(Paper)}?{query}").context["cl"].result_list
        ]

    assert found(f"day={today.date()}") == ["Ariadne"]
    assert found("category=cs.CL") == ["Minotaur"]
    assert found("category=cs.XX") == found("day=1999-01-01") == found("")
    assert found("q=ariad") == ["Ariadne"]
    assert found(f"q={old.identifier}") == ["Minotaur"]
    assert found("o=3")[-1] in {"Ariadne", "Minotaur", "Replaced"}
    assert new.title in found("")


def test_a_papers_page_shows_all_that_is_known_and_where_it_stands_on_the_site(
    staff: Client,
) -> None:
    paper = make_paper(
        authors=["Ada Lovelace", "Emmy Noether"],
        categories=["cs.CL", "cs.AI"],
        code_url="https://example.org/code",
        trend=2.5,
        trend_parts={"votes": 41, "trend": 2.5, "sources": 2},
    )
    Snapshot.objects.create(paper=paper, taken_at=NOW, upvotes=41)
    make_match(paper, "diffusion policy", where="Diffusion policies")
    page = text(staff.get(address(Paper, "change", paper.pk)))
    for words in (
        "Ada Lovelace, Emmy Noether",
        "cs.CL, cs.AI",
        "https://example.org/code",
        "41 votes",
        "Diffusion policies",
        f"/paper/{paper.identifier}/",
    ):
        assert words in page


def test_a_topic_shows_its_followers_and_its_papers_of_28_days(staff: Client) -> None:
    now = timezone.now()
    topic = make_topic("diffusion policy")
    for age in (1, 20, 29):
        make_match(make_paper(), "diffusion policy")
        Match.objects.filter(made_at=NOW).update(made_at=now - timedelta(days=age))
    rows = staff.get(address(topic)).context["cl"].result_list
    assert [row.match_count for row in rows] == [2]
    page = text(staff.get(address(topic, "change", topic.pk)))
    assert f"/topics/{topic.slug}/" in page
