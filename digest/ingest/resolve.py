"""Which paper an entry speaks of: looked up for a whole list at once, then found in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from digest.identifiers import fold_title, is_stronger, is_telling, may_be_one
from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Entry, Merger, Paper, Source


@dataclass
class PaperIndex:
    """The papers that a list of entries may speak of, and what this source said of them before."""

    by_guid: dict[str, Paper] = field(default_factory=dict)
    by_identifier: dict[str, Paper] = field(default_factory=dict)
    by_doi: dict[str, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    by_title: dict[str, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    mentioned: set[str] = field(default_factory=set)  # identifiers this source spoke of before

    @classmethod
    def load(cls, source: Source, entries: Sequence[ParsedEntry]) -> PaperIndex:
        """Read and lock all papers that any of the entries may speak of, in a few queries."""
        known = Entry.objects.filter(source=source, guid__in=[e.guid for e in entries])
        paper_ids = dict(known.values_list("guid", "paper_id"))
        ids = set(paper_ids.values())
        for lookup, keys in _list_lookups(entries).items():
            ids |= set(Paper.objects.filter(**{lookup: keys}).values_list("pk", flat=True))
        merged = dict(Merger.objects.filter(paper__in=ids).values_list("paper", "into"))
        ids |= set(merged.values())
        # Locked in one order: two workers with one paper wait for each other, and neither undoes.
        rows = Paper.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        papers = {paper.pk: paper for paper in rows}
        before = Entry.objects.filter(source=source, paper__in=ids)
        index = cls(by_guid={guid: papers[pk] for guid, pk in paper_ids.items()})
        index.mentioned = {papers[pk].identifier for pk in before.values_list("paper", flat=True)}
        for paper in papers.values():
            index.add_paper(paper)
        for gone, into in merged.items():
            index.by_identifier[papers[gone].identifier] = papers[into]
        return index

    def add_paper(self, paper: Paper) -> None:
        self.by_identifier[paper.identifier] = paper
        if paper.doi:
            self.by_doi[paper.doi].append(paper)
        if is_telling(paper.folded_title):
            self.by_title[paper.folded_title].append(paper)

    def may_rename(self, paper: Paper, identifier: str) -> bool:
        """True when the name is better than the paper's own, and no other paper's."""
        return is_stronger(identifier, paper.identifier) and identifier not in self.by_identifier

    def find_paper(self, entry: ParsedEntry, folded_title: str) -> Paper | None:
        """The paper by its name, else by its DOI, else by a title that is long enough to trust."""
        named = self.by_guid.get(entry.guid) or self.by_identifier.get(entry.identifier)
        if named:
            return named
        for by_doi in self.by_doi.get(entry.doi, []) if entry.doi else []:
            if may_be_one(entry.identifier, by_doi.identifier):
                return by_doi
        candidates = self.by_title.get(folded_title, []) if is_telling(folded_title) else []
        return next((paper for paper in candidates if self._is_same_paper(paper, entry)), None)

    def find_duplicate(self, paper: Paper, entry: ParsedEntry) -> Paper | None:
        """Another row that this entry proves to be the same paper, by its number or DOI."""
        names = [entry.identifier, f"doi:{entry.doi}" if entry.doi else ""]
        named = [self.by_identifier.get(name) for name in names if not name.startswith("url:")]
        others = [*named, *self.by_doi.get(entry.doi, [])] if entry.doi else named
        return next((other for other in others if other and _may_be_one_paper(paper, other)), None)

    def replace_paper(self, gone: Paper, kept: Paper) -> None:
        """From now on every name of `gone` finds `kept`."""
        for names in (self.by_guid, self.by_identifier):
            names.update({name: kept for name, paper in names.items() if paper is gone})
        for papers in (*self.by_doi.values(), *self.by_title.values()):
            papers[:] = [kept if paper is gone else paper for paper in papers]
        if gone.identifier in self.mentioned:
            self.mentioned.add(kept.identifier)

    def _is_same_paper(self, paper: Paper, entry: ParsedEntry) -> bool:
        # One source giving one title to two entries means two papers: "Highlights of the week".
        return (
            paper.identifier not in self.mentioned
            and may_be_one(entry.identifier, paper.identifier)
            and _share_an_author(paper.authors, entry.authors)
        )


def _list_lookups(entries: Iterable[ParsedEntry]) -> dict[str, list[str]]:
    titles = (fold_title(entry.title) for entry in entries)
    return {
        "identifier__in": [entry.identifier for entry in entries],
        "doi__in": [entry.doi for entry in entries if entry.doi],
        "folded_title__in": [title for title in titles if is_telling(title)],
    }


def _may_be_one_paper(paper: Paper, other: Paper) -> bool:
    """Whether two rows that an entry names can be one paper: named by names of two kinds."""
    schemes = {row.identifier.partition(":")[0] for row in (paper, other)}
    return len(schemes) == 2 and _share_an_author(paper.authors, other.authors)


def _share_an_author(one: Iterable[str], other: Iterable[str]) -> bool:
    """True as well where one of them names no author."""
    here, there = _fold_surnames(one), _fold_surnames(other)
    return not here or not there or bool(here & there)


def _fold_surnames(names: Iterable[str]) -> set[str]:
    return {folded.rpartition(" ")[2] for name in names if (folded := fold_title(name))}
