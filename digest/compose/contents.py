"""What is written into a delivery beside the choice of its papers, as it is known now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

from digest.compose.candidates import Choice
from digest.compose.folio import FolioCache
from digest.compose.source_notes import SourceNotes
from digest.models import (
    DigestContents,
    DigestItem,
    Paper,
    Section,
    TrendParts,
)
from digest.models.contents import LATE_FIELDS
from digest.score.explain import describe_evidence, is_trending

# Breakouts stand among what is trending; what is from outside the topics comes last.
SECTION_ORDER = {
    Section.TRENDING: 0,
    Section.BREAKOUT: 0,
    Section.NEW: 1,
    Section.PASSING: 2,
    Section.NEAR: 3,
    Section.OUTSIDE: 4,
}
MOST_ITEMS = 16_384  # kept for those who get the same
FOUND_SECTIONS = {Section.TRENDING, Section.NEW, Section.PASSING}


@dataclass(frozen=True, slots=True)
class PaperState:
    """What a digest says of a paper beside its text, which may change by the next day."""

    evidence: str = ""
    is_trending: bool = True
    category: str = ""  # the primary one
    stars: int | None = None
    lacks: tuple[str, ...] = ()  # which of LATE_FIELDS are empty


DELETED = PaperState()
_RankedItem = tuple[int, DigestItem]  # with the place of its section


class ContentsWriter:
    """Writes contents as they are at `now`; what digests have in common is read once."""

    def __init__(self, now: datetime) -> None:
        self._source_notes = SourceNotes(now)
        self._states: dict[int, PaperState] = {}
        self._folios = FolioCache()
        self._notes: dict[tuple[tuple[str, ...], bool], tuple[str, ...]] = {}
        self._items: dict[Choice, _RankedItem] = {}

    def load_papers(self, paper_ids: Iterable[int]) -> None:
        """Read the papers not read yet, one query for all of them."""
        rows = Paper.objects.filter(pk__any_of=set(paper_ids) - self._states.keys())
        late_fields = tuple(LATE_FIELDS.values())
        fields = ("pk", "trend_parts", "categories", "code_stars", *late_fields)
        for pk, stored, categories, stars, *late in rows.values_list(*fields):
            parts = TrendParts.from_json(stored)
            self._states[pk] = PaperState(
                evidence=describe_evidence(parts),
                is_trending=is_trending(parts),
                category=categories[0] if categories else "",
                stars=stars or 0,
                lacks=tuple(n for n, value in zip(late_fields, late, strict=True) if not value),
            )

    def write_digest(
        self,
        choices: Sequence[Choice],
        *,
        day: date,
        cadence: str,
        seen: int,
        nearly: Sequence[int] = (),
        is_first: bool = False,
        in_topics: int = 0,
        since: datetime | None = None,
    ) -> DigestContents:
        """The contents of a delivery with these papers, loaded before; `day` is its edition's.

        `in_topics` papers that became available after `since` are in the topics, with room or not.
        """
        is_cut = in_topics > sum(choice.section in FOUND_SECTIONS for choice in choices)
        return DigestContents(
            papers=self._describe_papers(choices),
            seen=seen,
            sources=self._list_source_notes(choices),
            folio=self._folios.find_folio(day),
            cadence=cadence,
            nearly=tuple(nearly),
            is_first=is_first,
            in_topics=in_topics if is_cut else 0,
            since=since if is_cut else None,
        )

    def _describe_papers(self, choices: Sequence[Choice]) -> tuple[DigestItem, ...]:
        """The papers section by section, each in the order of the choices."""
        known = self._items
        items = [known.get(choice) or self._keep_item(choice) for choice in choices]
        items.sort(key=itemgetter(0))
        return tuple([item for _, item in items])

    def _keep_item(self, choice: Choice) -> _RankedItem:
        """One for all who get the paper for the same topics."""
        if len(self._items) >= MOST_ITEMS:
            self._items.clear()
        item = self._make_item(choice)
        self._items[choice] = ranked = (SECTION_ORDER[item.section], item)
        return ranked

    def _make_item(self, choice: Choice) -> DigestItem:
        state = self._states.get(choice.paper_id, DELETED)
        is_new = choice.section == Section.TRENDING and not state.is_trending
        return DigestItem(
            paper_id=choice.paper_id,
            section=Section.NEW if is_new else choice.section,
            reasons=choice.reasons,
            evidence=choice.evidence or state.evidence,
            stars=state.stars,
            lacks=state.lacks,
            perhaps_seen=choice.perhaps_seen,
        )

    def _list_source_notes(self, choices: Sequence[Choice]) -> tuple[str, ...]:
        """How the sources are that matter to these papers."""
        counts: dict[str, int] = {}
        states = self._states
        for choice in choices:
            category = states.get(choice.paper_id, DELETED).category
            counts[category] = counts.get(category, 0) + 1
        counts.pop("", None)
        commonest_first = sorted(counts, key=lambda name: -counts[name])
        counts_votes = any(choice.trend > 0 for choice in choices)
        return self._list_notes(tuple(commonest_first), counts_votes)

    def _list_notes(self, categories: tuple[str, ...], counts_votes: bool) -> tuple[str, ...]:
        """The same for everybody whose papers are of these categories."""
        key = (categories, counts_votes)
        if key not in self._notes:
            notes = self._source_notes.list_notes(categories, counts_votes=counts_votes)
            self._notes[key] = tuple(notes)
        return self._notes[key]


def restore_paper(paper: Paper, item: DigestItem) -> Paper:
    """The paper as it was when the item was written; as it is where the item is too old to say."""
    if item.stars is None:
        return paper
    restored = copy(paper)
    restored.code_stars = item.stars
    for name in item.lacks:
        setattr(restored, name, "")
    return restored
