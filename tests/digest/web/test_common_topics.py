"""What finds a good part of a day says nothing of one of its papers, and is not named beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from digest.models import Match
from digest.web.common_topics import _count_papers_of, find_common_topics
from tests.digest.web.browsing import shown
from tests.factories import NOW, make_match, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


def test_words_that_find_more_than_a_tenth_of_the_day_are_no_chip_and_no_mark(
    client: Client,
) -> None:
    papers = [make_paper(title=f"A model of bees {n}") for n in range(40)]
    for n, paper in enumerate(papers):
        for topic, most in (("model", 5), ("bees", 4)):
            if n < most:
                make_match(paper, topic)
    make_match(make_paper(title="A model", news_at=NOW - timedelta(days=1)), "model")
    day = shown(client, "/papers/2026-04-22/?sort=newest") + shown(
        client, "/papers/2026-04-22/?page=2&sort=newest"
    )
    assert "/topics/bees/" in day
    assert "/topics/model/" not in day
    paper = shown(client, f"/paper/{papers[0].identifier}/")
    assert "/topics/bees/" in paper
    assert "/topics/model/" not in paper
    assert "<mark>model</mark>" not in paper
    # The same words say something of a day on which they found one paper.
    assert "/topics/model/" in shown(client, "/papers/2026-04-21/")


def test_of_a_handful_of_papers_one_is_no_tenth(client: Client) -> None:
    make_match(make_paper(title="A model"), "model")
    assert "/topics/model/" in shown(client, "/papers/2026-04-22/")


def test_how_many_papers_a_day_has_is_told_by_an_index_alone() -> None:
    make_paper(title="A model")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = _count_papers_of(0, NOW.date()).explain()
    assert "COVERING INDEX" in plan or "Index Only Scan" in plan


def test_several_days_have_the_topics_that_each_has_alone() -> None:
    days = [(NOW - timedelta(days=ago)).date() for ago in range(3)]
    for ago, models in enumerate((5, 3, 4)):
        for n in range(8):
            paper = make_paper(title=f"Bees {ago} {n}", news_at=NOW - timedelta(days=ago))
            make_match(paper, "bees")
            if n < models:
                make_match(paper, "model")
    ids = dict(Match.objects.values_list("topic__query", "topic_id"))
    alone = [find_common_topics(ids.values(), [day])[day] for day in days]
    assert alone == [set(ids.values()), {ids["bees"]}, set(ids.values())]
    together = find_common_topics(ids.values(), days)
    assert [together[day] for day in days] == alone
