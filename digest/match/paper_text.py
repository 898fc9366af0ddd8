"""What of a paper's row is searched for topics."""

from __future__ import annotations

from digest.match.learned import Learned
from digest.models import Paper
from subscribers.topics import Reading, Text, read_text

# The columns that `paper_to_text` asks for.
TEXT_COLUMNS = ("title", "abstract", "authors", "organization", "categories")


def paper_to_text(paper: Paper) -> Text:
    """Return what of a paper is searched for topics."""
    return Text(
        paper.title,
        paper.abstract,
        tuple(map(str, paper.authors)),
        paper.organization,
        tuple(map(str, paper.categories)),
    )


def read_paper(paper: Paper, learned: Learned) -> Reading:
    """Read a paper once, for any number of topics."""
    return read_text(paper_to_text(paper), learned.acronyms, learned.statistics)
