"""What the topics of a run are read by."""

from __future__ import annotations

import pytest

from digest.match.followed_topics import FollowedTopics
from subscribers.models import Interest, Topic
from tests.factories import make_subscriber, make_topic

pytestmark = pytest.mark.django_db


def test_a_topic_that_nobody_follows_or_mutes_is_none() -> None:
    followed, muted, left = map(make_topic, ("video", "sound", "smell"))
    reader = make_subscriber()
    Interest.objects.create(subscriber=reader, topic=followed)
    Interest.objects.create(subscriber=reader, topic=muted, mode=Interest.Mode.MUTE)
    topics = FollowedTopics()
    topics.read({followed.pk, muted.pk, left.pk, left.pk + 1_000})
    got = [topics.get(pk) for pk in (followed.pk, muted.pk, left.pk, left.pk + 1_000)]
    assert [topic and topic.query for topic in got] == ["video", "sound", None, None]
    Interest.objects.create(subscriber=reader, topic=left)
    topics.read({left.pk})
    assert topics.get(left.pk)


def test_one_that_no_longer_parses_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    topic = Topic.objects.create(query="video OR sound", normal_form="video", slug="video")
    Interest.objects.create(subscriber=make_subscriber(), topic=topic)
    topics = FollowedTopics()
    topics.read({topic.pk})
    assert [topics.get(topic.pk) for _ in range(3)] == [None] * 3
    assert len(caplog.records) == 1
