"""What a delivery holds, as Delivery.contents keeps it; written once, when it is composed.

A mail that is rendered again must have equal bytes, so what may change by then is said here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from digest.bulletin import Bulletin
from digest.models import Paper
from digest.shortlist import Choice
from digest.wording import evidence

LEAST_TREND, LEAST_NOTICED = 0.5, 2
# A second wave stands among what is trending; what is from outside the topics comes last.
SECTION_ORDER = {"trending": 0, "again": 0, "new": 1, "everywhere": 2}


class Described:
    """What digests say of papers beside their text: read once, whoever gets them."""

    def __init__(self, bulletin: Bulletin) -> None:
        self._bulletin = bulletin
        self._evidence: dict[int, str] = {}
        self._is_trending: dict[int, bool] = {}
        self._category: dict[int, str] = {}

    def load(self, paper_ids: Iterable[int]) -> None:
        """Read the papers not read yet, one query for all of them."""
        rows = Paper.objects.filter(pk__in=set(paper_ids) - self._category.keys())
        for pk, parts, categories in rows.values_list("pk", "trend_parts", "categories"):
            self._evidence[pk] = evidence(parts)
            self._is_trending[pk] = is_trending(parts)
            self._category[pk] = categories[0] if categories else ""

    def papers(self, choices: Sequence[Choice]) -> list[dict[str, Any]]:
        """The papers of one delivery, section by section, each in the order of the choices."""
        papers = [paper_content(c, self._evidence.get(c.paper_id, "")) for c in choices]
        for paper in papers:
            if paper["section"] == "trending" and not self._is_trending.get(paper["id"], True):
                paper["section"] = "new"
        return sorted(papers, key=lambda paper: SECTION_ORDER[paper["section"]])

    def sources(self, choices: Sequence[Choice]) -> list[str]:
        """How the sources are that matter to one delivery."""
        counts = Counter(self._category.get(choice.paper_id, "") for choice in choices)
        categories = [name for name, _ in counts.most_common() if name]
        counts_votes = any(choice.trend > 0 for choice in choices)
        return self._bulletin.say(categories, counts_votes=counts_votes)


def is_trending(parts: Mapping[str, Any]) -> bool:
    """Whether a paper is talked about enough to stand under "trending", from Paper.trend_parts.

    Its trend is that of half a median day or more, and two people at least, or three sources, took
    notice: a single vote is cast by whoever put the paper on its list.
    """
    noticed = parts.get("votes", 0) + parts.get("comments", 0) >= LEAST_NOTICED
    is_widespread = parts.get("sources", 1) > LEAST_NOTICED
    return bool(parts.get("trend", 0.0) >= LEAST_TREND and (noticed or is_widespread))


def paper_content(choice: Choice, said: str) -> dict[str, Any]:
    """One paper of Delivery.contents; `said` is the evidence of its trend."""
    return {
        "id": choice.paper_id,
        "section": choice.section,
        "topics": [list(reason) for reason in choice.reasons],
        "evidence": choice.evidence or said,
    }
