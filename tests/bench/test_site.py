"""The pages that are measured are there."""

from __future__ import annotations

import pytest
from django.test import Client

from bench.site import find_strongest_topic
from subscribers.models import Topic
from tests.factories import make_match, make_paper

pytestmark = pytest.mark.django_db


def test_the_topic_whose_page_is_measured_has_one(client: Client) -> None:
    paper = make_paper(title="Agents that plan")
    Topic.objects.get_or_create_topics(["agents -robots"])
    for query, strength in (("agents", 2.0), ("plan", 1.0), ("agents -robots", 3.0)):
        make_match(paper, query, strength)
    topic = find_strongest_topic()
    assert topic.query == "agents"
    assert client.get(f"/topics/{topic.slug}/").status_code == 200
