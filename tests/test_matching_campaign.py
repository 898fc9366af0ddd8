"""The short form of `make matching`: every measurement is made, of matches that are there."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from subscribers.models import Topic
from subscribers.topics import TopicError, parse_topic
from tests.campaigns.matching import __main__ as campaign
from tests.campaigns.matching.material import TextWalk, make_material
from tests.campaigns.matching.tsqueries import measure_tsqueries

TOPICS, STORED, PAPERS = 60, 20, 5


@pytest.mark.django_db
def test_papers_topics_and_a_first_digest_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "STAGE_PAPERS", PAPERS)
    monkeypatch.setattr(campaign, "NEW_TOPICS", 4)
    papers, queries = make_material(None, TOPICS)
    campaign.store_topics(queries)
    campaign.store_papers(papers, STORED)
    texts = list(islice(papers, PAPERS))
    measured = campaign.measure_papers(texts)
    assert 0 < measured["hits"] <= measured["candidates"]
    stage = campaign.measure_stage(papers)
    assert stage["papers"] == PAPERS
    assert stage["matches"] > 0
    assert campaign.measure_new_topics()["topics"] == 4
    assert campaign.measure_first_digest()["status"] == "planned"
    found = measure_tsqueries(Topic.objects.values_list("query", flat=True), texts)
    assert (found is None) == (connection.vendor != "postgresql")
    assert found is None or found["hits"] > 0


def test_a_walk_through_texts_goes_on_without_end_and_is_the_same_each_time(tmp_path: Path) -> None:
    texts = tmp_path / "papers.jsonl"
    paper = {
        "title": "World models for robots",
        "abstract": "Large language models help robots to plan. World models help them to see.",
        "keywords": ["World models", "robots"],
    }
    texts.write_text(json.dumps(paper) + "\n")
    one, same = (list(islice(TextWalk(texts).make_papers(Random(1)), 3)) for _ in range(2))
    assert one == same
    topics = list(islice(TextWalk(texts).make_topics(Random(2)), 12))
    assert topics[:2] == ["world models", "robots"]
    assert len(set(topics)) == len(topics)
    assert any(is_topic(topic) for topic in topics[2:])


def is_topic(query: str) -> bool:
    try:
        parse_topic(query)
    except TopicError:
        return False
    return True
