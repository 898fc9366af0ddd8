"""Addresses that operators take from all mailing by hand, and the way back."""

from __future__ import annotations

from subscribers.models import Suppression


def suppress_by_hand(email: str) -> bool:
    """Mail nothing to the address from now on; False where it was suppressed already."""
    manual = {"reason": Suppression.Reason.MANUAL}
    return Suppression.objects.get_or_create(email=email, defaults=manual)[1]


def lift_suppression(email: str) -> bool:
    """Let the address be mailed again, unless its owner complained; whether anything was lifted."""
    complaints = Suppression.Reason.COMPLAINT
    return bool(Suppression.objects.filter(email=email).exclude(reason=complaints).delete()[0])
