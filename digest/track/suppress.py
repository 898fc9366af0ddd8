"""What follows from a verdict: which address is mailed no more, and whose wish stands above that.

A hard bounce and a complaint suppress at once. What is refused this time only is counted: three of
a subscriber's last five editions suppress, and any that arrived forgets those before it. What is
our own fault, or a whole domain's, counts against nobody.

The newest wish stands. Whoever confirmed after a mail was sent and after what is reported of it
happened keeps what they asked for: a mailbox that answers exists, and its owner has changed their
mind about us. A report that is late undoes none of that.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from digest.models import Delivery, ProviderEvent, Verdict
from digest.track.domain_pauses import find_burst, is_paused, is_widespread, pause_domain
from digest.track.event_rows import set_effect
from digest.track.find_mail import Mail, read_mailed_at
from digest.track.report import hash_mailbox
from subscribers.models import Subscriber, Suppression

Effect = ProviderEvent.Effect
EDITIONS = 5  # the latest that are looked at
SOFT_LIMIT = 3  # of them


def apply_verdict(row: ProviderEvent, mail: Mail, now: datetime) -> None:
    """Do what the verdict asks for, and write on its row what that was."""
    if row.verdict in (Verdict.HARD, Verdict.COMPLAINT):
        set_effect(row, _suppress_at_once(row, mail))
    elif row.verdict == Verdict.LEFT:
        set_effect(row, _unsubscribe(row, mail, now))
    elif not mail.goes_to_subscriber:
        return  # of an address that is mailed no more only the two above matter
    elif row.verdict == Verdict.BLOCKED and _blame_domain(row, now):
        return
    elif row.verdict in (Verdict.SOFT, Verdict.BLOCKED):
        _suppress_after_three(row, mail, now)
    elif row.verdict == Verdict.ARRIVED and mail.subscriber:
        _reconsider(mail.subscriber)


def _suppress_at_once(row: ProviderEvent, mail: Mail) -> Effect:
    if _is_outdated(row, mail):
        return Effect.OUTDATED
    is_complaint = row.verdict == Verdict.COMPLAINT
    reason = Suppression.Reason.COMPLAINT if is_complaint else Suppression.Reason.BOUNCE
    Suppression.objects.suppress(mail.address, reason)
    return Effect.SUPPRESSED


def _unsubscribe(row: ProviderEvent, mail: Mail, now: datetime) -> Effect:
    if not mail.goes_to_subscriber or mail.delivery is None:
        return Effect.NOTED  # the digests went elsewhere since, or nowhere: newer wishes, both
    # Locked, so that a confirmation in this very moment is seen, or comes after.
    subscriber = Subscriber.objects.select_for_update().get(pk=mail.delivery.subscriber_id)
    if _is_outdated(row, Mail(mail.address, mail.mailed_at, mail.delivery, subscriber)):
        return Effect.OUTDATED
    subscriber.unsubscribe(now, note=_("At the email provider, which reported it."))
    return Effect.UNSUBSCRIBED


def _is_outdated(row: ProviderEvent, mail: Mail) -> bool:
    """Whether the subscriber's latest wish is newer than both the mail and what happened to it.

    Both, since the provider's clock is another than ours: what was sent after the wish is about it.
    """
    wished_at = _read_latest_wish(mail.subscriber)
    if wished_at is None or mail.mailed_at is None:
        return False
    return mail.mailed_at < wished_at and row.happened_at < wished_at


def _read_latest_wish(subscriber: Subscriber | None) -> datetime | None:
    """When somebody last agreed, at this address, to get digests there."""
    if subscriber is None or not subscriber.is_active:
        return None
    left = subscriber.former_addresses.left_by_subscriber().order_by("-left_at")
    moved = left.values_list("left_at", flat=True).first()
    return max(filter(None, [subscriber.confirmed_at, moved]), default=None)


def _blame_domain(row: ProviderEvent, now: datetime) -> bool:
    """Whether the whole domain blocks us: then it is paused, and none of its people counts."""
    burst = find_burst(row.domain, now)
    if burst:
        pause_domain(row.domain, row.said, now)
    elif is_paused(row.domain, now):
        burst = [row]
    blamed = [one.pk for one in burst]
    lifted = {one.subscriber_id for one in burst if one.effect == Effect.SUPPRESSED}
    # A suppression by it stays on the row until it is lifted, so that it is known whose it was.
    ProviderEvent.objects.filter(pk__in=blamed).exclude(effect=Effect.SUPPRESSED).update(
        effect=Effect.DOMAIN
    )
    for subscriber in Subscriber.objects.filter(pk__in=[pk for pk in lifted if pk]):
        _reconsider(subscriber, blamed)
    return bool(burst)


def _suppress_after_three(row: ProviderEvent, mail: Mail, now: datetime) -> None:
    if mail.subscriber is None or _count_refused(mail.subscriber) < SOFT_LIMIT:
        return
    mailed_at = mail.delivery and mail.delivery.sent_at
    if is_widespread(row.domain, mailed_at or now):
        set_effect(row, Effect.DOMAIN)
        return
    reason = Suppression.Reason.BOUNCE
    _unused, is_new = Suppression.objects.suppress(mail.address, reason)
    if is_new:
        set_effect(row, Effect.SUPPRESSED)


def _reconsider(subscriber: Subscriber, blamed: Collection[int] = ()) -> None:
    """Lift what three refusals did, where a late report shows that they were not three."""
    own = ProviderEvent.objects.filter(
        mailbox=hash_mailbox(subscriber.email), subscriber=subscriber
    )
    acted = own.filter(effect=Effect.SUPPRESSED)
    is_by_count = acted.exists() and not acted.filter(verdict__in=[Verdict.HARD, Verdict.COMPLAINT])
    if not is_by_count or _count_refused(subscriber, blamed) >= SOFT_LIMIT:
        return
    reason = Suppression.Reason.BOUNCE
    Suppression.objects.about(subscriber.email).filter(reason=reason).delete()
    acted.filter(pk__in=blamed).update(effect=Effect.DOMAIN)
    acted.update(effect=Effect.NOTED)


def _count_refused(subscriber: Subscriber, blamed: Collection[int] = ()) -> int:
    """In how many of the last editions, since one arrived, this mailbox refused by itself."""
    sent = Delivery.objects.sent().filter(subscriber=subscriber).order_by("-edition__date", "-pk")
    latest = list(sent[:EDITIONS])
    refused = ProviderEvent.objects.filter(
        delivery__in=latest,
        mailbox=hash_mailbox(subscriber.email),
        verdict__in=[Verdict.SOFT, Verdict.BLOCKED],
    )
    refused = refused.exclude(effect=Effect.DOMAIN).exclude(pk__in=blamed)
    refused_ids = set(refused.values_list("delivery_id", flat=True))
    wished_at, count = _read_latest_wish(subscriber), 0
    for delivery in latest:
        mailed_at = read_mailed_at(delivery)
        if delivery.delivered_at or (wished_at and mailed_at and mailed_at < wished_at):
            break
        count += delivery.pk in refused_ids
    return count
