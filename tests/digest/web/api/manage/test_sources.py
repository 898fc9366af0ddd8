"""Sources are added after a look, and told to stop, go on or be asked now."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from digest.models import Source
from tests.digest.web.api.manage.asking import fits, make_script
from tests.factories import added_in_this_moment, make_source

pytestmark = pytest.mark.django_db
FEED = "https://feeds.example.org/new"


def test_a_source_is_added_paused_resumed_and_asked() -> None:
    script = make_script()
    made = script.post("sources", {"url": FEED, "title": "New", "look": False}, 201)
    fits(made, "Source")
    at = f"sources/{made['id']}"
    assert script.post(f"{at}/pause")["state"] == "stopped"
    assert "stopped already" in script.post(f"{at}/pause", status=409)["detail"]
    assert script.post(f"{at}/resume")["state"] == "new"
    Source.objects.filter(pk=made["id"]).update(next_fetch_at=timezone.now())
    assert script.post(f"{at}/poll")["next_fetch_at"] is None
    fits(script.get("sources"), "Sources")
    assert script.get(at)["title"] == "New"
    assert LogEntry.objects.filter(content_type__model="source").count() == 4


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"url": FEED}, 409, "has this address already"),
        ({"url": "ftp://example.org"}, 422, "must begin with http"),
        ({"url": "http://127.0.0.1/feed"}, 422, "127.0.0.1"),
        ({"url": "https://example.org/f", "kind": "podcast"}, 422, "kind is one of"),
        ({"url": "https://example.org/" + "x" * 1000}, 422, "1000 letters"),
        ({"url": "http://nowhere.invalid/feed"}, 422, "“look”: false"),
    ],
)
def test_what_cannot_be_a_source_says_why(body: dict[str, str], status: int, said: str) -> None:
    make_source(url=FEED)
    assert said in make_script().post("sources", body, status)["detail"]


def test_of_two_who_add_the_same_at_once_one_is_told() -> None:
    with added_in_this_moment(FEED):
        said = make_script().post("sources", {"url": FEED, "look": False}, 409)
    assert "in this moment" in said["detail"]
    assert not LogEntry.objects.exists()
