"""All papers in a subscriber's topics of the days of one digest, those without room in it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.compose.candidates import Choice, NewsSince
from digest.compose.profiles import read_profiles
from digest.compose.select import REACH, find_earliest_suspect, find_reaches, select_since
from digest.compose.shortlist import Shortlist
from digest.models import Delivery
from digest.models.paper_ids import PaperIds

KEPT_FOR = timedelta(days=28)  # matches are dropped two days later
MOST = 5_000


def is_kept(delivery: Delivery, now: datetime) -> bool:
    """Whether it is still known what was found in the days of a digest.

    That of a mail which has not left is: an edition whose links lead nowhere is held.
    """
    is_waiting = delivery.status in (Delivery.Status.PLANNED, Delivery.Status.CLAIMED)
    has_list = delivery.digest.since is not None
    return has_list and (is_waiting or delivery.covers_until > now - KEPT_FOR)


def list_all_papers(delivery: Delivery, since: datetime, now: datetime) -> Sequence[Choice]:
    """What the digest could have held, by the topics followed now; the best first.

    Neither what is muted nor what an earlier digest held.
    """
    until = delivery.covers_until
    [profile] = read_profiles([delivery.subscriber], now).values()
    profile = replace(profile, since=since, max_papers=MOST, is_paused=False)
    source = Shortlist(until, min(until - since, REACH))
    source.load_topics(find_reaches([profile], source.newest_at))
    news, sent = NewsSince(source, since, is_first=False), set[int]()
    if suspect := find_earliest_suspect(news, profile):
        earlier = Delivery.objects.coming().filter(subscriber=delivery.subscriber)
        earlier = earlier.filter(covers_until__gte=suspect, covers_until__lt=until)
        sent = sent.union(*earlier.values_list(PaperIds("contents"), flat=True))
    return select_since(news, profile, sent)[1]
