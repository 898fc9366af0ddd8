"""A term of a topic knows how it is typed."""

from __future__ import annotations

import pytest

from subscribers.topics import parse_topic


@pytest.mark.parametrize(
    "query",
    ['"in-context learning"', "LLM-based agents", 'author:"yann lecun"', "title:survey", "3D GANs"],
)
def test_a_term_can_be_typed_again(query: str) -> None:
    [term] = parse_topic(query).wanted
    assert parse_topic(term.typed).normal_form == parse_topic(query).normal_form
