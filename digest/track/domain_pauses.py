"""When a whole mailbox domain refuses us, its people are not to blame: the domain is paused."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet

from digest.models import DomainPause, ProviderEvent, Verdict

ADDRESS = re.compile(r"\S+@\S+")
logger = logging.getLogger(__name__)

MAILBOXES = 5  # so many different ones make a burst, if they are half of those heard of lately
LATEST = 20  # reports that are looked at
BURST_WITHIN = timedelta(hours=1)
PAUSE = timedelta(hours=4)  # less than a digest is news for: what waits still leaves on its day
# From one edition to the next, with a few hours to spare.
WIDESPREAD_WITHIN = timedelta(hours=36)
KEPT_FOR = timedelta(days=30)


def is_paused(domain: str, now: datetime) -> bool:
    return DomainPause.objects.running(now).filter(domain=domain).exists()


def find_burst(domain: str, now: datetime) -> list[ProviderEvent]:
    """The blocks that make up a burst at this domain now; none where there is no burst."""
    rows = ProviderEvent.objects.filter(domain=domain, happened_at__gt=now - BURST_WITHIN)
    return _find_majority(rows, {Verdict.BLOCKED}, now - BURST_WITHIN)


def is_widespread(domain: str, now: datetime) -> bool:
    """Whether so many mailboxes refuse that it is not about one: at their domain, or everywhere.

    An account that reports no deliveries (anymail knows none of Mandrill's) cannot tell.
    """
    since, bad = now - WIDESPREAD_WITHIN, {Verdict.SOFT, Verdict.BLOCKED}
    everywhere = ProviderEvent.objects.all()
    if not everywhere.filter(verdict=Verdict.ARRIVED).exists():
        return False
    # What a domain is paused for says nothing of the others.
    others = everywhere.exclude(effect=ProviderEvent.Effect.DOMAIN, verdict=Verdict.BLOCKED)
    return bool(
        _find_majority(everywhere.filter(domain=domain), bad, since)
        or _find_majority(others, bad, since, share=0.75)
    )


def _find_majority(
    rows: QuerySet[ProviderEvent], bad: Collection[Verdict], since: datetime, share: float = 0.5
) -> list[ProviderEvent]:
    """The bad ones among the latest reports, where they are of many mailboxes and of most."""
    outcomes = ProviderEvent.objects.outcomes() & rows.filter(received_at__gt=since)
    latest = list(outcomes.order_by("-received_at", "-pk")[:LATEST])
    found = [row for row in latest if row.verdict in bad]
    refusing, heard_of = ({row.mailbox for row in some} for some in (found, latest))
    is_most = len(refusing) >= max(MAILBOXES, share * len(heard_of))
    return found if is_most else []


def pause_domain(domain: str, said: str, now: datetime) -> None:
    """Send nothing to the domain for some hours, and wake somebody; safe to run twice."""
    said = ADDRESS.sub("…", said)  # it may name somebody who is deleted later
    reason = f"Its server blocks us: {said}"[:300]
    fields = {"paused_at": now, "until": now + PAUSE, "reason": reason}
    _, is_new = DomainPause.objects.get_or_create(domain=domain, defaults=fields)
    over = DomainPause.objects.filter(domain=domain, until__lte=now)
    if is_new or over.update(**fields):
        logger.critical("Mail to %s is blocked, nothing is sent there: %s", domain, said)


def forget_pauses(now: datetime) -> None:
    """Delete those that ended more than 30 days ago."""
    DomainPause.objects.filter(until__lt=now - KEPT_FOR).delete()
