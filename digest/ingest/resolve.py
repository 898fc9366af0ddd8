"""Which paper an entry speaks of: looked up for a whole list at once, then found in memory.

The evidence, the strongest first: what the source called it before, its name or another name it
ever had, its DOI, what the publisher says it is a version of, and last its title with its authors
(`evidence`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.identifiers import fold_title, is_stronger, is_telling, may_be_one
from digest.ingest.evidence import is_earlier_listing, is_same_paper, name_other_people
from digest.ingest.sources.parsed import ParsedEntry
from digest.models import Entry, Merger, Paper, PaperAlias, Source


@dataclass
class PaperIndex:
    """The papers that a list of entries may speak of, and what this source said of them before."""

    by_guid: dict[str, Paper] = field(default_factory=dict)
    by_identifier: dict[str, Paper] = field(default_factory=dict)
    by_alias: dict[str, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    by_doi: dict[str, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    by_title: dict[str, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    mentioned: set[str] = field(default_factory=set)  # identifiers this source spoke of before
    # What the source no longer lists of a paper: identifier -> guids, with the dates they bore.
    unlisted: dict[str, list[tuple[str, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def load(cls, source: Source, entries: Sequence[ParsedEntry]) -> PaperIndex:
        """Read and lock all papers that any of the entries may speak of, in a few queries."""
        guids = [entry.guid for entry in entries]
        known = Entry.objects.filter(source=source, guid__in=guids)
        paper_ids = dict(known.values_list("guid", "paper_id"))
        ids = set(paper_ids.values())
        for lookup, keys in _list_lookups(entries).items():
            ids |= set(Paper.objects.filter(**{lookup: keys}).values_list("pk", flat=True))
        names = {name for entry in entries for name in list_names_of(entry)}
        aliases = list(PaperAlias.objects.filter(name__in=names).values_list("name", "paper_id"))
        ids |= {pk for _, pk in aliases}
        merged = dict(Merger.objects.filter(paper__in=ids).values_list("paper", "into"))
        ids |= set(merged.values())
        # Locked in one order: two workers with one paper wait for each other, and neither undoes.
        rows = Paper.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        papers = {paper.pk: paper for paper in rows}
        index = cls(by_guid={guid: papers[pk] for guid, pk in paper_ids.items()})
        for paper in papers.values():
            index.add_paper(paper)
        for gone, into in merged.items():
            index.by_identifier[papers[gone].identifier] = papers[into]
        for name, pk in aliases:
            index.by_alias[name].append(papers[merged.get(pk, pk)])
        index._note_mentions(source, papers, set(guids))
        return index

    def _note_mentions(self, source: Source, papers: dict[int, Paper], guids: set[str]) -> None:
        before = Entry.objects.filter(source=source, paper__in=papers)
        for guid, pk, date in before.values_list("guid", "paper_id", "published_at"):
            self.mentioned.add(papers[pk].identifier)
            if guid not in guids:
                self.unlisted[papers[pk].identifier].append((guid, date))

    def add_paper(self, paper: Paper) -> None:
        self.by_identifier[paper.identifier] = paper
        if paper.doi:
            self.by_doi[paper.doi].append(paper)
        if is_telling(paper.folded_title):
            self.by_title[paper.folded_title].append(paper)

    def may_rename(self, paper: Paper, identifier: str) -> bool:
        """True when the name is better than the paper's own, and no other paper's."""
        return is_stronger(identifier, paper.identifier) and identifier not in self.by_identifier

    def find_named(self, name: str) -> Paper | None:
        """The paper that has this name, or ever had it."""
        return self.by_identifier.get(name) or next(iter(self.by_alias.get(name, ())), None)

    def find_earlier_listing(
        self, entry: ParsedEntry, folded_title: str
    ) -> tuple[Paper, str] | None:
        """The paper that the source listed under another guid, which it no longer lists.

        Links that carry a token change at each fetch, and with them the guids that are made of
        them; this is how the entry is known again. The old guid comes with the paper.
        """
        if entry.guid in self.by_guid:
            return None
        named = self.find_named(entry.identifier)
        for paper in [named] if named else self.by_title.get(folded_title, []):
            for listing in self.unlisted.get(paper.identifier, []):
                guid, date = listing
                is_same = not entry.has_id if named else is_earlier_listing(paper, entry, date)
                if is_same:
                    self.unlisted[paper.identifier].remove(listing)
                    return paper, guid
        return None

    def find_paper(self, entry: ParsedEntry, folded_title: str) -> Paper | None:
        """The paper by its names, its DOI or a relation, else by title and authors."""
        named = self.by_guid.get(entry.guid) or self.find_named(entry.identifier)
        if named:
            return named
        for paper in self._list_related(entry):
            if may_be_one(entry.identifier, paper.identifier):
                return paper
        candidates = self.by_title.get(folded_title, []) if is_telling(folded_title) else []
        for paper in candidates:
            if is_same_paper(paper, entry, is_known_here=paper.identifier in self.mentioned):
                return paper
        return None

    def _list_related(self, entry: ParsedEntry) -> Iterator[Paper]:
        yield from self.by_doi.get(entry.doi, []) if entry.doi else []
        for name in entry.relations:
            paper = self.find_named(name)
            if paper and not name_other_people(paper.authors, entry.authors):
                yield paper

    def find_duplicate(self, paper: Paper, entry: ParsedEntry) -> Paper | None:
        """Another row that this entry proves to be the same paper, by a name they share."""
        for namesake in self.by_alias.get(entry.identifier, []):
            if namesake is not paper:
                return namesake
        names = [name for name in list_names_of(entry) if not name.startswith("url:")]
        others = [*map(self.find_named, names), *self.by_doi.get(entry.doi, [])]
        for other in others if entry.doi or names else []:
            if other and other is not paper and _may_be_one_paper(paper, other):
                return other
        return None

    def replace_paper(self, gone: Paper, kept: Paper) -> None:
        """From now on every name of `gone` finds `kept`."""
        for names in (self.by_guid, self.by_identifier):
            names.update({name: kept for name, paper in names.items() if paper is gone})
        for papers in (
            *self.by_doi.values(),
            *self.by_title.values(),
            *self.by_alias.values(),
        ):
            papers[:] = [kept if paper is gone else paper for paper in papers]
        if gone.identifier in self.mentioned:
            self.mentioned.add(kept.identifier)


def list_names_of(entry: ParsedEntry) -> list[str]:
    """All names that an entry gives its paper."""
    return [entry.identifier, *([f"doi:{entry.doi}"] if entry.doi else []), *entry.relations]


def _list_lookups(entries: Iterable[ParsedEntry]) -> dict[str, list[str]]:
    titles = {fold_title(entry.title) for entry in entries}
    return {
        "identifier__in": list({name for entry in entries for name in list_names_of(entry)}),
        "doi__in": [entry.doi for entry in entries if entry.doi],
        "folded_title__in": [title for title in titles if is_telling(title)],
    }


def _may_be_one_paper(paper: Paper, other: Paper) -> bool:
    """Whether two rows that an entry names can be one paper."""
    is_possible = may_be_one(paper.identifier, other.identifier)
    return is_possible and not name_other_people(paper.authors, other.authors)
