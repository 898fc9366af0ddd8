"""A new sender's first weeks: so many mails a day to each mailbox domain, twice as many the next.

Mailbox providers take a sender they do not know for a nuisance where it begins with thousands
(https://postmarkapp.com/support/article/how-do-i-warm-up-a-new-domain and
https://support.google.com/a/answer/81126 say so and ask for a slow start). WARM_UP names the first
day and how many mails each domain gets on it. Who is beyond that waits for the next day; a digest
that is no longer news by then expires, and its papers come with the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from digest.models import Delivery, DomainVolume

DAYS = 30  # then everybody knows us
HELD_BACK = _("Held back: its mailbox domain has had its share of the warm-up today.")


def count_allowed(day: date) -> int | None:
    """How many mails a mailbox domain may get on that day; None where there is no limit."""
    if settings.WARM_UP is None:
        return None
    first_day, mails = settings.WARM_UP
    days = (day - first_day).days
    return mails << days if 0 <= days < DAYS else None


def hold_back(delivery_ids: Collection[int], now: datetime) -> set[int]:
    """Put those beyond their domain's share of today off to tomorrow; which they are.

    The others are counted as handed over. Call it in the transaction that claims them.
    """
    allowed = count_allowed(now.date())
    if allowed is None:
        return set()
    rows = Delivery.objects.filter(pk__in=delivery_ids).order_by("pk")
    pairs = list(rows.values_list("pk", "subscriber__email"))
    domains = {pk: email.rpartition("@")[2] for pk, email in pairs}
    left = _read_left(set(domains.values()), now.date(), allowed)
    taken: Counter[str] = Counter()
    held = set()
    for pk, domain in domains.items():
        if taken[domain] < left[domain]:
            taken[domain] += 1
        else:
            held.add(pk)
    for domain, count in taken.items():
        volume = DomainVolume.objects.filter(domain=domain, day=now.date())
        volume.update(mails=F("mails") + count)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    Delivery.objects.filter(pk__in=held).update(retry_at=tomorrow, error=HELD_BACK)
    return held


def _read_left(domains: set[str], day: date, allowed: int) -> dict[str, int]:
    """How many more each domain may get today; its row is locked until the claim is made."""
    DomainVolume.objects.bulk_create(
        [DomainVolume(domain=domain, day=day) for domain in sorted(domains)], ignore_conflicts=True
    )
    rows = DomainVolume.objects.filter(domain__in=domains, day=day).order_by("domain")
    return {row.domain: max(0, allowed - row.mails) for row in rows.select_for_update()}


def give_shares_back(deliveries: Sequence[Delivery]) -> None:
    """Count those no longer that were claimed, and then surely not handed over."""
    if settings.WARM_UP is None:
        return
    claimed = [(d.subscriber.email, d.claimed_at) for d in deliveries if d.claimed_at]
    counts = Counter((email.rpartition("@")[2], at.date()) for email, at in claimed)
    for (domain, day), count in sorted(counts.items()):
        volume = DomainVolume.objects.filter(domain=domain, day=day)
        volume.update(mails=Greatest(F("mails") - count, 0))


def forget_volumes(now: datetime) -> int:
    """Drop the counts of days that are over; how many they were."""
    return DomainVolume.objects.filter(day__lt=now.date() - timedelta(days=1)).delete()[0]
