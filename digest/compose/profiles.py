"""Who is composed for: what they follow and mute, and since when papers are new for them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Max

from digest.compose.shortlist import Reader
from digest.models import Delivery
from subscribers.models import Interest, Leaning, Subscriber

# How far back a digest may reach when earlier ones failed or none was ever sent.
LONGEST_GAP = {"daily": timedelta(days=3), "weekdays": timedelta(days=4), "weekly": timedelta(8)}
CLOCKS_DIFFER = timedelta(hours=1)  # from machine to machine, at most


def read_readers(subscribers: list[Subscriber], now: datetime) -> dict[int, Reader]:
    """What each subscriber follows and mutes, and since when papers count as new for them."""
    ids = [subscriber.pk for subscriber in subscribers]
    follows: dict[int, dict[int, str]] = defaultdict(dict)
    mutes: dict[int, set[int]] = defaultdict(set)
    rows = Interest.objects.filter(subscriber_id__in=ids).order_by("pk")
    for pk, topic_id, query, mode in rows.values_list(
        "subscriber_id", "topic_id", "topic__query", "mode"
    ):
        if mode == Interest.Mode.FOLLOW:
            follows[pk][topic_id] = query
        else:
            mutes[pk].add(topic_id)
    covered, leanings = _covered_until(ids, now), _leanings(ids)
    return {
        s.pk: Reader(
            subscriber_id=s.pk,
            follows=follows[s.pk],
            mutes=frozenset(mutes[s.pk]),
            max_papers=s.max_papers,
            is_paused=bool(s.paused_until and s.paused_until > now),
            wants_everywhere=s.wants_everywhere,
            since=max(covered[s.pk], now - LONGEST_GAP[s.cadence]) if s.pk in covered else None,
            leanings=leanings.get(s.pk, {}),
        )
        for s in subscribers
    }


def _leanings(subscriber_ids: list[int]) -> dict[int, dict[tuple[str, str], int]]:
    """What was learned from the feedback of those who gave any."""
    learned: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = Leaning.objects.filter(subscriber_id__in=subscriber_ids).order_by()
    for pk, kind, term, steps in rows.values_list("subscriber_id", "kind", "term", "steps"):
        learned[pk][kind, term] = steps
    return learned


def _covered_until(subscriber_ids: list[int], now: datetime) -> dict[int, datetime]:
    """Up to when each subscriber has had the news; what failed or expired covered nothing."""
    told = Delivery.objects.reached() | Delivery.objects.filter(status=Delivery.Status.QUIET)
    # What claims to cover the future was composed by a clock that went wrong.
    span = (now - 2 * max(LONGEST_GAP.values()), now + CLOCKS_DIFFER)
    rows = told.filter(subscriber_id__in=subscriber_ids, covers_until__range=span)
    return dict(rows.values_list("subscriber_id").annotate(Max("covers_until")))
