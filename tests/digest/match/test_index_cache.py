"""The index of topics follows what is followed."""

from __future__ import annotations

import pytest

from digest.match import match_papers
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
