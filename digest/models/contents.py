"""What a delivery holds: the shape of Delivery.contents, written once when it is composed.

A mail that is rendered again must have equal bytes, so what may change by then is stored: the
evidence of a trend, the stars of a paper's code, what the paper lacked, the folio line.

    {"version": 1,
     "papers": [{"id": 41, "section": "trending", "topics": [[topic id, query, found words]],
                 "evidence": "+41 votes since yesterday, 63 in all, 2nd day",
                 "stars": 1200, "lacks": "so", "perhaps_seen": true}],
     "seen": 171, "sources": ["cs.CL: 95 new"], "number": 212, "lists": "arXiv, Hugging Face",
     "cadence": "daily", "nearly": [57, 58], "is_first": true,
     "in_topics": 197, "since": "2026-04-22T06:00:00+00:00"}

A quiet delivery holds {"version": 1, "papers": [], "note": "None of the 41 new papers is in …"}.
Rows without a version are older: their papers may lack "evidence", "stars" and "lacks", and they
themselves all but "papers". Scripts outside read "papers" with "id", "section" and "topics".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, Self

VERSION = 1
# The fields of a paper that are filled in late, by the letter that says one was empty.
LATE_FIELDS = {"s": "summary", "c": "code_url", "o": "organization"}
_LETTERS = {name: letter for letter, name in LATE_FIELDS.items()}


class Section(StrEnum):
    """Where a paper stands in a digest, and so why it is there."""

    TRENDING = "trending"  # in the subscriber's topics
    NEW = "new"  # in the subscriber's topics
    PASSING = "passing"  # a topic is only mentioned in it
    BREAKOUT = "again"  # sent, or nearly sent, days before; its evidence says why it comes now
    OUTSIDE = "everywhere"  # a strong paper from outside the topics
    NEAR = "near"  # in none of the topics, but like what they find


class TopicReason(NamedTuple):
    """A topic that found a paper, and the found words as Match.where has them."""

    topic_id: int
    query: str
    where: str


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One paper of a delivery. None stands where a row is too old to say."""

    paper_id: int
    section: Section
    reasons: tuple[TopicReason, ...] = ()
    evidence: str | None = None  # of its trend, in words; "" where there was none
    stars: int | None = None  # of its code
    lacks: tuple[str, ...] = ()  # which of LATE_FIELDS were empty
    perhaps_seen: bool = False  # it stands in an earlier delivery that is in doubt
    _text: str = field(default="", init=False, repr=False, compare=False)  # once it was written

    def __hash__(self) -> int:
        """Of what tells most items apart and is cheap to hash: items are keys by the million."""
        return hash((self.paper_id, self.evidence, tuple([r.query for r in self.reasons])))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> DigestItem:
        return _build_item(
            stored["id"],
            stored.get("section", Section.NEW),
            tuple(map(tuple, stored.get("topics", ()))),
            stored.get("evidence"),
            stored.get("stars"),
            stored.get("lacks", ""),
            stored.get("perhaps_seen", False),
        )

    def to_json(self) -> dict[str, Any]:
        stored: dict[str, Any] = {
            "id": self.paper_id,
            "section": self.section.value,
            "topics": [[reason.topic_id, reason.query, reason.where] for reason in self.reasons],
        }
        return stored | _list_state(self.evidence, self.stars, self.lacks, self.perhaps_seen)

    def to_text(self) -> str:
        """The same as text, put together once, of pieces that many items have in common."""
        if not self._text:
            reasons = ", ".join([_write_reason(reason) for reason in self.reasons])
            state = _write_state(self.evidence, self.stars, self.lacks, self.perhaps_seen)
            head = f'{{"id": {self.paper_id}, "section": "{self.section.value}"'
            object.__setattr__(self, "_text", f'{head}, "topics": [{reasons}]{state}}}')
        return self._text


def _list_state(
    evidence: str | None, stars: int | None, lacks: tuple[str, ...], perhaps_seen: bool
) -> dict[str, Any]:
    """What an item holds beside its paper and the reasons."""
    stored: dict[str, Any] = {}
    if evidence is not None:
        stored["evidence"] = evidence
    if stars is not None:
        stored["stars"] = stars
        stored["lacks"] = "".join([_LETTERS[name] for name in lacks])
    if perhaps_seen:
        stored["perhaps_seen"] = True
    return stored


@lru_cache(maxsize=16_384)
def _write_reason(reason: TopicReason) -> str:
    return json.dumps([reason.topic_id, reason.query, reason.where])


@lru_cache(maxsize=8_192)
def _write_state(
    evidence: str | None, stars: int | None, lacks: tuple[str, ...], perhaps_seen: bool
) -> str:
    return _write_members(_list_state(evidence, stars, lacks, perhaps_seen))


def _write_members(stored: Mapping[str, Any]) -> str:
    """What is to stand behind other members of an object."""
    return f", {json.dumps(stored)[1:-1]}" if stored else ""


@lru_cache(maxsize=8_192)  # thousands of subscribers get one paper for the same topics
def _build_item(
    paper_id: int,
    section: str,
    topics: tuple[tuple[Any, ...], ...],
    evidence: str | None,
    stars: int | None,
    lacks: str,
    perhaps_seen: bool,
) -> DigestItem:
    return DigestItem(
        paper_id=paper_id,
        section=Section(section),
        reasons=tuple(TopicReason(*topic) for topic in topics),
        evidence=evidence,
        stars=stars,
        lacks=tuple(LATE_FIELDS[letter] for letter in lacks),
        perhaps_seen=perhaps_seen,
    )


@dataclass(frozen=True, slots=True)
class Folio:
    """What a mail's folio line says of its day: the day's number, and whose lists were new."""

    number: int
    lists: str


@dataclass(frozen=True, slots=True)
class DigestContents:
    """All that a delivery holds: its papers, or the note that says why there are none."""

    papers: tuple[DigestItem, ...] = ()
    note: str = ""
    seen: int = 0  # new papers that were looked at
    sources: tuple[str, ...] = ()  # how the sources are that matter to it, at most four lines
    folio: Folio | None = None  # None: the row is too old to say
    cadence: str = ""  # of the subscriber when it was composed; "": the row is too old to say
    nearly: tuple[int, ...] = ()  # ids of the best papers that had no room
    is_first: bool = False
    in_topics: int = 0  # papers in the topics where not all had room; 0 where all had
    since: datetime | None = None  # these became available later; None where all had room

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what Delivery.contents holds; ValueError where a newer release wrote it."""
        if (version := stored.get("version", 0)) > VERSION:
            raise ValueError(f"Contents of version {version}; this release reads up to {VERSION}.")
        return cls(
            papers=tuple([DigestItem.from_json(item) for item in stored.get("papers", ())]),
            note=stored.get("note", ""),
            seen=stored.get("seen", 0),
            sources=tuple(stored.get("sources", ())),
            folio=Folio(stored["number"], stored["lists"]) if "lists" in stored else None,
            cadence=stored.get("cadence", ""),
            nearly=tuple(stored.get("nearly", ())),
            is_first=stored.get("is_first", False),
            in_topics=stored.get("in_topics", 0),
            since=datetime.fromisoformat(stored["since"]) if "since" in stored else None,
        )

    def to_json(self) -> dict[str, Any]:
        """What Delivery.contents is to hold."""
        papers = [item.to_json() for item in self.papers]
        return {"version": VERSION, "papers": papers} | self._list_others()

    def to_text(self) -> str:
        """The same as text; a paper that many digests hold for the same topics is written once."""
        papers = ", ".join([item.to_text() for item in self.papers])
        seen = self.seen if self.papers else None
        of_day = _write_day(seen, self.sources, self.folio, self.cadence)
        return f'{{"version": {VERSION}, "papers": [{papers}]{of_day}{self._write_own()}}}'

    def _list_others(self) -> dict[str, Any]:
        """What it holds beside its papers."""
        optional = {
            "nearly": list(self.nearly),
            "is_first": self.is_first,
            "note": self.note,
            "in_topics": self.in_topics,
            "since": self.since.isoformat() if self.since else "",
        }
        of_day = _list_day(
            self.seen if self.papers else None, self.sources, self.folio, self.cadence
        )
        return of_day | {name: value for name, value in optional.items() if value}

    def _write_own(self) -> str:
        """What is hardly ever the same for two, as `_list_others` has it."""
        nearly = f', "nearly": {list(self.nearly)}' if self.nearly else ""
        is_first = ', "is_first": true' if self.is_first else ""
        note = f', "note": {_write_note(self.note)}' if self.note else ""
        in_topics = f', "in_topics": {self.in_topics}' if self.in_topics else ""
        since = f', "since": "{self.since.isoformat()}"' if self.since else ""
        return f"{nearly}{is_first}{note}{in_topics}{since}"


def _list_day(
    seen: int | None, sources: tuple[str, ...], folio: Folio | None, cadence: str
) -> dict[str, Any]:
    """What is the same for many of one day; `seen` is None where there are no papers."""
    stored: dict[str, Any] = {}
    if seen is not None:
        stored |= {"seen": seen, "sources": list(sources)}
    if folio:
        stored |= {"number": folio.number, "lists": folio.lists}
    return stored | ({"cadence": cadence} if cadence else {})


@lru_cache(maxsize=1_024)
def _write_day(
    seen: int | None, sources: tuple[str, ...], folio: Folio | None, cadence: str
) -> str:
    return _write_members(_list_day(seen, sources, folio, cadence))


@lru_cache(maxsize=1_024)
def _write_note(note: str) -> str:
    return json.dumps(note)


# What many rows are read for at once, without building their items.


def list_paper_ids(stored: Mapping[str, Any]) -> list[int]:
    """The ids of the papers in Delivery.contents, in their order."""
    return [item["id"] for item in stored.get("papers", ())]


def list_perhaps_seen_ids(stored: Mapping[str, Any]) -> list[int]:
    """The ids of those papers in Delivery.contents that an earlier one in doubt holds too."""
    return [item["id"] for item in stored.get("papers", ()) if item.get("perhaps_seen")]


def list_breakout_ids(stored: Mapping[str, Any]) -> list[int]:
    """The ids of those papers in Delivery.contents that came as breakouts."""
    return [i["id"] for i in stored.get("papers", ()) if i.get("section") == Section.BREAKOUT]


def list_nearly_ids(stored: Mapping[str, Any]) -> list[int]:
    """The ids of the best papers that had no room in the digest."""
    return list(stored.get("nearly", ()))
