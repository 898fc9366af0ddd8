"""BibTeX proposes its keywords, its phrases, and who wrote many of its entries."""

from __future__ import annotations

import pytest

from digest.match import match_papers
from tests.digest.suggest.pasted import proposed, queries
from tests.digest.suggest.test_bibtex_import import BIBTEX
from tests.factories import NOW, make_paper


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_bibtex_proposes_keywords_phrases_and_the_authors_of_many_entries() -> None:
    for title in ("Imitation learning", "Story telling"):
        make_paper(title=title)
    match_papers(NOW)
    found = proposed(BIBTEX)
    assert found.read_as == "BibTeX with 2 entries"
    assert [topic.query for topic in found.topics][:2] == ["diffusion policy", "Imitation learning"]
    assert not [query for query in queries(BIBTEX) if query.startswith("author:")]
    assert 'author:"Cheng Chi"' in queries(BIBTEX * 3)
    assert len(queries(BIBTEX)) == len(set(queries(BIBTEX)))
    assert queries("@misc{a, title={An Untold Story}, keywords={cs.RO, 90C26, Story telling}}") == [
        "Story telling"
    ]
