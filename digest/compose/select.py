"""Which papers a reader gets, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.compose.breakouts import SecondWave
from digest.compose.outside_topics import Everywhere
from digest.compose.profiles import LONGEST_GAP
from digest.compose.shortlist import Choice, Reader, Shortlist, all_topics, papers_sent
from digest.models import Delivery

Quiet = Delivery.Quiet
# A first digest takes the last day that had papers, and reaches back further only to be full.
FIRST_REACHES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
REACH = max(*LONGEST_GAP.values(), *FIRST_REACHES)
NEARLY = 5  # just below the cut: remembered, for the day on which one of them breaks out


@dataclass(frozen=True)
class Chosen:
    """One reader's papers in their order, or a Delivery.Quiet reason where there are none."""

    reason: str
    choices: list[Choice] = field(default_factory=list)
    nearly: list[int] = field(default_factory=list)  # ids of the best papers that had no room


class Offer:
    """All there is to choose from at `now`."""

    def __init__(self, now: datetime) -> None:
        self.shortlist = Shortlist(now, REACH)
        self._everywhere = Everywhere(now)
        self._second_wave = SecondWave(now)

    def choose(self, readers: Mapping[int, Reader]) -> dict[int, Chosen]:
        """What each reader gets; a few queries for all of them."""
        self.shortlist.load(all_topics(readers.values()))
        self._second_wave.load(readers.values())
        sent = self._sent_before(readers)
        return {pk: self._choose(r, sent.get(pk, set())) for pk, r in readers.items()}

    def _sent_before(self, readers: Mapping[int, Reader]) -> dict[int, set[int]]:
        """The papers sent to those who are offered one that they might already have."""
        earliest = {}
        for pk, reader in readers.items():
            offers = (self.shortlist, self._everywhere)
            if suspects := [at for offer in offers if (at := offer.earliest_suspect(reader))]:
                earliest[pk] = min(suspects)
        return papers_sent(earliest)

    def _choose(self, reader: Reader, sent: set[int]) -> Chosen:
        if reader.is_paused:
            return Chosen(Quiet.PAUSED)
        if not reader.follows:
            return Chosen(Quiet.NO_TOPICS)
        reason, found = self._new_papers(reader, sent)
        choices = self._second_wave.add_to(found[: reader.max_papers], reader)
        if choices:
            choices = self._everywhere.add_to(choices, reader, sent)
        taken = {choice.paper_id for choice in choices}
        nearly = [choice.paper_id for choice in found if choice.paper_id not in taken]
        return Chosen("" if choices else reason, choices, nearly[:NEARLY])

    def _new_papers(self, reader: Reader, sent: set[int]) -> tuple[str, list[Choice]]:
        """The best of what is new to the reader, the few just below the cut too."""
        wanted = reader.max_papers + NEARLY
        if reader.since is not None:
            return self.shortlist.choose(reader, reader.since, sent, wanted)
        reason, found = "", list[Choice]()
        for reach in FIRST_REACHES:
            since = self.shortlist.newest_at - reach
            reason, found = self.shortlist.choose(reader, since, sent, wanted)
            if len(found) >= reader.max_papers:
                break
        return reason, found
