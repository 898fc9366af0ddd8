"""The evidence of a trend in words."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import TrendParts
from digest.score import explain

TOP = {"place": 3, "among": 30, "votes": 9, "usual_votes": 4.0, "trend": 2.0}


@pytest.mark.parametrize(
    ("parts", "is_trending"),
    [
        ({}, True),
        ({"place": 4}, False),  # not among the first tenth
        ({"place": 1, "among": 5}, True),  # of few papers one may be
        ({"place": 2, "among": 5}, False),
        ({"place": 0}, False),  # nobody counted it, or its row is older
        ({"votes": 3}, False),  # fewer than are usual at its age
        ({"votes": 3, "usual_votes": 1.0}, True),
        ({"votes": 2, "usual_votes": 1.0, "comments": 40, "sources": 9}, False),
        ({"trend": 0.4}, False),  # it was, days ago
    ],
)
def test_what_is_trending_is_a_top_slice_with_votes(
    parts: dict[str, Any], is_trending: bool
) -> None:
    assert explain.is_trending(TrendParts.from_json(TOP | parts)) is is_trending


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, ""),
        ({"votes": 1}, "1 vote"),
        ({"votes": 63}, "63 votes"),
        ({"votes": 63, "votes_since_yesterday": 41}, "+41 votes since yesterday, 63 in all"),
        ({"votes": 9, "votes_since_yesterday": 1}, "+1 vote since yesterday, 9 in all"),
        ({"comments": 1}, "1 comment"),
        ({"votes": 2, "comments": 3}, "2 votes, 3 comments"),
        ({"sources": 2, "trend": 1.0}, "in 2 sources"),
        ({"sources": 2, "trend": 0}, ""),
        ({"votes": 2, "sources": 2, "trend": 1.0}, "2 votes"),
        ({"votes": 2, "sources": 3, "trend": 1.0}, "2 votes, in 3 sources"),
        ({"votes": 2, "days": 3}, "2 votes, 3rd day"),
        ({"votes": 2, "days": 1}, "2 votes"),
        ({"days": 3}, ""),
    ],
)
def test_the_evidence_says_what_was_counted_and_nothing_else(
    parts: dict[str, Any], said: str
) -> None:
    assert explain.describe_evidence(TrendParts.from_json(parts)) == said
