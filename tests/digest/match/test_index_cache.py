"""The index of topics follows what is followed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest.match import index_cache, match_papers
from digest.match.process_cache import process_cache
from subscribers.models import Interest, Topic
from tests.digest.match.topics_followed import follow, found
from tests.factories import NOW, make_paper


@pytest.mark.django_db
def test_a_topic_that_is_followed_later_or_no_longer_is_known_to_the_next_run() -> None:
    [old] = follow("world model")
    match_papers(NOW)
    follow("video")
    make_paper(title="A world model of video")
    match_papers(NOW)
    assert {query for query, _ in found()} == {"world model", "video"}
    Interest.objects.filter(topic=old).delete()
    make_paper(title="Another world model of video")
    match_papers(NOW)
    assert ("world model", "Another world model of video") not in found()
    assert ("video", "Another world model of video") in found()


@pytest.mark.django_db
def test_a_topic_deleted_meanwhile_does_no_harm() -> None:
    follow("video", "world model")
    process_cache.get_topic_index()
    gone = Topic.objects.get(query="world model")
    # Deleted behind the index: the follow is gone and another one came in its place.
    Interest.objects.filter(topic=gone).delete()
    gone.delete()
    make_paper(title="A world model of video")
    match_papers(NOW)
    assert found() == {("video", "A world model of video")}


@pytest.mark.django_db
def test_the_index_reads_what_is_new_and_never_who_follows_what(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = follow("video", "world model")
    for days_ago, topic in enumerate(reversed(old), start=1):
        Topic.objects.filter(pk=topic.pk).update(created_at=NOW - timedelta(days=days_ago))
    process_cache.get_topic_index()
    added: list[int] = []
    monkeypatch.setattr(
        index_cache, "add_topics", lambda _, rows: added.extend(pk for pk, *_ in rows)
    )
    [new] = follow("robots")
    with CaptureQueriesContext(connection) as captured:
        process_cache.get_topic_index()
    assert added == [old[-1].pk, new.pk]  # the last one's transaction may be under way
    assert "interest" not in " ".join(query["sql"] for query in captured)
    for _ in range(3):
        process_cache.get_topic_index()
    assert added[2:] in ([], [new.pk])


@pytest.mark.django_db
def test_a_topic_with_an_earlier_id_that_was_committed_later_is_added() -> None:
    first, late, last = follow("video", "world model", "robots")
    fields = {name: getattr(late, name) for name in ("query", "normal_form", "slug", "anchor")}
    Interest.objects.filter(topic=late).delete()
    late.delete()
    assert last.pk in process_cache.get_topic_index()
    Topic.objects.create(pk=first.pk + 1, **fields)
    assert first.pk + 1 < last.pk
    assert first.pk + 1 in process_cache.get_topic_index()


@pytest.mark.django_db
def test_in_another_database_the_index_begins_anew() -> None:
    [topic] = follow("video")
    index = process_cache.get_topic_index()
    Topic.objects.filter(pk=topic.pk).update(query="another", anchor="another")
    assert process_cache.get_topic_index() is not index
