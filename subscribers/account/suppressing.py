"""Mailboxes that operators take from all mailing by hand, and the way back."""

from __future__ import annotations

from subscribers.models import Suppression


def suppress_by_hand(email: str) -> bool:
    """Mail nothing to the mailbox from now on; False where it was suppressed already."""
    return Suppression.objects.suppress(email, Suppression.Reason.MANUAL)[1]


def lift_suppression(email: str) -> bool:
    """Let the mailbox be mailed again, unless its owner complained; whether anything was lifted."""
    complaints = Suppression.Reason.COMPLAINT
    return bool(Suppression.objects.about(email).exclude(reason=complaints).delete()[0])
