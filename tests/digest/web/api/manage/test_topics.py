"""Topics are added as the admin adds them, and stay while somebody follows them."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from subscribers.models import Topic
from tests.digest.web.api.manage.asking import fits, make_script
from tests.factories import make_reader

pytestmark = pytest.mark.django_db


def test_topics_are_added_listed_and_deleted_while_nobody_follows_them() -> None:
    script = make_script()
    made = script.post("topics", {"query": "world model"}, 201)
    fits(made, "ManagedTopic")
    make_reader("RAG")
    listed = script.get("topics")
    fits(listed, "ManagedTopics")
    followers = {one["query"]: one["followers"] for one in listed["topics"]}
    assert followers == {"RAG": 1, "world model": 0}
    assert [one["query"] for one in script.get("topics?q=WORLD")["topics"]] == ["world model"]
    script.ask("DELETE", f"topics/{made['id']}", status=204)
    rag = Topic.objects.get()
    assert "it stays" in script.ask("DELETE", f"topics/{rag.pk}", status=409)["detail"]
    assert script.get(f"topics/{rag.pk}")["query"] == "RAG"
    noted = [
        one.partition(",")[0] for one in LogEntry.objects.values_list("change_message", flat=True)
    ]
    assert sorted(noted) == ["Added", "Deleted"]


def test_a_bad_topic_and_one_that_is_there_come_back_as_a_sentence() -> None:
    script = make_script()
    script.post("topics", {"query": "world model"}, 201)
    assert "is there already" in script.post("topics", {"query": "World Models"}, 422)["detail"]
    assert script.post("topics", {"query": "-power"}, 422)["errors"]["query"]
    assert script.post("topics", {}, 422)["errors"] == {"query": ["query is missing."]}
