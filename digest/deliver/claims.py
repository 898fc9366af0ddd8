"""Taking rows for delivery, and taking them back from runs that are dead.

Each change is made only while the row is still in the state it is changed from, so that two
workers, a sweep and a provider's report can all come at once. Times are of the caller's clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.deliver.delivery_runs import delete_dead, select_living
from digest.deliver.provider.traits import ProviderTraits
from digest.deliver.provider.warm_up import hold_back
from digest.models import Delivery, DeliveryQuerySet
from digest.track.domain_pauses import select_addresses
from subscribers.models import Subscriber

Status = Delivery.Status

CHUNK = 100
LEASE = timedelta(minutes=10)  # a row claimed by no run is taken back when it is older than this
CLOCKS_DIFFER = timedelta(minutes=5)  # at most; what began later was marked before one was set back
EVERYTHING = Q()
LEFT_OUT = gettext_lazy(
    "It must not be sent any more; the provider may have it from a call without an answer."
)
NO_TRAITS = ProviderTraits()  # nothing may be repeated


@transaction.atomic
def claim(
    now: datetime,
    traits: ProviderTraits = NO_TRAITS,
    only: str | None = None,
    size: int = CHUNK,
    run_id: int | None = None,
    where: Q = EVERYTHING,
) -> list[Delivery]:
    """Take up to `size` planned rows, each for one run only; `only` is an address.

    They come back claimed; but suppressed, expired or in doubt where they must not be handed over:
    nobody unmailable is ever claimed, and nothing that may have been sent longer ago than the
    provider knows its key, or by another provider. What claim_call takes is left to it. What goes
    to a domain that is paused is left planned.
    """
    rows = Delivery.objects.planned().filter(where, Q(retry_at=None) | Q(retry_at__lte=now))
    if only:
        rows = rows.filter(subscriber__email=only)
    if traits.call_lifetime:
        rows = rows.exclude(pk__in=rows.filter(_in_known_call(now, traits)).values("pk"))
    taken = _lock_rows(rows, size)
    if taken and (is_paused := select_addresses(now)):
        rows = rows.exclude(is_paused)
        taken = _lock_rows(rows, size)
    # Whoever waits for the first digest waits for no warm-up.
    while taken and not only and (held := hold_back(taken, now)):
        taken = {pk: subscriber_id for pk, subscriber_id in taken.items() if pk not in held}
        if taken:
            break
        taken = _lock_rows(rows, size)
    mine = Delivery.objects.filter(pk__in=taken)
    # They are locked, so they are planned. Were it asked again, a database whose statistics know of
    # no open row would go through all that are.
    fresh = Delivery.objects.filter(pk__in=_find_mailable(taken)).still_news(now)
    claimed = fresh.filter(_may_repeat(now, traits)).update(**_make_claim(now, run_id))
    if claimed < len(taken):
        planned = mine.planned()
        _expire_old(planned, now)
        _settle_rows(planned, Status.SUPPRESSED)
    return list(_read_whole(mine).order_by("edition_id", "pk"))


@transaction.atomic
def claim_call(
    now: datetime, traits: ProviderTraits, run_id: int | None = None, held: Collection[int] = ()
) -> list[Delivery]:
    """Take all rows of a call that a dead worker began, so that it can be made again as it was.

    None where there is no such call. Where one of its rows is known to be sent, all are: a call
    under a key is accepted as a whole. Where some must not be sent any more, they are in doubt and
    left out: whether the call without them is accepted under the same key tells what became of the
    first. None with mails of editions `held`.
    """
    planned = Delivery.objects.planned().filter(Q(retry_at=None) | Q(retry_at__lte=now))
    waiting = planned.filter(_in_known_call(now, traits))
    if held:
        theirs = Delivery.objects.filter(edition__in=held).exclude(call="").values("call")
        waiting = waiting.exclude(call__in=theirs)
    key = waiting.order_by("edition_id", "pk").values_list("call", flat=True).first()
    if not key:
        return []
    rows = Delivery.objects.filter(call=key).order_by("edition_id", "pk")
    if rows.filter(status=Status.SENT).exists():
        # https://resend.com/docs/api-reference/emails/send-batch-emails: strict is the default.
        sent = {"status": Status.SENT, "sent_at": F("maybe_sent_at"), "retry_at": None, "error": ""}
        rows.filter(status=Status.PLANNED).update(**sent)
        return []
    taken = dict(rows.select_for_update(of=("self",)).values_list("pk", "subscriber_id"))
    sendable = planned.filter(_in_known_call(now, traits), pk__in=_find_mailable(taken))
    ids = set(sendable.still_news(now).values_list("pk", flat=True))
    again = rows.filter(pk__in=ids)
    again.update(**_make_claim(now, run_id))
    rows.filter(status=Status.PLANNED).update(status=Status.IN_DOUBT, error=LEFT_OUT)
    return list(_read_whole(again))


def _read_whole(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """With their subscribers, and their editions: one object for all rows of an edition."""
    return rows.select_related("subscriber").prefetch_related("edition")


def _make_claim(now: datetime, run_id: int | None) -> dict[str, Any]:
    return {
        "status": Status.CLAIMED,
        "claimed_at": now,
        "claimed_by": run_id,
        "attempts": F("attempts") + 1,
        "retry_at": None,
    }


def _lock_rows(rows: QuerySet[Delivery], size: int) -> dict[int, int]:
    """The oldest that no other worker holds: their ids, with those of their subscribers."""
    rows = rows.order_by("edition_id", "pk").select_for_update(skip_locked=True, of=("self",))
    return dict(rows.values_list("pk", "subscriber_id")[:size])


def _in_known_call(now: datetime, traits: ProviderTraits) -> Q:
    """Those that were in a call whose key the provider still knows."""
    return _is_key_known(now, traits.call_lifetime) & Q(provider=traits.name) & ~Q(call="")


def _is_key_known(now: datetime, lifetime: timedelta) -> Q:
    """Those whose call began so short a time ago; not in a future that nobody can measure."""
    latest = now + min(CLOCKS_DIFFER, lifetime)
    return Q(maybe_sent_at__gt=now - lifetime, maybe_sent_at__lte=latest)


def _find_mailable(subscriber_ids: dict[int, int]) -> set[int]:
    """Those of the deliveries whose subscribers may be mailed: nobody else ever is.

    `subscriber_ids` maps the deliveries' ids to those of their subscribers. It is a query of its
    own: as part of another, a database with old statistics starts from everybody.
    """
    rows = Subscriber.objects.mailable().filter(pk__in=subscriber_ids.values())
    mailable = set(rows.values_list("pk", flat=True))
    return {pk for pk, subscriber_id in subscriber_ids.items() if subscriber_id in mailable}


def _may_repeat(now: datetime, traits: ProviderTraits) -> Q:
    """Those for which no call ever began, or whose own key the provider still knows."""
    return Q(maybe_sent_at=None) | _is_own_key_known(now, traits)


def _is_own_key_known(now: datetime, traits: ProviderTraits) -> Q:
    """Those whose own key the provider still knows."""
    return _is_key_known(now, traits.key_lifetime) & Q(provider=traits.name)


def _expire_old(rows: DeliveryQuerySet, now: datetime) -> Counter[str]:
    return _settle_rows(rows.outdated(now), Status.EXPIRED)


def _settle_rows(rows: QuerySet[Delivery], status: Status) -> Counter[str]:
    """Give rows their last state; those that may have been sent are in doubt. Counts by state."""
    doubtful = rows.filter(maybe_sent_at__isnull=False).update(status=Status.IN_DOUBT)
    named = rows.update(status=status)
    return Counter({Status.IN_DOUBT.value: doubtful, status.value: named})


@transaction.atomic
def release_claims(
    now: datetime, traits: ProviderTraits = NO_TRAITS, lease: timedelta = LEASE
) -> Counter[str]:
    """Take back the claims of runs that are dead, and expire what is no longer news.

    Counts by the state that the rows were given. `lease` is for rows that no run claimed.
    """
    done = release_dead(now, traits, lease)
    if Delivery.objects.open().has_rows():
        done.update(_expire_old(Delivery.objects.planned(), now))
    return done


@transaction.atomic
def release_dead(
    now: datetime, traits: ProviderTraits = NO_TRAITS, lease: timedelta = LEASE
) -> Counter[str]:
    """Take back the claims of runs that are dead; counts by the state that the rows were given.

    Where no call had begun a row is planned again, and so it is where the provider knows its key;
    else it is in doubt. A call under a key is written down before its first byte leaves, so a row
    that was marked for one and is named by none was never in a call.
    """
    delete_dead(now)
    claimed = Delivery.objects.filter(status=Status.CLAIMED).order_by("claimed_by")
    if not claimed.has_rows():
        return Counter()
    # In one statement with the rows: whoever starts meanwhile has not claimed them.
    living = Exists(select_living(now).filter(pk=OuterRef("claimed_by")))
    is_left = Q(claimed_by__isnull=False) & ~living
    is_old = Q(claimed_by=None, claimed_at__lte=now - lease)
    left = Delivery.objects.filter(is_left | is_old, status=Status.CLAIMED)
    # Where no call was made the provider has failed nobody, and none waits the longer for it.
    untried = {"status": Status.PLANNED, "attempts": Greatest(F("attempts") - 1, 0)}
    done = Counter({Status.PLANNED.value: left.filter(maybe_sent_at=None).update(**untried)})
    if traits.call_key:
        uncalled = left.filter(provider=traits.name, call="")
        done[Status.PLANNED.value] += uncalled.update(**untried, maybe_sent_at=None, provider="")
    repeatable = left.filter(_is_own_key_known(now, traits))
    done[Status.PLANNED.value] += repeatable.update(status=Status.PLANNED)
    in_calls = left.filter(_in_known_call(now, traits))
    done[Status.PLANNED.value] += in_calls.update(status=Status.PLANNED)
    why = _("The worker ended during the call; not sent again, since the provider may have it.")
    done[Status.IN_DOUBT.value] += left.update(status=Status.IN_DOUBT, error=why)
    return done
