"""When a number of bad outcomes among the last mails is too many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WINDOW = 500  # mails: of so many the rate itself counts

# How sure a smaller number must make us: four times in five (a one-sided bound). With so few mails
# a wrong alarm costs a look and a missed one little, since the window fills fast.
_Z = 0.8416


@dataclass(frozen=True)
class Bound:
    """The share of mails that may end so, and how many at least must before it means anything."""

    name: str  # as EditionFlight.held_by has it
    words: StrOrPromise
    share: float
    fewest: int


BOUNCES = Bound("bounces", _("bounced for good"), 0.05, 2)
# One reader's click is 0.2 % of 500 mails: alone it says nothing of an edition.
COMPLAINTS = Bound("complaints", _("called spam by their readers"), 0.002, 3)
REFUSALS = Bound("refusals", _("refused by the provider"), 0.20, 3)


def is_beyond(bound: Bound, count: int, mails: int) -> bool:
    """Whether `count` of so many mails is too many.

    Below WINDOW the true share must be beyond the bound by the lower end of Wilson's interval:
    https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    """
    if not mails or count < bound.fewest:
        return False
    share = count / mails if mails >= WINDOW else compute_lower_end(count, mails)
    return share >= bound.share


def compute_lower_end(count: int, mails: int) -> float:
    """The share that `count` of so many mails speak for at least."""
    share, z2 = count / mails, _Z * _Z
    middle = share + z2 / (2 * mails)
    half = _Z * math.sqrt(share * (1 - share) / mails + z2 / (4 * mails * mails))
    return (middle - half) / (1 + z2 / mails)
