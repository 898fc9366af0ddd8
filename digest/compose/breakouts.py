"""Breakouts: papers that were sent, or nearly sent, days ago and get their votes only now.

A paper breaks out when its votes come at BREAKOUT_VELOCITY a day or more, and at BREAKOUT_FACTOR
times the pace they came at before that day (both as Paper.trend_parts keeps them). Subscribers
whose digest of SENT_BEFORE to LONGEST_AGO held it, or had it among the few just below the cut, get
it once more; a SentBreakout row remembers that, and its constraint refuses a third time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.dateformat import format as date_format
from django.utils.translation import ngettext

from digest.compose.candidates import Choice
from digest.compose.profiles import Profile
from digest.models import (
    Delivery,
    DigestContents,
    Match,
    Merger,
    Paper,
    Section,
    SentBreakout,
    Snapshot,
    TopicReason,
    TrendParts,
)
from digest.models.paper_ids import PaperIds, pick_from_contents

BREAKOUT_VELOCITY = 20.0  # votes a day
BREAKOUT_FACTOR = 3.0
SENT_BEFORE = timedelta(days=6)
LONGEST_AGO = timedelta(days=14)  # nobody counts votes for longer
MOST = 20  # breaking out at once; the fastest of them
FEWEST_BESIDE = 3  # in a full digest it takes the last place only if so many others stay


@dataclass(frozen=True)
class Breakout:
    """One paper that breaks out, and what found it."""

    paper_id: int
    first_seen_at: datetime
    parts: TrendParts
    topics: Mapping[int, str]  # topic id -> the found words
    votes: Sequence[tuple[datetime, int]]  # as they were counted, the latest first

    def concerns(self, profile: Profile) -> bool:
        """Whether it is in what the subscriber follows, and in nothing that they mute."""
        is_followed = not self.topics.keys().isdisjoint(profile.follows)
        return is_followed and self.topics.keys().isdisjoint(profile.mutes)

    def count_votes_at(self, moment: datetime) -> int:
        return next((votes for taken_at, votes in self.votes if taken_at <= moment), 0)


@dataclass(frozen=True)
class EarlierDigest:
    """The last digest that told a subscriber of a paper, and whether the paper was in it."""

    covers_until: datetime
    day: date
    was_sent: bool  # or was it among those just below the cut


class Breakouts:
    """The papers that break out at `now`, the fastest first, and who had them before."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._breakouts = find_breakouts(now)
        self._earlier: dict[tuple[int, int], EarlierDigest] = {}  # by subscriber and paper
        self._concerning: dict[int, list[Breakout]] = {}  # by subscriber

    def load(self, profiles: Iterable[Profile]) -> None:
        """Read what those whom a breakout concerns had of it: a few queries for all of them."""
        self._earlier = {}
        self._concerning = {
            profile.subscriber_id: concerning
            for profile in profiles
            if (concerning := self._list_concerning(profile))
        }
        ids = set(self._concerning)
        if not ids:
            return
        self._read_earlier_digests(ids)
        sent = _select_standing_breakouts().filter(subscriber_id__in=ids)
        for pair in sent.values_list("subscriber_id", "paper_id"):
            self._earlier.pop(pair, None)

    def _read_earlier_digests(self, subscriber_ids: set[int]) -> None:
        """Read the digests in which one of the breakouts may have been: not before it was seen."""
        own = {breakout.paper_id for breakout in self._breakouts}
        merged = dict(Merger.objects.filter(into__in=own).values_list("paper_id", "into_id"))
        earlier = Delivery.objects.reached().filter(subscriber_id__in=subscriber_ids)
        earlier = earlier.filter(
            covers_until__gt=self._now - LONGEST_AGO,
            covers_until__gte=min(breakout.first_seen_at for breakout in self._breakouts),
        )
        columns = ("subscriber_id", "covers_until", "edition__date")
        earlier = earlier.order_by("covers_until")
        rows = earlier.values_list(*columns, PaperIds("contents"), pick_from_contents("nearly"))
        for pk, covers_until, day, papers, near in rows.iterator():
            sent = {merged.get(paper_id, paper_id) for paper_id in papers}
            nearly = {merged.get(paper_id, paper_id) for paper_id in near or ()}
            for paper_id in (sent | nearly) & own:
                before = self._earlier.get((pk, paper_id))
                if paper_id in sent or not (before and before.was_sent):
                    digest = EarlierDigest(covers_until, day, paper_id in sent)
                    self._earlier[pk, paper_id] = digest

    def _list_concerning(self, profile: Profile) -> list[Breakout]:
        if profile.since is None or profile.is_paused:
            return []
        return [breakout for breakout in self._breakouts if breakout.concerns(profile)]

    def add_to(self, choices: Sequence[Choice], profile: Profile) -> Sequence[Choice]:
        """The choices with the profile's fastest breakout behind what is trending."""
        if profile.subscriber_id not in self._concerning:
            return choices
        chosen = {choice.paper_id for choice in choices}
        breakouts = self._list_choices(profile)
        breakout = next((c for c in breakouts if c.paper_id not in chosen), None)
        is_full = len(choices) >= profile.max_papers
        if breakout is None or (is_full and len(choices) <= FEWEST_BESIDE):
            return choices
        stay = choices[:-1] if is_full else choices
        trending = [choice for choice in stay if choice.section == Section.TRENDING]
        return [*trending, breakout, *(c for c in stay if c.section != Section.TRENDING)]

    def _list_choices(self, profile: Profile) -> Iterator[Choice]:
        for breakout in self._concerning[profile.subscriber_id]:
            earlier = self._earlier.get((profile.subscriber_id, breakout.paper_id))
            if earlier and earlier.covers_until <= self._now - SENT_BEFORE:
                reasons = tuple(
                    TopicReason(pk, query, breakout.topics[pk])
                    for pk, query in profile.follows.items()
                    if pk in breakout.topics
                )
                yield Choice(
                    paper_id=breakout.paper_id,
                    trend=breakout.parts.trend,
                    reasons=reasons,
                    section=Section.BREAKOUT,
                    evidence=_describe_growth(breakout, earlier),
                )


def record_sent_breakouts(composed: Iterable[tuple[int, int, DigestContents]]) -> None:
    """Write a SentBreakout for every breakout in these deliveries, in their own transaction.

    Each goes by its id, its subscriber's and its contents. One whose mail never left makes room
    for the next.
    """
    rows = [
        SentBreakout(subscriber_id=reader, paper_id=item.paper_id, delivery_id=delivery)
        for delivery, reader, contents in composed
        for item in contents.papers
        if item.section == Section.BREAKOUT
    ]
    if rows:
        gone = SentBreakout.objects.exclude(pk__in=_select_standing_breakouts().values("pk"))
        gone.filter(subscriber_id__in={row.subscriber_id for row in rows}).delete()
    SentBreakout.objects.bulk_create(rows)


def _select_standing_breakouts() -> QuerySet[SentBreakout]:
    """Those whose mail left, or may still leave."""
    return SentBreakout.objects.filter(delivery__in=Delivery.objects.reached())


def _describe_growth(breakout: Breakout, earlier: EarlierDigest) -> str:
    """+180 votes since we sent it on 12 April, 64 of them since yesterday"""
    grown = breakout.parts.votes - breakout.count_votes_at(earlier.covers_until)
    day = date_format(earlier.day, "j F")
    recent = min(breakout.parts.votes_since_yesterday, grown)
    if earlier.was_sent:
        said = ngettext(
            "+%(votes)s vote since we sent it on %(day)s, %(recent)s of them since yesterday",
            "+%(votes)s votes since we sent it on %(day)s, %(recent)s of them since yesterday",
            grown,
        )
    else:
        said = ngettext(
            "+%(votes)s vote since it just missed your digest of %(day)s, %(recent)s of them"
            " since yesterday",
            "+%(votes)s votes since it just missed your digest of %(day)s, %(recent)s of them"
            " since yesterday",
            grown,
        )
    return said % {"votes": grown, "day": day, "recent": recent}


def find_breakouts(now: datetime) -> list[Breakout]:
    """The papers that break out at `now`, the fastest first, MOST at once."""
    rows = Paper.objects.filter(
        first_seen_at__gt=now - LONGEST_AGO,
        first_seen_at__lte=now - SENT_BEFORE,
        trend_parts__velocity__gte=BREAKOUT_VELOCITY,
    )
    columns = rows.values_list("pk", "first_seen_at", "trend_parts")
    stored = {pk: (seen_at, TrendParts.from_json(one)) for pk, seen_at, one in columns}
    parts = {pk: one for pk, (_, one) in stored.items()}
    ids = [pk for pk, one in parts.items() if is_breakout(one)]
    ids = sorted(ids, key=lambda pk: (-parts[pk].velocity, pk))[:MOST]
    topics, votes = _read_topics(ids), _read_votes(ids, now)
    return [Breakout(pk, *stored[pk], topics[pk], votes[pk]) for pk in ids]


def is_breakout(parts: TrendParts) -> bool:
    """Whether votes come fast, and far faster than before."""
    is_fast = parts.velocity >= BREAKOUT_VELOCITY
    return is_fast and parts.velocity >= BREAKOUT_FACTOR * parts.pace


def _read_topics(paper_ids: Sequence[int]) -> Mapping[int, dict[int, str]]:
    """By paper the topics that find it, each with the found words."""
    topics: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Match.objects.filter(paper_id__in=paper_ids)
    for paper_id, topic_id, where in rows.values_list("paper_id", "topic_id", "where"):
        topics[paper_id][topic_id] = where
    return topics


def _read_votes(
    paper_ids: Sequence[int], now: datetime
) -> Mapping[int, list[tuple[datetime, int]]]:
    """By paper its votes as they were counted, the latest first."""
    votes: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    rows = Snapshot.objects.filter(paper_id__in=paper_ids, taken_at__lte=now).order_by("-taken_at")
    for paper_id, taken_at, upvotes in rows.values_list("paper_id", "taken_at", "upvotes"):
        votes[paper_id].append((taken_at, upvotes))
    return votes
