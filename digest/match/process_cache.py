"""What one process keeps in memory of the papers and topics in the database, all in one object.

Load: `process_cache.load` before anybody asks (warm_up.py), or whoever asks first. Refresh: each
`get_…` asks in one short query whether the rows changed, and then reads what did. Forget:
`process_cache.forget_all`, as in a process that has just begun.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from digest.match.catalogue import Catalogue
from digest.match.catalogue_cache import (
    NO_PAPERS,
    CatalogueState,
    CatalogueVersion,
    PaperCount,
    count_papers_between,
    read_catalogue_version,
    refresh_catalogue,
)
from digest.match.frequent_words import list_frequent_stems
from digest.match.index_cache import (
    TopicIndexState,
    TopicsVersion,
    read_topics_version,
    refresh_topic_index,
)
from digest.match.learned import (
    Learned,
    read_acronyms_version,
    read_learned,
    read_learned_version,
)
from digest.match.recent import RecentPapers
from digest.match.word_index import finds_frequent_words_fast
from subscribers.acronyms import read_acronyms
from subscribers.topics import NO_ACRONYMS, Acronyms, TopicIndex

MOST_SEARCHES, MOST_SENSES = 64, 256
# Spans whose papers are counted: of a first digest, the shorter and the longer, and of senses.
COUNTED = (timedelta(days=1), timedelta(days=7), timedelta(days=28))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Value = TypeVar("Value")
Version = TypeVar("Version")


class RowCache(Generic[Value, Version]):
    """A value made from rows of the database, and the version of the rows it was made from.

    A version is whatever tells that the rows changed. One thread at a time makes the value anew;
    others that ask meanwhile wait for it.
    """

    def __init__(self, make_empty: Callable[[], Value], empty_version: Version) -> None:
        """The empty value is that of a database with the empty version, and needs no query."""
        self._make_empty, self._empty_version = make_empty, empty_version
        self.lock = Lock()
        self.value, self.version = make_empty(), empty_version

    @property
    def is_loading(self) -> bool:
        """Whether a thread makes the value just now; the value before it is still here."""
        return self.lock.locked()

    def refresh(self, version: Version, load: Callable[[Value, Version], Value]) -> Value:
        """Return the value of this version.

        `load` makes it where it is not that of the last call, from the last value and version. If
        it raises, those stay, and the next call tries again.
        """
        with self.lock:
            if version != self.version:
                self.value = load(self.value, self.version)
                self.version = version
            return self.value

    def forget(self) -> None:
        """Begin anew with the empty value."""
        with self.lock:
            self.value, self.version = self._make_empty(), self._empty_version


class LatestValues(Generic[Value]):
    """The values that were put in last, by their keys; the oldest give way to new ones."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self.lock = Lock()

    def list_keys(self) -> list[Any]:
        """Their keys, the newest last."""
        return list(self._values)

    def get(self, key: Hashable) -> Value | None:
        return self._values.get(key)

    def put(self, key: Hashable, value: Value) -> Value:
        """Keep the value, and return it."""
        with self.lock:
            self._values[key] = value
            while len(self._values) > self.most:
                self._values.popitem(last=False)
        return value

    def forget(self) -> None:
        self._values.clear()


class ProcessCache:
    """The papers and topics of the database as this process last read them."""

    def __init__(self) -> None:
        self.catalogue: RowCache[CatalogueState, CatalogueVersion]
        self.catalogue = RowCache(CatalogueState, NO_PAPERS)
        self.recent: RowCache[RecentPapers, tuple[object, ...]]
        self.recent = RowCache(lambda: RecentPapers(Catalogue(), _LONG_AGO), ())
        self.acronyms: RowCache[Acronyms, tuple[object, ...] | None]
        self.acronyms = RowCache(lambda: NO_ACRONYMS, None)
        self.learned: RowCache[Learned, tuple[object, ...]] = RowCache(Learned, ())
        self.topics: RowCache[TopicIndexState, TopicsVersion] = RowCache(TopicIndexState, None)
        # How many papers came within a span, and of which catalogue's version that is.
        self.paper_counts: dict[timedelta, RowCache[PaperCount | None, CatalogueVersion]] = {
            span: RowCache(lambda: None, NO_PAPERS) for span in COUNTED
        }
        self.senses: LatestValues[Any] = LatestValues(MOST_SENSES)  # those of sample_senses.py
        self.searches: LatestValues[Any] = LatestValues(MOST_SEARCHES)  # those of search.py
        self._is_loading = False

    def load(self, now: datetime) -> None:
        """Read what searches and previews ask for: some seconds with 20,000 papers."""
        self._is_loading = True
        try:
            self.get_catalogue()
            self.get_acronyms()
            self.get_learned(now)
        finally:
            self._is_loading = False
        # Nobody waits for these, which take half as long again.
        if stems := self._list_frequent_stems():
            self.catalogue.value.catalogue.keep_frequent_words(stems, self.catalogue.lock)

    @property
    def is_loading(self) -> bool:
        """Whether another thread reads the papers, so that who asks for them waits for seconds."""
        return self._is_loading or self.catalogue.is_loading

    def forget_all(self) -> None:
        """Keep nothing, as in a process that has just begun."""
        caches: list[RowCache[Any, Any]]
        caches = [self.catalogue, self.recent, self.acronyms, self.learned, self.topics]
        caches += self.paper_counts.values()
        for cache in caches:
            cache.forget()
        self.searches.forget()
        self.senses.forget()

    def get_catalogue(self) -> Catalogue:
        """Return the catalogue of all matched papers."""
        version = read_catalogue_version()
        state = self.catalogue.refresh(
            version,
            lambda state, before: refresh_catalogue(
                state, before, version, self._list_frequent_stems()
            ),
        )
        return state.catalogue

    def _list_frequent_stems(self) -> Collection[str]:
        """Those of what was learned last; none where the database's index tells them as quickly."""
        if finds_frequent_words_fast():
            return ()
        return list_frequent_stems(self.learned.value.statistics)

    def count_catalogued(self) -> int:
        """How many matched papers there are, those beyond the catalogue too; at least 1."""
        state = self.catalogue.value
        return max(len(state.catalogue) + state.papers_beyond, 1)

    def get_ready_catalogue(self) -> CatalogueState | None:
        """The same with what tells where it ends; None where it would have to be waited for.

        That is in a process's first seconds, when another thread reads it, and when it is full and
        would be read anew.
        """
        state = self.catalogue.value
        if self.catalogue.is_loading or not 0 < len(state.catalogue) <= state.most:
            return None
        self.get_catalogue()
        return self.catalogue.value

    def get_recent_papers(self, now: datetime) -> RecentPapers:
        """Return the papers of the 28 days up to now, as far as stage 3 has read them."""
        catalogue = self.get_catalogue()
        version = (catalogue, catalogue.changes, now.astimezone(UTC).date())
        return self.recent.refresh(version, lambda *_: RecentPapers(catalogue, now))

    def get_acronyms(self) -> Acronyms:
        """Return what stage 3 learned from the papers last."""
        return self.acronyms.refresh(read_acronyms_version(), lambda *_: read_acronyms())

    def get_learned(self, now: datetime) -> Learned:
        """Return what the papers from before today teach (`read_learned`)."""
        return self.learned.refresh(read_learned_version(now), lambda *_: read_learned(now))

    def count_papers(self, since: datetime, span: timedelta = COUNTED[-1]) -> int:
        """How many matched papers were first seen after this moment.

        Counted once whenever papers were matched, which reads them all; as the moment moves on only
        those between are counted, and taken off. `span` is one of COUNTED: how long ago that is.
        """
        version = read_catalogue_version()
        kept = self.paper_counts[span].refresh(version, lambda *_: PaperCount.read(since))
        if kept is None or kept.since > since:
            return PaperCount.read(since).papers
        if kept.since == since:  # until other papers come a first digest looks back from one moment
            return kept.papers
        return kept.papers - count_papers_between(kept.since, since)

    def get_topic_index(self) -> TopicIndex:
        """Return the index of all topics, whether anybody follows them or not."""
        version = read_topics_version(self.topics.value)
        return self.topics.refresh(version, refresh_topic_index).index


process_cache = ProcessCache()
