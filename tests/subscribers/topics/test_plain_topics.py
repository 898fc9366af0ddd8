"""Topics without capitals and signs are read by a short way, and mean the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscribers.topics import ParsedTopic, TopicError, parse_stored, parse_topic
from subscribers.topics.plain_topics import read_plain_topic
from tests.properties import examples

# Compounds written closed and open, names with Greek letters, numbers with letters, plurals.
WORDS = [
    *("robots", "world", "multimodal", "pre-training", "few-shot", "k-means", "tnfa", "il-1b"),
    *("3d", "10b", "gpt-4", "seq2seq", "h2o", "schroedinger", "modelling", "centre", "e", "st"),
    *("physics", "auto-encoder", "autoencoders", "x-ray", "2-in-1", "covid-19"),
]
WORD = st.sampled_from(WORDS) | st.from_regex("[a-z0-9]{1,9}(-[a-z0-9]{1,5})?", fullmatch=True)
PHRASE = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
TOPIC = st.tuples(st.lists(PHRASE, min_size=1, max_size=3), st.lists(WORD, max_size=2)).map(
    lambda typed: " + ".join(typed[0]) + "".join(f" -{word}" for word in typed[1])
)


@settings(max_examples=examples(300))
@given(TOPIC)
@example("agents + agent")
@example("robot arms + pretraining -surgery -pre-training")
def test_a_plain_topic_is_what_the_whole_language_reads_in_it(query: str) -> None:
    try:
        whole = parse_topic(query)
    except TopicError:
        return
    plain = read_plain_topic(query)
    assert plain == whole
    assert list_spellings(plain) == list_spellings(whole)
    assert plain.normal_form == whole.normal_form


def list_spellings(topic: ParsedTopic) -> list[tuple[str, str]]:
    """What of its terms no comparison sees: what was typed between words."""
    return [(term.plain, term.identity) for term in (*topic.wanted, *topic.unwanted)]


@pytest.mark.parametrize(
    "query",
    [
        *("LoRA", '"world model"', "author:lee", "title:survey", "world, model", "robots-", "a+b"),
        *("robots - arms", "-surgery", "robots -surgery arms", "robots  arms", "β-VAE", "c++"),
    ],
)
def test_a_topic_with_capitals_or_signs_is_left_to_the_whole_language(query: str) -> None:
    assert read_plain_topic(query) is None


def test_a_stored_topic_is_not_asked_again_whether_it_may_be_one() -> None:
    with pytest.raises(TopicError):
        parse_topic("cats or dogs")
    assert [term.key for term in parse_stored("cats or dogs").wanted] == ["cat or dog"]
    assert parse_stored("LoRA -survey") == parse_topic("LoRA -survey")
