"""Whoever wrote several of the papers is one author, in whatever spelling."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from digest.suggest import drafts
from digest.suggest.drafts import find_common_authors
from subscribers.topics.letters import fold


def test_spellings_of_one_name_are_one_author_and_teams_are_none() -> None:
    papers = [["Yann LeCun", "M. Doe"], ["Y. LeCun", "Mary Doe"], ["Y LeCun", "Max Doe", "A Team"]]
    assert list(find_common_authors(papers)) == [("Yann LeCun", 3)]
    assert list(find_common_authors([["OpenAI"]] * 9)) == []
    assert next(find_common_authors(papers * 100 + [["Jo Rare"]] * 3)) == ("Yann LeCun", 300)
    assert "Jo Rare" not in dict(find_common_authors(papers * 100 + [["Jo Rare"]] * 3))


def test_a_thousand_people_of_one_family_are_told_apart_in_a_thousand_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A visitor may paste them: pair by pair they took minutes."""
    steps = Mock(side_effect=fold)
    monkeypatch.setattr(drafts, "fold", steps)
    names = [f"A{n:04} Smith" for n in range(1000)]
    assert dict(find_common_authors([names] * 3))[names[0]] == 3
    assert steps.call_count < 10_000
