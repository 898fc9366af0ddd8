"""While a provider wants to be left alone: a row that all workers on all machines obey."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from digest.deliver.provider.outcomes import LONGEST_PAUSE
from digest.models import ProviderPause

REASON_CHARS = 300
TRIAL_TAKES = timedelta(seconds=5)


def find_pause(provider: str, now: datetime) -> ProviderPause | None:
    """The provider's pause, over or not; None where it asked for none since the last mail.

    `provider` is the name in its traits. A pause that no provider can have asked for was written
    by a clock that went wrong: it counts for nothing.
    """
    return ProviderPause.objects.filter(provider=provider).exclude(_is_impossible(now)).first()


def delete_impossible_pauses(now: datetime) -> None:
    """Before they become possible, a year later."""
    ProviderPause.objects.filter(_is_impossible(now)).delete()


def _is_impossible(now: datetime) -> Q:
    return Q(until__gt=now + 2 * LONGEST_PAUSE)


def start_pause(provider: str, now: datetime, length: timedelta, reason: str) -> None:
    """Nobody calls the provider before the pause is over; a longer one already set stays."""
    fields = {"paused_at": now, "until": now + length, "reason": reason[:REASON_CHARS]}
    pause, _ = ProviderPause.objects.get_or_create(provider=provider, defaults=fields)
    shorter = Q(until__lt=fields["until"]) | _is_impossible(now)
    ProviderPause.objects.filter(shorter, pk=pause.pk).update(**fields)


def take_trial(pause: ProviderPause, now: datetime) -> ProviderPause | None:
    """Be the one run that finds out whether a pause is over; None where another one is.

    It lasts TRIAL_TAKES longer for all others; if we die meanwhile, another run tries then.
    """
    until = now + TRIAL_TAKES
    if not ProviderPause.objects.filter(pk=pause.pk, until=pause.until).update(until=until):
        return None
    return ProviderPause(pk=pause.pk, provider=pause.provider, until=until)


def end_pause(trial: ProviderPause, now: datetime) -> None:
    """All is well again, as our trial found; a pause that another run set meanwhile stays."""
    is_over = Q(until__lte=now) | Q(until=trial.until)
    ProviderPause.objects.filter(is_over, provider=trial.provider).delete()
