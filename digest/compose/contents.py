"""What is written into a delivery beside the choice of its papers, as it is known now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass

from digest.compose.folio import Folios
from digest.compose.shortlist import Choice
from digest.compose.source_notes import Bulletin
from digest.models import Delivery, DigestItem, Folio, Paper, Section, TrendParts
from digest.models.contents import LATE_FIELDS
from digest.score.explain import evidence, is_trending

# Breakouts stand among what is trending; what is from outside the topics comes last.
SECTION_ORDER = {Section.TRENDING: 0, Section.BREAKOUT: 0, Section.NEW: 1, Section.OUTSIDE: 2}


@dataclass(frozen=True, slots=True)
class PaperState:
    """What a digest says of a paper beside its text, which may change by the next day."""

    evidence: str = ""
    is_trending: bool = True
    category: str = ""
    stars: int | None = None
    lacks: tuple[str, ...] = ()


DELETED = PaperState()


class Described:
    """What digests say of papers beside their text: read once, whoever gets them."""

    def __init__(self, bulletin: Bulletin) -> None:
        self._bulletin = bulletin
        self._states: dict[int, PaperState] = {}
        self._folios = Folios()

    def load(self, paper_ids: Iterable[int]) -> None:
        """Read the papers not read yet, one query for all of them."""
        rows = Paper.objects.filter(pk__in=set(paper_ids) - self._states.keys())
        late_fields = tuple(LATE_FIELDS.values())
        fields = ("pk", "trend_parts", "categories", "code_stars", *late_fields)
        for pk, stored, categories, stars, *late in rows.values_list(*fields):
            parts = TrendParts.from_json(stored)
            self._states[pk] = PaperState(
                evidence=evidence(parts),
                is_trending=is_trending(parts),
                category=categories[0] if categories else "",
                stars=stars or 0,
                lacks=tuple(n for n, value in zip(late_fields, late, strict=True) if not value),
            )

    def papers(self, choices: Sequence[Choice]) -> tuple[DigestItem, ...]:
        """The papers of one delivery, section by section, each in the order of the choices."""
        items = [self._describe(choice) for choice in choices]
        return tuple(sorted(items, key=lambda item: SECTION_ORDER[item.section]))

    def _describe(self, choice: Choice) -> DigestItem:
        state = self._states.get(choice.paper_id, DELETED)
        is_new = choice.section == Section.TRENDING and not state.is_trending
        return DigestItem(
            paper_id=choice.paper_id,
            section=Section.NEW if is_new else choice.section,
            reasons=choice.reasons,
            evidence=choice.evidence or state.evidence,
            stars=state.stars,
            lacks=state.lacks,
        )

    def folio(self, delivery: Delivery) -> Folio:
        """What one delivery's folio line says of its day."""
        return self._folios.of(delivery.edition.date)

    def sources(self, choices: Sequence[Choice]) -> tuple[str, ...]:
        """How the sources are that matter to one delivery."""
        counts = Counter(self._states.get(c.paper_id, DELETED).category for c in choices)
        categories = [name for name, _ in counts.most_common() if name]
        counts_votes = any(choice.trend > 0 for choice in choices)
        return tuple(self._bulletin.say(categories, counts_votes=counts_votes))


def as_composed(paper: Paper, item: DigestItem) -> Paper:
    """The paper as it was when the item was written; an item too old to say leaves it as it is."""
    if item.stars is None:
        return paper
    then = copy(paper)
    then.code_stars = item.stars
    for name in item.lacks:
        setattr(then, name, "")
    return then
