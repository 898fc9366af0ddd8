"""Who is composed for: what they follow and mute, and since when papers are new for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from digest.compose.due import DueSubscriber
from digest.compose.leanings import Leanings
from digest.models import Delivery
from subscribers.models import Interest, Leaning, Subscriber, Topic
from subscribers.models.id_lists import cut_ids

# How far back a digest may reach where the one before failed or is in doubt: over that one's papers
# too, which are two cadences (over a weekend: four days), and a day more for whoever runs late.
LONGEST_GAP = {
    "daily": timedelta(days=3),
    "weekdays": timedelta(days=5),
    "weekly": timedelta(days=15),
}
CLOCKS_DIFFER = timedelta(hours=1)  # from machine to machine, at most
NOBODY = 0  # the id of a subscriber who is not saved: no row has it


@dataclass(frozen=True)
class Profile:
    """What the choice of papers asks of one subscriber."""

    subscriber_id: int
    follows: Mapping[int, str]  # topic id -> query, as they typed it
    mutes: frozenset[int]  # topic ids
    max_papers: int
    is_paused: bool
    wants_outside_topics: bool
    since: datetime | None  # papers available later are new; None where no digest came before
    leanings: Leanings = field(default_factory=dict)
    wants_passing: bool = False  # also what only mentions a topic
    wants_near: bool = True  # also what is close to the topics


def make_unsaved_profile(queries: Sequence[str], max_papers: int) -> Profile:
    """The profile of somebody who is about to sign up: topics go by their place in the list."""
    return Profile(
        subscriber_id=NOBODY,
        follows=dict(enumerate(queries)),
        mutes=frozenset(),
        max_papers=max_papers,
        is_paused=False,
        wants_outside_topics=False,
        since=None,
    )


def read_profiles(
    subscribers: Sequence[Subscriber | DueSubscriber],
    now: datetime,
    queries: dict[int, str] | None = None,
) -> dict[int, Profile]:
    """The profile of each subscriber as it is at `now`, by their id; a few queries for all.

    `queries` has what was typed first for topics whom one run asks about again and again; those
    that are not in it yet are added.
    """
    queries = {} if queries is None else queries
    ids = {subscriber.pk for subscriber in subscribers}
    follows: dict[int, dict[int, str]] = defaultdict(dict)
    mutes: dict[int, set[int]] = defaultdict(set)
    interests = Interest.objects.filter(subscriber_id__any_of=ids).order_by("pk")
    rows = list(interests.values_list("subscriber_id", "topic_id", "typed", "mode"))
    untyped = {topic_id for _, topic_id, typed, _ in rows if not typed}
    queries |= _read_queries(untyped - queries.keys())
    for pk, topic_id, typed, mode in rows:
        if mode != Interest.Mode.FOLLOW:
            mutes[pk].add(topic_id)
        elif query := typed or queries.get(topic_id):  # a topic may be deleted in between
            follows[pk][topic_id] = query
    covered, spoken = _read_past(ids, now)
    leanings = _read_leanings(spoken)
    return {
        s.pk: Profile(
            subscriber_id=s.pk,
            follows=follows[s.pk],
            mutes=frozenset(mutes[s.pk]),
            max_papers=s.max_papers,
            is_paused=bool(s.paused_until and s.paused_until > now),
            wants_outside_topics=s.wants_everywhere,
            since=max(covered[s.pk], now - LONGEST_GAP[s.cadence]) if s.pk in covered else None,
            leanings=leanings.get(s.pk, {}),
            wants_passing=s.wants_passing,
            wants_near=s.wants_near,
        )
        for s in subscribers
    }


def _read_queries(topic_ids: AbstractSet[int]) -> dict[int, str]:
    """What was typed first for these topics.

    Asked for by themselves: to join them PostgreSQL reads all topics there are for each chunk.
    """
    queries: dict[int, str] = {}
    for ids in cut_ids(topic_ids):
        topics = Topic.objects.filter(pk__any_of=ids).order_by()
        queries.update(topics.values_list("pk", "query"))
    return queries


def _read_leanings(subscriber_ids: AbstractSet[int]) -> dict[int, dict[tuple[str, str], int]]:
    """What was learned from the feedback of those who gave any."""
    learned: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for ids in cut_ids(subscriber_ids):
        rows = Leaning.objects.filter(subscriber_id__any_of=ids).order_by()
        for pk, kind, term, steps in rows.values_list("subscriber_id", "kind", "term", "steps"):
            learned[pk][kind, term] = steps
    return learned


def _read_past(
    subscriber_ids: AbstractSet[int], now: datetime
) -> tuple[dict[int, datetime], set[int]]:
    """Up to when each subscriber has had the news, and who of them gave feedback.

    What failed, expired or is in doubt brought no news. Two looks into indexes for each of them,
    however many digests they have had: few gave feedback, and only theirs is read then.
    """
    covering = Delivery.objects.coming() | Delivery.objects.filter(status=Delivery.Status.QUIET)
    # What claims to cover the future was composed by a clock that went wrong.
    span = (now - 2 * max(LONGEST_GAP.values()), now + CLOCKS_DIFFER)
    latest = covering.filter(subscriber=OuterRef("pk"), covers_until__range=span)
    last = Subquery(latest.order_by("-covers_until").values("covers_until")[:1])
    said = Leaning.objects.filter(subscriber=OuterRef("pk")).order_by().values("pk")
    rows = Subscriber.objects.filter(pk__any_of=subscriber_ids).order_by()
    found = list(rows.annotate(at=last, said=Subquery(said[:1])).values_list("pk", "at", "said"))
    return {pk: at for pk, at, _ in found if at}, {pk for pk, _, said in found if said}
