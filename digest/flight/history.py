"""An edition against the last seven: how many mails, how many readers have none, how many papers.

An edition grows all day, so it is compared with what the others were at the same hour, and an hour
of slack: somebody composes right now. The last seven hold one of each weekday, so what is ordinary
on a Sunday, or on the day of the weekly digests, is between the least and the most of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Func, IntegerField, Q
from django.utils.translation import gettext as _

from digest.models import Delivery, Edition
from digest.models.paper_ids import pick_from_contents

Status = Delivery.Status

EDITIONS = 7
SLACK = timedelta(hours=1)
FEWEST_EDITIONS = 3  # with so many to compare with, or it is not compared
FEWEST_READERS = 100  # in each of them, and in this one
TIMES = 3.0  # beyond the most, or below the least: signing up and holidays make no such leap
SAMPLE = 100  # mails of each edition whose papers are counted


class _ArrayLength(Func):
    """How long a list within JSON is, counted where it is stored: none of it has to be read."""

    function = "json_array_length"
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="jsonb_array_length", **context)


_COUNT = _ArrayLength(pick_from_contents("papers"))


@dataclass(frozen=True)
class Volume:
    """An edition until some hour."""

    mails: int = 0
    quiet: int = 0

    @property
    def readers(self) -> int:
        return self.mails + self.quiet

    @property
    def quiet_share(self) -> float:
        return self.quiet / self.readers if self.readers else 0.0


def list_earlier(edition: Edition) -> list[Edition]:
    """The editions it is compared with, the latest first."""
    return list(Edition.objects.filter(date__lt=edition.date).order_by("-date")[:EDITIONS])


def count_volumes(edition: Edition, *moments: datetime) -> list[Volume]:
    """What was composed for it until each of the moments. Reads all its rows: ask seldom."""
    is_quiet = Q(status=Status.QUIET)
    is_mail = ~is_quiet & ~Q(status=Status.SUPPRESSED)
    wanted = {}
    for number, moment in enumerate(moments):
        until = Q(covers_until__lte=moment)
        wanted[f"quiet{number}"] = Count("pk", filter=is_quiet & until)
        wanted[f"mails{number}"] = Count("pk", filter=is_mail & until)
    counts = Delivery.objects.filter(edition=edition).aggregate(**wanted)
    return [Volume(counts[f"mails{n}"], counts[f"quiet{n}"]) for n in range(len(moments))]


def expect_mails(edition: Edition) -> int:
    """How many mails it will have in the end, by the median of the last seven; 0 without any."""
    none = [Status.QUIET, Status.SUPPRESSED]
    rows = Delivery.objects.exclude(status__in=none)
    sums = sorted(rows.filter(edition=one).count() for one in list_earlier(edition))
    return sums[len(sums) // 2] if sums else 0


def compare_with_earlier(edition: Edition, now: datetime) -> list[str]:
    """What is far from what the last seven editions were, as sentences."""
    earlier, lows, highs = [], [], []
    for one in list_earlier(edition):
        same_hour = now - (edition.date - one.date)
        low, high = count_volumes(one, same_hour - SLACK, same_hour + SLACK)
        if high.readers >= FEWEST_READERS:
            earlier.append(one)
            lows.append(low)
            highs.append(high)
    [volume] = count_volumes(edition, now)
    if len(earlier) < FEWEST_EDITIONS or volume.readers < FEWEST_READERS:
        return []
    return [
        *_compare_mails(volume, lows, highs),
        *_compare_quiet(volume, highs),
        *_compare_papers(edition, earlier),
    ]


def _compare_mails(volume: Volume, lows: Sequence[Volume], highs: Sequence[Volume]) -> list[str]:
    """In the hour in which most of them are composed, the least may be none."""
    least, most = min(one.mails for one in lows), max(one.mails for one in highs)
    if least / TIMES <= volume.mails <= most * TIMES:
        return []
    return [
        _(
            "It has %(mails)s mails by now, and the last %(count)s editions had "
            "%(least)s to %(most)s around this hour."
        )
        % {
            "mails": f"{volume.mails:,}",
            "count": len(lows),
            "least": f"{least:,}",
            "most": f"{most:,}",
        }
    ]


def _compare_quiet(volume: Volume, earlier: Sequence[Volume]) -> list[str]:
    """More quiet than halfway from the most to all, or less than a third of the least."""
    shares = [one.quiet_share for one in earlier]
    least, most = min(shares), max(shares)
    if least / TIMES <= volume.quiet_share <= (1 + most) / 2:
        return []
    return [
        _(
            "%(quiet_share)s of its readers get no mail, and of the last %(count)s "
            "editions' %(least)s to %(most)s."
        )
        % {
            "quiet_share": f"{volume.quiet_share:.0%}",
            "count": len(earlier),
            "least": f"{least:.0%}",
            "most": f"{most:.0%}",
        }
    ]


def _compare_papers(edition: Edition, earlier: Sequence[Edition]) -> list[str]:
    papers = _count_papers(edition)
    others = [count for count in map(_count_papers, earlier) if count]
    if not others or not papers or min(others) / TIMES <= papers <= max(others) * TIMES:
        return []
    return [
        _(
            "Its mails hold %(papers)s papers each, and those of the last %(count)s "
            "editions %(least)s to %(most)s."
        )
        % {
            "papers": f"{papers:.1f}",
            "count": len(others),
            "least": f"{min(others):.1f}",
            "most": f"{max(others):.1f}",
        }
    ]


def _count_papers(edition: Edition) -> float:
    """Papers in a mail of the edition, by those of its oldest readers; 0.0 without any.

    By the index of editions and readers: in the order of their ids the database would look for the
    edition's first through all that ever was.
    """
    rows = Delivery.objects.filter(edition=edition).exclude(
        status__in=[Status.QUIET, Status.SUPPRESSED]
    )
    rows = rows.order_by("edition_id", "subscriber_id")
    counts = [count or 0 for count in rows.values_list(_COUNT, flat=True)[:SAMPLE]]
    return sum(counts) / len(counts) if counts else 0.0
