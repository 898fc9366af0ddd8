"""What a delivery holds, as Delivery.contents keeps it; written once, when it is composed.

A mail that is rendered again must have equal bytes, so what may change by then is said here: the
evidence of a trend, the stars of its code, what the paper had not yet, and the folio line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from digest.compose.folio import Folios
from digest.compose.shortlist import Choice
from digest.compose.source_notes import Bulletin
from digest.models import Delivery, Paper
from digest.score.explain import evidence, is_trending

# A second wave stands among what is trending; what is from outside the topics comes last.
SECTION_ORDER = {"trending": 0, "again": 0, "new": 1, "everywhere": 2}
# Of a paper what comes later or not at all, by the letter that says it was not there yet.
LATE = {"s": "summary", "c": "code_url", "o": "organization"}


class Described:
    """What digests say of papers beside their text: read once, whoever gets them."""

    def __init__(self, bulletin: Bulletin) -> None:
        self._bulletin = bulletin
        self._evidence: dict[int, str] = {}
        self._is_trending: dict[int, bool] = {}
        self._category: dict[int, str] = {}
        self._state: dict[int, dict[str, Any]] = {}
        self._folios = Folios()

    def load(self, paper_ids: Iterable[int]) -> None:
        """Read the papers not read yet, one query for all of them."""
        rows = Paper.objects.filter(pk__in=set(paper_ids) - self._category.keys())
        fields = ("pk", "trend_parts", "categories", "code_stars", *LATE.values())
        for pk, parts, categories, stars, *late in rows.values_list(*fields):
            self._evidence[pk] = evidence(parts)
            self._is_trending[pk] = is_trending(parts)
            self._category[pk] = categories[0] if categories else ""
            lacks = "".join(letter for letter, value in zip(LATE, late, strict=True) if not value)
            self._state[pk] = {"stars": stars or 0, "lacks": lacks}

    def papers(self, choices: Sequence[Choice]) -> list[dict[str, Any]]:
        """The papers of one delivery, section by section, each in the order of the choices."""
        papers = [
            paper_content(c, self._evidence.get(c.paper_id, "")) | self._state.get(c.paper_id, {})
            for c in choices
        ]
        for paper in papers:
            if paper["section"] == "trending" and not self._is_trending.get(paper["id"], True):
                paper["section"] = "new"
        return sorted(papers, key=lambda paper: SECTION_ORDER[paper["section"]])

    def folio(self, delivery: Delivery) -> dict[str, Any]:
        """What one delivery's folio line says, and how often its reader gets one."""
        return self._folios.of(delivery.edition.date) | {"cadence": delivery.subscriber.cadence}

    def sources(self, choices: Sequence[Choice]) -> list[str]:
        """How the sources are that matter to one delivery."""
        counts = Counter(self._category.get(choice.paper_id, "") for choice in choices)
        categories = [name for name, _ in counts.most_common() if name]
        counts_votes = any(choice.trend > 0 for choice in choices)
        return self._bulletin.say(categories, counts_votes=counts_votes)


def as_composed(paper: Paper, item: Mapping[str, Any]) -> Paper:
    """The paper as it was when the item was written; an item of old says nothing of that."""
    if "stars" not in item:
        return paper
    then = copy(paper)
    then.code_stars = item["stars"]
    for letter in item["lacks"]:
        setattr(then, LATE[letter], "")
    return then


def paper_content(choice: Choice, said: str) -> dict[str, Any]:
    """One paper of Delivery.contents; `said` is the evidence of its trend."""
    return {
        "id": choice.paper_id,
        "section": choice.section,
        "topics": [list(reason) for reason in choice.reasons],
        "evidence": choice.evidence or said,
    }
