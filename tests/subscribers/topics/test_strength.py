"""How strongly a paper speaks of a topic: where, how often, and in how rare words."""

from __future__ import annotations

from subscribers.topics import Text, count_stems, find, parse, read


def test_title_comes_before_abstract_and_twice_before_once() -> None:
    topic, filler = parse("world model"), "We say much about other matters here."
    in_title = find(topic, Text("A world model for robots", filler))
    twice = find(topic, Text("About robots", f"{filler} The world model. A world model!"))
    once = find(topic, Text("About robots", f"{filler} The world model. Another thing!"))
    assert in_title
    assert twice
    assert once
    assert in_title.strength > twice.strength > once.strength > 0


def test_rare_words_weigh_more() -> None:
    statistics = count_stems([" model | world ", " model ", " model ", " axolotl "])
    reading = read(Text("Model axolotl"), statistics=statistics)
    rare, common = find(parse("axolotl"), reading), find(parse("model"), reading)
    assert rare
    assert common
    assert rare.strength > common.strength


def test_a_phrase_whose_words_meet_again_comes_before_one_said_in_passing() -> None:
    topic = parse("image segmentation")
    again = find(topic, Text("On rest", "Image segmentation. We segment each rare image at once."))
    apart = find(topic, Text("On rest", "Image segmentation. We segment. " + "So. " * 12 + "Image"))
    assert again
    assert apart
    assert again.strength > apart.strength
