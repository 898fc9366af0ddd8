"""Topics of many fields: none that is accepted finds nothing, and none is refused."""

from __future__ import annotations

from tests.campaigns.topics import OWN, explain_failure


def test_topics_of_many_fields_are_found_wherever_they_stand() -> None:
    topics = OWN.read_text().splitlines()
    assert len(topics) > 300
    assert {topic: why for topic in topics if (why := explain_failure(topic))} == {}
