"""How strongly a paper speaks of a topic: where, how often, and in how rare words."""

from __future__ import annotations

from subscribers.topics import Text, count_stems, find_topic, parse_topic, read_text


def test_title_comes_before_abstract_and_twice_before_once() -> None:
    topic, filler = parse_topic("world model"), "We say much about other matters here."
    in_title = find_topic(topic, Text("A world model for robots", filler))
    twice = find_topic(topic, Text("About robots", f"{filler} The world model. A world model!"))
    once = find_topic(topic, Text("About robots", f"{filler} The world model. Another thing!"))
    assert in_title
    assert twice
    assert once
    assert in_title.strength > twice.strength > once.strength > 0


def test_rare_words_weigh_more() -> None:
    statistics = count_stems([" model | world ", " model ", " model ", " axolotl "])
    reading = read_text(Text("Model axolotl"), statistics=statistics)
    rare, common = (
        find_topic(parse_topic("axolotl"), reading),
        find_topic(parse_topic("model"), reading),
    )
    assert rare
    assert common
    assert rare.strength > common.strength


def test_a_phrase_whose_words_meet_again_comes_before_one_said_in_passing() -> None:
    topic = parse_topic("image segmentation")
    again = find_topic(
        topic, Text("On rest", "Image segmentation. We segment each rare image at once.")
    )
    apart = find_topic(
        topic, Text("On rest", "Image segmentation. We segment. " + "So. " * 12 + "Image")
    )
    assert again
    assert apart
    assert again.strength > apart.strength
