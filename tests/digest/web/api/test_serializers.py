"""A paper comes with all that is known of it."""

from __future__ import annotations

import pytest
from django.test import Client

from digest.models import Paper
from tests.digest.web.api.asking import asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("that_wednesday")]


def test_a_paper_comes_with_its_snapshots_mentions_and_topics(
    client: Client, shelves: Paper
) -> None:
    paper = asked(client, "/api/v1/papers/arxiv:2604.12345")
    assert paper["snapshots"] == [
        {"taken_at": "2026-04-22T12:00:00Z", "votes": 63, "comments": 4, "stars": None}
    ]
    assert [mention["source"] for mention in paper["mentions"]] == ["Hugging Face"]
    assert [(topic["slug"], topic["found"]) for topic in paper["topics"]] == [
        ("world-model", ["World Model"])
    ]
    assert (paper["trend"], paper["trend_parts"]) == (3.14, {"votes": 2.5})
    assert client.get(paper["api_url"]).status_code == 200
    assert client.get(paper["page_url"]).status_code == 200
