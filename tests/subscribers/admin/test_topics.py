"""Topics are shared, so nobody changes or deletes one under its followers."""

from __future__ import annotations

import pytest
from django.test import Client

from subscribers.models import Interest, Topic
from tests.factories import make_subscriber
from tests.subscribers.admin.test_subscribers import follow, text

pytestmark = pytest.mark.django_db


def test_a_topic_is_added_as_if_a_reader_had_typed_it(staff: Client) -> None:
    url = "/admin/subscribers/topic/add/"
    assert staff.post(url, {"query": "robot manipulation -surgical"}).status_code == 302
    topic = Topic.objects.get()
    assert topic.normal_form
    assert topic.slug
    assert "is there already" in text(staff.post(url, {"query": "Robot  Manipulations -surgical"}))
    assert "only says what to leave out" in text(staff.post(url, {"query": "-surgical"}))
    assert Topic.objects.count() == 1


def test_nobody_changes_a_topic_under_its_followers(staff: Client) -> None:
    topic = follow(make_subscriber(), "RAG")
    follow_by_another = make_subscriber()
    Interest.objects.create(subscriber=follow_by_another, topic=topic, mode="mute")
    url = f"/admin/subscribers/topic/{topic.pk}/change/"
    assert "1, muted by 1" in text(staff.get(url))
    staff.post(url, {"query": "something else"})
    topic.refresh_from_db()
    assert topic.query == "RAG"


def test_a_topic_is_deleted_only_when_nobody_follows_it(staff: Client) -> None:
    followed = follow(make_subscriber(), "RAG")
    [lonely] = Topic.objects.get_or_create_topics(["phlogiston"])
    for topic, status in ((followed, 403), (lonely, 302)):
        url = f"/admin/subscribers/topic/{topic.pk}/delete/"
        assert staff.post(url, {"post": "yes"}).status_code == status
    posted = {"action": "delete_selected", "_selected_action": [followed.pk], "post": "yes"}
    staff.post("/admin/subscribers/topic/", posted)
    assert list(Topic.objects.all()) == [followed]
