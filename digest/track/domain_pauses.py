"""When a whole mailbox domain refuses us, its people are not to blame: the domain is paused."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from digest.models import Delivery, DomainPause, ProviderEvent, Verdict
from digest.track.report import hash_mailbox
from subscribers import forgiving_cache

ADDRESS = re.compile(r"\S+@\S+")
logger = logging.getLogger(__name__)

MAILBOXES = 5  # so many different ones make a burst, if they are half of those heard of lately
LATEST = 20  # reports that are looked at
BURST_WITHIN = timedelta(hours=1)
PAUSE = timedelta(hours=4)  # less than a digest is news for: what waits still leaves on its day
OF_DOMAIN, OF_ALL = 0.5, 0.75  # the share of mailboxes that makes it not about one
COUNTED_SECONDS = 300.0
# From one edition to the next, with a few hours to spare.
WIDESPREAD_WITHIN = timedelta(hours=36)
KEPT_FOR = timedelta(days=30)


def is_paused(domain: str, now: datetime) -> bool:
    return DomainPause.objects.running(now).filter(domain=domain).exists()


def select_addresses(now: datetime) -> Q:
    """The deliveries whose address is at a domain that blocks us now, as a condition.

    Nearly always there is no such domain: then it is an empty condition, which is false.
    """
    domains = DomainPause.objects.running(now).values_list("domain", flat=True)
    ends = [Q(subscriber__email__endswith=f"@{domain}") for domain in domains]
    return reduce(or_, ends, Q())


def find_burst(domain: str, now: datetime) -> list[ProviderEvent]:
    """The blocks that make up a burst at this domain now; none where there is no burst."""
    rows = ProviderEvent.objects.filter(domain=domain, happened_at__gt=now - BURST_WITHIN)
    return _find_majority(rows, {Verdict.BLOCKED}, now - BURST_WITHIN)


def is_widespread(domain: str, mailed_at: datetime) -> bool:
    """Whether so many mailboxes refused the mails of that time that it is not about one of them.

    At their domain, or everywhere: by their share of the mailboxes that were mailed, so that it
    makes no difference in which order, or how late, the reports come. An account that reports no
    deliveries cannot tell.
    """
    events = ProviderEvent.objects.all()
    if not events.filter(verdict=Verdict.ARRIVED).exists():
        return False
    # What a domain is paused for says nothing of the others.
    others = events.exclude(effect=ProviderEvent.Effect.DOMAIN, verdict=Verdict.BLOCKED)
    return _is_share(events.filter(domain=domain), domain, mailed_at, OF_DOMAIN) or _is_share(
        others, "", mailed_at, OF_ALL
    )


def _is_share(
    events: QuerySet[ProviderEvent], domain: str, mailed_at: datetime, share: float
) -> bool:
    """Whether this share of the mailboxes that were mailed then has refused, and not just a few."""
    span = (mailed_at - WIDESPREAD_WITHIN, mailed_at + WIDESPREAD_WITHIN)
    refused = events.filter(
        received_at__gt=span[0],
        verdict__in=[Verdict.SOFT, Verdict.BLOCKED],
        delivery__sent_at__range=span,
        delivery__delivered_at=None,
    )
    refusing = refused.values("mailbox").distinct().count()
    return refusing >= MAILBOXES and refusing >= share * _count_mailed(domain, span)


def _count_mailed(domain: str, span: tuple[datetime, datetime]) -> int:
    """To how many mailboxes, of this domain or of all, a digest was sent in that time.

    Counted anew every few minutes: thousands of reports ask for it one after the other.
    """
    key = f"digest.mailed.1:{hash_mailbox(domain)}:{span[0]:%Y%m%d%H}"
    if isinstance(count := forgiving_cache.read_value(key), int):
        return count
    days = (span[0].date() - timedelta(days=1), span[1].date() + timedelta(days=1))
    sent = Delivery.objects.sent().filter(edition__date__range=days, sent_at__range=span)
    if domain:
        sent = sent.filter(subscriber__email__endswith=f"@{domain}")
    count = sent.values("subscriber").distinct().count()
    forgiving_cache.write_value(key, count, COUNTED_SECONDS)
    return count


def _find_majority(
    rows: QuerySet[ProviderEvent], bad: Collection[Verdict], since: datetime
) -> list[ProviderEvent]:
    """The bad ones among the latest reports, where they are of many mailboxes and of most."""
    outcomes = ProviderEvent.objects.outcomes() & rows.filter(received_at__gt=since)
    latest = list(outcomes.order_by("-received_at", "-pk")[:LATEST])
    found = [row for row in latest if row.verdict in bad]
    refusing, heard_of = ({row.mailbox for row in some} for some in (found, latest))
    is_most = len(refusing) >= max(MAILBOXES, OF_DOMAIN * len(heard_of))
    return found if is_most else []


def pause_domain(domain: str, said: str, now: datetime) -> None:
    """Send nothing to the domain for some hours, and wake somebody; safe to run twice."""
    said = ADDRESS.sub("…", said)  # it may name somebody who is deleted later
    reason = (_("Its server blocks us: %(said)s") % {"said": said})[:300]
    fields = {"paused_at": now, "until": now + PAUSE, "reason": reason}
    _unused, is_new = DomainPause.objects.get_or_create(domain=domain, defaults=fields)
    over = DomainPause.objects.filter(domain=domain, until__lte=now)
    if is_new or over.update(**fields):
        logger.critical("Mail to %s is blocked, nothing is sent there: %s", domain, said)


def forget_pauses(now: datetime) -> None:
    """Delete those that ended more than 30 days ago."""
    DomainPause.objects.filter(until__lt=now - KEPT_FOR).delete()
