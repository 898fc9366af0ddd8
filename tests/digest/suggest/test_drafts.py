"""Whoever wrote several of the papers is one author, in whatever spelling."""

from __future__ import annotations

from digest.suggest.drafts import find_common_authors


def test_spellings_of_one_name_are_one_author_and_teams_are_none() -> None:
    papers = [["Yann LeCun", "M. Doe"], ["Y. LeCun", "Mary Doe"], ["Y LeCun", "Max Doe", "A Team"]]
    assert list(find_common_authors(papers)) == [("Yann LeCun", 3)]
    assert list(find_common_authors([["OpenAI"]] * 9)) == []
    assert next(find_common_authors(papers * 100 + [["Jo Rare"]] * 3)) == ("Yann LeCun", 300)
    assert "Jo Rare" not in dict(find_common_authors(papers * 100 + [["Jo Rare"]] * 3))
