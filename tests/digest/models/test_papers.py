"""The words found in a paper are stored as one text, and read as they were."""

from __future__ import annotations

import pytest
from django.db import connection

from digest.models import Match
from digest.models.papers import join_found_words, split_found_words


def test_found_words_are_read_as_they_were_stored() -> None:
    words = ["Diffusion Policy", "diffusion policies"]
    assert split_found_words(join_found_words(words)) == words
    assert split_found_words("RAG") == ["RAG"]


@pytest.mark.django_db
def test_no_index_of_matches_is_only_the_beginning_of_another() -> None:
    """The table that most rows are written to: every index of it costs each of them."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Match._meta.db_table)
    indexes = [tuple(one["columns"]) for one in found.values() if one["index"] or one["unique"]]
    assert ("topic_id", "paper_id") in indexes
    for columns in indexes:
        longer = [other for other in indexes if other[: len(columns)] == columns]
        assert longer == [columns], f"{columns} is the beginning of {longer}"
