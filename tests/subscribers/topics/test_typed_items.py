"""What was typed is cut into words and quoted phrases, and words side by side are joined."""

from __future__ import annotations

import pytest

from subscribers.topics.terms import TopicError
from subscribers.topics.typed_items import TypedItem, cut_items, join_bare


def read(text: str) -> list[list[tuple[str, str, str]]]:
    """By group the sign, the field and what was typed of each item, words joined."""
    groups = [join_bare(group) for group in cut_items(text)]
    return [[(one.minus, one.field, one.bare or one.quoted) for one in group] for group in groups]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("world model", [[("", "", "world model")]]),
        ("agents + tool use", [[("", "", "agents")], [("", "", "tool use")]]),
        ("agents +", [[("", "", "agents")], []]),
        ("C++", [[("", "", "C++")]]),
        ('"in context" learning', [[("", "", "in context"), ("", "", "learning")]]),
        ("speech -music", [[("", "", "speech"), ("-", "", "music")]]),
        ("cat:cs.CL parsing", [[("", "cat", "cs.CL"), ("", "", "parsing")]]),
        ("author:Jan van der Berg", [[("", "author", "Jan van der Berg")]]),
        ("org:nvidia robots", [[("", "org", "nvidia"), ("", "", "robots")]]),
    ],
)
def test_items_and_groups(text: str, items: list[list[tuple[str, str, str]]]) -> None:
    assert read(text) == items


def test_a_quote_that_is_not_closed_is_kept_as_typed() -> None:
    assert cut_items('deep "learning of') == [
        [TypedItem("", "", "", "", "deep"), TypedItem("", "", "", '"learning of', "")]
    ]


def test_what_may_be_a_name_or_a_topic_is_asked_about() -> None:
    with pytest.raises(TopicError, match="Put a name of several words into quotes"):
        join_bare(cut_items("author:Hinton distillation")[0])
