"""The papers that may hold what was searched for: by the index of words, or from those in memory.

SQLite's index tells the newest of a frequent word as quickly as those of a rare one. PostgreSQL's
reads all that hold a word: there the newest papers in memory are looked through first, and what
is rare among them is asked of the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from digest.match.catalogue_cache import CatalogueState
from digest.match.word_index import Found, find_newest, list_keys
from subscribers.topics import Acronyms, ParsedTopic, Statistics

REACH = 1_000  # of the candidates, the papers that came last
FIRST = 125  # of these, where the newest come first: they fill the first pages of most searches
SCANNED = 10_000  # papers of the catalogue, before rarer words are asked of the index
PROBED = 1_000  # of these; a name that none of them has is rare, as most words that may be names
# A word is rare where by its share of papers half of FIRST would be among these. Of a frequent one
# thrice as many are looked for: how many there are in all is estimated from them.
RARE, AMPLE = 0.5, 3.0
# Rows that PostgreSQL would read to see how words stand in them: more take longer than to look
# through all papers in memory, where so many fill the first two pages.
MANY_ROWS, ENOUGH = 5_000, 51


@dataclass(frozen=True)
class Candidates:
    """One way to read what was typed, the ids of papers that may hold it, and how many more may."""

    topic: ParsedTopic
    papers: set[int]
    more: int = 0


def list_steps(*, newest_first: bool) -> list[int]:
    """How many candidates are asked for, one after the other, as long as a page wants more."""
    return [FIRST, REACH] if newest_first and FIRST < REACH else [REACH]


class CandidateFinder:
    """Finds them for all ways to read what was typed; without a catalogue by the index alone."""

    def __init__(
        self,
        topics: Sequence[ParsedTopic],
        acronyms: Acronyms,
        statistics: Statistics,
        state: CatalogueState | None,
    ) -> None:
        self.acronyms = acronyms
        self._topics, self._statistics, self._state = topics, statistics, state
        self._rare = set[str]()  # queries of which the newest papers hold too few

    def find(self, most: int) -> list[Candidates]:
        """The papers that came last and may hold each topic, `most` of them or more."""
        found = [(topic, self._find_papers(topic, most)) for topic in self._topics]
        return [Candidates(topic, set(one.ids), one.more) for topic, one in found]

    def _find_papers(self, topic: ParsedTopic, most: int) -> Found:
        state, found = self._state, None
        if state and most < REACH:
            found = self._scan_newest(topic, state)
        elif state and (topic.query not in self._rare or not state.papers_beyond):
            found = self._scan_all(topic, state)
        if found is None:
            self._rare.add(topic.query)
            found = find_newest(topic, self.acronyms, most)
        return found

    def _scan_newest(self, topic: ParsedTopic, state: CatalogueState) -> Found | None:
        """FIRST or more, of the papers added last; None where so many do not have as many.

        Where the index would read many rows, ENOUGH or more of all in memory do.
        """
        spans = [(SCANNED, FIRST)]
        if share := self._estimate_share(topic):
            if share < RARE * FIRST / SCANNED:
                return None
            spans.insert(0, (min(SCANNED, round(AMPLE * FIRST / share)), FIRST))
        if all(map(list_keys, topic.wanted)) and not self._scan(topic, state, PROBED, 1):
            return None
        if self._estimate_rows(topic, state) > MANY_ROWS:
            spans.append((len(state.catalogue), ENOUGH))
        return next((one for span in spans if (one := self._scan(topic, state, *span))), None)

    def _estimate_share(self, topic: ParsedTopic) -> float:
        """Of all papers the share that holds the topic; 0 where that is not known of its words."""
        [first, *others] = topic.wanted
        if others or first.field or len(first.stems) > 1 or self.acronyms.may_change(first):
            return 0.0
        return self._statistics.measure_share(first.stems) if self._statistics.papers else 0.0

    def _scan(
        self, topic: ParsedTopic, state: CatalogueState, span: int, least: int
    ) -> Found | None:
        catalogue = state.catalogue
        last = range(max(0, len(catalogue) - span), len(catalogue))
        ids = [catalogue.pks[i] for i in catalogue.find_candidates(topic, self.acronyms, last)]
        papers = len(catalogue) + state.papers_beyond
        if len(ids) < least and len(last) < papers:
            return None
        if len(last) == papers:
            return Found(ids, 0)
        return Found(ids, max(1, len(ids) * (papers - len(last)) // len(last)))

    def _estimate_rows(self, topic: ParsedTopic, state: CatalogueState) -> float:
        """How many papers hold all words of the topic, where they must stand somewhere as well."""
        terms = [term for term in topic.wanted if not list_keys(term)]
        if not any(term.field or len(term.stems) > 1 for term in terms):
            return 0.0
        stems = {stem for term in terms for stem in term.stems}
        papers = len(state.catalogue) + state.papers_beyond
        return papers * prod(self._statistics.measure_share([stem]) for stem in stems)

    def _scan_all(self, topic: ParsedTopic, state: CatalogueState) -> Found:
        """Those of the catalogue; where they are fewer than REACH, of those beyond it as well."""
        ids = list(state.catalogue.find_candidate_ids(topic, self.acronyms))
        if not state.papers_beyond or len(ids) >= REACH:
            # Of those that came before, as many are taken to hold it.
            return Found(ids, len(ids) * state.papers_beyond // len(state.catalogue))
        found = find_newest(topic, self.acronyms, REACH - len(ids), state.beyond)
        return Found([*ids, *found.ids], found.more)
