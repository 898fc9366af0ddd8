"""What is proposed for some titles is also what the papers most like them are about."""

from __future__ import annotations

import pytest

from digest.match import match_papers
from digest.suggest.suggest import propose_topics
from tests.factories import NOW, make_paper

pytestmark = pytest.mark.django_db
# What somebody wrote: none of it says what the field calls it.
TITLES = [
    "Crumpled garments folded by two arms",
    "Folding crumpled towels with wrinkle maps",
    "Wrinkle maps of garments seen from above",
    "Two arms unfold towels",
]


@pytest.fixture(autouse=True)
def _papers() -> None:
    for n in range(3):
        make_paper(
            title=f"Deformable object manipulation of garments, part {n}",
            abstract="Two arms fold crumpled towels and garments by wrinkle maps.",
        )
    for n in range(60):
        make_paper(title=f"Whales of region {n}", abstract="We count whales from small boats.")
    match_papers(NOW)


def test_titles_propose_what_the_papers_most_like_them_are_about() -> None:
    found = {topic.query: topic for topic in propose_topics("\n".join(TITLES), NOW).topics}
    beside = found["deformable object manipulation"]
    assert beside.reason == "in 3 of the 3 papers here most like these"
    assert beside.volume.total == 3
    assert not any("whales" in query for query in found)
    assert all(topic.volume.total for topic in found.values())


def test_what_no_paper_of_four_weeks_holds_is_not_proposed_and_not_asked_for_again() -> None:
    titles = ["Quantum knitting", "Knitted quanta of wool", "Spinning quantum wool"]
    with pytest.raises(Exception, match="This was read as 3 titles, and none of its phrases"):
        propose_topics("\n".join(titles), NOW)
