"""Which runs of delivery are alive: each says so every few seconds, in a row of its own.

What a run had claimed is taken back once it has been silent for DEAD_AFTER, however it ended. The
rows also share out how many calls to a provider may be under way at once, on all machines together.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from digest.models import DeliveryRun, ProviderPace

SEEN_EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)


@transaction.atomic
def start_run(
    provider: str, now: datetime, connections: int, limit: int = 0, at_least: int = 0
) -> DeliveryRun | None:
    """A run that may have up to `connections` calls under way; None where none is left for it.

    `limit` is how many all runs for the provider may have together, 0 for as many as they like.
    A run gets `at_least` so many whatever the others have.
    """
    if limit:
        # Whoever starts at the same time waits here.
        ProviderPace.objects.get_or_create(provider=provider, defaults={"free_at": 0.0})
        ProviderPace.objects.select_for_update().get(provider=provider)
        taken = select_living(now).filter(provider=provider).aggregate(n=Sum("connections"))["n"]
        connections = min(connections, max(limit - (taken or 0), at_least))
    if connections < 1:
        return None
    return DeliveryRun.objects.create(
        provider=provider, connections=connections, started_at=now, seen_at=now
    )


def note_alive(run: DeliveryRun, now: datetime) -> None:
    """Say that the run lives; only where it has not said so for SEEN_EVERY."""
    if not timedelta(0) <= now - run.seen_at < SEEN_EVERY:
        run.seen_at = now
        # Where it was taken for dead, its row is gone: then it is written again.
        run.save(force_update=False)


def end_run(run_id: int) -> None:
    """Forget the run: its connections are free for others from now on."""
    DeliveryRun.objects.filter(pk=run_id).delete()


def select_living(now: datetime) -> QuerySet[DeliveryRun]:
    """The runs that said within DEAD_AFTER that they live."""
    return DeliveryRun.objects.exclude(_is_dead(now))


def delete_dead(now: datetime) -> int:
    """Forget the runs that ended without a word; how many they were."""
    return DeliveryRun.objects.filter(_is_dead(now)).delete()[0]


def _is_dead(now: datetime) -> Q:
    """Silent for long; or last heard of at a time to come, by a clock that was set back since."""
    return Q(seen_at__lt=now - DEAD_AFTER) | Q(seen_at__gt=now + DEAD_AFTER)
