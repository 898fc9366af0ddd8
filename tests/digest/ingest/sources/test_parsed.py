from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.ingest.sources.parsed import ParsedEntry
from tests.factories import NOW

ENTRY = ParsedEntry("g1", "arxiv:2604.00001", "A title", "https://arxiv.org/abs/2604.00001")


def test_an_entry_was_mentioned_when_it_was_listed_else_when_it_was_published() -> None:
    assert ENTRY.mentioned_at is None
    published = replace(ENTRY, published_at=NOW)
    assert published.mentioned_at == NOW
    later = NOW + timedelta(days=2)
    assert replace(published, listed_at=later).mentioned_at == later


@pytest.mark.parametrize(
    ("announce_type", "is_replacement"),
    [("new", False), ("cross", False), ("replace", True), ("replace-cross", True)],
)
def test_a_new_version_is_a_replacement_in_every_category(
    announce_type: str, is_replacement: bool
) -> None:
    assert replace(ENTRY, announce_type=announce_type).is_replacement == is_replacement
