"""A paper's title and abstract are read one after the other, not as one text."""

from __future__ import annotations

from subscribers.topics import Text, find_topic, parse_topic


def test_a_phrase_does_not_run_from_the_title_into_the_abstract() -> None:
    assert not find_topic(parse_topic("world model"), Text("The world", "Model us."))
