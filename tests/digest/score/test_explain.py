"""The evidence of a trend in words."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import TrendParts
from digest.score import explain


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
